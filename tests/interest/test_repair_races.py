"""Contact repair by many at the same moment, beside answers, and after a crash: one mail for each request, one decision."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import actions, emails
from interest.actions import redirecting
from interest.models import Answer, Event, Inquiry, Referral
from tests import factories
from tests.interest.conftest import answer_link, confirmed, registered, said, send_answer, status_link
from tests.interest.test_races import at_end_close, at_once, wait_for_blocked_query
from tests.interest.test_repair import OLD, form_of, repair_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editors(catalogue):
    """Two clients that are logged in, each as somebody else."""
    clients = []
    for name in ("first", "second"):
        user = get_user_model().objects.create_superuser(name)
        clients.append(Client())
        clients[-1].force_login(user)
    return clients


def decision(editor, page, email, **values):
    return form_of(editor.get(page)) | {"send": "1", "name": "New", "email": email, "scope": "takes_over"} | values


def click(editor, page, form):
    """With a client of its own, as threads must not share one."""
    client = Client()
    client.cookies = editor.cookies
    return client.post(page, form)


def test_two_editors_with_two_opinions_make_one_decision(client, editors, unodc):
    for number in range(3):
        confirmed(client, "1103", "1104", email=f"focal{number}@mvd.example")
    page = repair_page(Referral.objects.first())
    forms = [decision(editor, page, f"{name}@unodc.example") for editor, name in zip(editors, ("one", "two"), strict=True)]

    responses = at_once(20, lambda number: click(editors[number % 2], page, forms[number % 2]))

    assert sorted(response.status_code for response in responses) == [200] * 19 + [302]
    [winner] = set(OutgoingEmail.objects.filter(kind="contact").exclude(recipient=OLD).values_list("recipient", flat=True))
    assert OutgoingEmail.objects.filter(kind="contact", recipient=winner).count() == 3
    assert set(Inquiry.objects.open().values_list("address_key", flat=True)) == {winner}
    assert Event.objects.filter(what="redirected").count() == 3
    assert list(PointOfContact.objects.filter(name="New").values_list("email", flat=True)) == [winner]
    unodc.refresh_from_db()
    assert unodc.default_contact.email == winner


def test_two_corrections_of_one_contact_do_not_overwrite_each_other(client, editors, unodc):
    """Each editor ticked other requests, so both have something to do."""
    referrals = [confirmed(client, "1103", email=f"focal{number}@mvd.example").referrals.get() for number in range(2)]
    page = repair_page(referrals[0])
    forms = [
        decision(editor, page, f"{name}@unodc.example", scope="correct", referrals=[referral.pk])
        for editor, name, referral in zip(editors, ("one", "two"), referrals, strict=True)
    ]

    responses = at_once(20, lambda number: click(editors[number % 2], page, forms[number % 2]))

    assert sorted(response.status_code for response in responses) == [200] * 19 + [302]
    unodc.refresh_from_db()
    [mail] = OutgoingEmail.objects.filter(kind="contact").exclude(recipient=OLD)
    assert unodc.default_contact.email == mail.recipient


def test_two_contacts_replaced_by_one_at_the_same_time(client, editors, catalogue, unodc):
    """Both decisions change the contacts of one initiative."""
    others = [factories.contact(unodc, f"Other {number}") for number in range(2)]
    for contact in others:
        catalogue["3224"].contact_links.create(contact=contact, position=contact.pk)
    new = factories.contact(unodc, "New Person")
    confirmed(client, "1103")
    confirmed(client, "3224")
    default, own = (Referral.objects.get(initiative__code=code) for code in ("1103", "3224"))
    pages = [repair_page(default), repair_page(own, "canary.own@unodc.example")]
    forms = [form_of(editors[0].get(page)) | {"send": "1", "contact": new.pk, "scope": "takes_over"} for page in pages]

    responses = at_once(20, lambda number: click(editors[0], pages[number % 2], forms[number % 2]))

    assert sorted(response.status_code for response in responses) == [200] * 18 + [302] * 2
    assert set(Referral.objects.values_list("contact", flat=True)) == {new.pk}
    assert catalogue["3224"].contact_links.filter(contact=new).count() == 1


def test_an_answer_and_a_repair_at_once_end_in_a_whole_state(client, editors):
    confirmed(client, "1103")
    link, page = answer_link(), repair_page(Referral.objects.get())
    form = decision(editors[0], page, "new@unodc.example")

    def act(number):
        if number == 7:
            return click(editors[0], page, form)
        return send_answer(Client(), {"1103": said("noted", text=str(number))}, link)

    responses = at_once(20, act)

    assert {response.status_code for response in responses} <= {200, 302}
    was_moved = OutgoingEmail.objects.filter(recipient="new@unodc.example").count()
    assert was_moved == Event.objects.filter(what="redirected").count()
    assert OutgoingEmail.objects.filter(kind="answer").count() == Answer.objects.count()
    # Whoever came first: a request that was answered for good is not passed on, and one that was passed on is not answered.
    expected = ("waiting", "new@unodc.example") if was_moved else ("noted", OLD)
    assert Referral.objects.values_list("status", "email__recipient").get() == expected
    assert bool(Answer.objects.exists()) != bool(was_moved)


def test_a_withdrawal_and_a_repair_at_once_end_in_a_whole_state(client, editors):
    confirmed(client, "1103")
    status, page = status_link().rstrip("/"), repair_page(Referral.objects.get())
    form = decision(editors[0], page, "new@unodc.example")

    def act(number):
        if number % 2:
            return Client().post(f"{status}/withdraw/", {"initiatives": ["1103"]})
        return click(editors[0], page, form)

    responses = at_once(20, act)

    assert {response.status_code for response in responses} <= {200, 302}
    assert Referral.objects.values_list("status", "is_live").get() == ("withdrawn", False)
    assert OutgoingEmail.objects.filter(recipient="new@unodc.example", kind="contact").count() <= 1


def test_a_crash_in_the_middle_leaves_nothing_and_the_repeat_sends_each_once(client, editors, monkeypatch):
    for number in range(3):
        confirmed(client, "1103", email=f"focal{number}@mvd.example")
    page = repair_page(Referral.objects.first())
    form = decision(editors[0], page, "new@unodc.example")
    whole = emails.contact

    def dies_at_the_second(expression, **values):
        if OutgoingEmail.objects.filter(recipient="new@unodc.example").exists():
            raise SystemExit
        return whole(expression, **values)

    monkeypatch.setattr(emails, "contact", dies_at_the_second)
    with pytest.raises(SystemExit):
        editors[0].post(page, form)
    monkeypatch.setattr(emails, "contact", whole)

    assert not OutgoingEmail.objects.filter(recipient="new@unodc.example").exists()
    assert not PointOfContact.objects.filter(email="new@unodc.example").exists()
    assert Inquiry.objects.open().filter(address_key=OLD).count() == 3
    assert editors[0].post(page, form).status_code == 302
    assert OutgoingEmail.objects.filter(recipient="new@unodc.example").count() == 3
    assert OutgoingEmail.objects.filter(recipient=OLD, state="cancelled").count() == 3


# -- A request is confirmed in the very moment -----------------------------------------------------------------------------------


def stopped_in(monkeypatch, module, name):
    """The function waits in the middle of its transaction. Returns what tells that it is there, and what lets it go on."""
    there, go_on = threading.Event(), threading.Event()
    whole = getattr(module, name)

    def stops(*args, **values):
        there.set()
        assert go_on.wait(60)
        return whole(*args, **values)

    monkeypatch.setattr(module, name, stops)
    return there, go_on


def meet(first, second, there, go_on):
    """The second begins while the first is in the middle, and must wait for it."""
    with ThreadPoolExecutor(2) as threads:
        begun = threads.submit(at_end_close, first)
        assert there.wait(60)
        late = threads.submit(at_end_close, second)
        wait_for_blocked_query()
        go_on.set()
        return begun.result(60), late.result(60)


@pytest.mark.parametrize("scope", ["takes_over", "these", "correct"])
def test_repair_waits_for_a_confirmation_and_moves_its_request(client, editors, monkeypatch, scope):
    confirmed(client, "1103")
    late = registered(client, "1103", email="late@mvd.example")
    page = repair_page(Referral.objects.get(is_live=True))
    form = decision(editors[0], page, "new@unodc.example", scope=scope)
    there, go_on = stopped_in(monkeypatch, emails, "receipt")

    _confirmed, repaired = meet(lambda: actions.verify(expression=late), lambda: click(editors[0], page, form), there, go_on)

    assert repaired.status_code == 302
    assert late.referrals.get().email.recipient == "new@unodc.example"
    assert set(Inquiry.objects.open().values_list("address_key", flat=True)) == {"new@unodc.example"}


@pytest.mark.parametrize("scope", ["takes_over", "these", "correct"])
def test_confirmation_waits_for_a_repair_and_asks_the_new_contact(client, editors, monkeypatch, scope):
    confirmed(client, "1103")
    late = registered(client, "1103", email="late@mvd.example")
    page = repair_page(Referral.objects.get(is_live=True))
    form = decision(editors[0], page, "new@unodc.example", scope=scope)
    there, go_on = stopped_in(monkeypatch, redirecting, "tell")

    meet(lambda: click(editors[0], page, form), lambda: actions.verify(expression=late), there, go_on)

    assert late.referrals.get().email.recipient == "new@unodc.example"
    assert OutgoingEmail.objects.filter(kind="contact", recipient=OLD).values_list("state", flat=True).get() == "cancelled"


def test_confirmations_and_repairs_at_once_wait_for_each_other_and_not_forever(client, editors):
    confirmed(client, "1103")
    page = repair_page(Referral.objects.get())
    late = [registered(client, "1103", email=f"late{number}@mvd.example") for number in range(10)]
    form = decision(editors[0], page, "new@unodc.example")

    def act(number):
        return (
            click(editors[0], page, form).status_code if number % 2 else actions.verify(expression=late[number // 2]).is_verified
        )

    done = at_once(20, act)

    assert (done.count(True), done.count(302), done.count(200)) == (10, 1, 9)
    assert set(Inquiry.objects.open().values_list("address_key", flat=True)) == {"new@unodc.example"}
    assert Inquiry.objects.open().count() == 11
