"""A mail that nobody should get any more is no work for staff, and is not sent again."""

import uuid

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now

from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.actions import briefing
from tests.interest.calendar import december
from tests.interest.conftest import confirmed, mail_of, registered
from tests.interest.test_repair import NEW, decided, repair_page

pytestmark = pytest.mark.django_db
OUTBOX = "/admin/mail/outgoingemail/"
REFUSED = (
    "Not sent: it is out of date. Somebody else is asked instead, its reader did what it asks for, or their details were erased."
)
NOT_DELIVERED = [
    {"state": "permanent_failure", "last_stage": "recipient", "last_code": 550, "last_text": "5.1.1 No such user"},
    {"state": "sent", "accepted_at": Now(), "returned_at": Now(), "returned_text": "550 full"},
    {"state": "retry", "attempts": 3},
]


def pressed(client, email, deed):
    response = client.post(f"{OUTBOX}{email.pk}/act/{deed}/")
    return [str(message) for message in get_messages(response.wsgi_request)]


def refused_in_both_ways(client, email):
    email.refresh_from_db()
    before = (email.state, OutgoingEmail.objects.count())
    for deed in ("send_again", "send_copy"):
        assert pressed(client, email, deed)[-1] == REFUSED
    email.refresh_from_db()
    return (email.state, OutgoingEmail.objects.count()) == before


def write_down(client, referral, kind):
    content = {"kind": kind, "key": uuid.uuid4(), "why": "On the telephone.", "text": "Words."}
    assert client.post(f"/admin/interest/referral/{referral.pk}/answer/", content).status_code == 302


@pytest.mark.parametrize("outcome", NOT_DELIVERED, ids=lambda outcome: outcome["state"])
def test_mail_whose_contact_was_repaired_is_done_with(admin_client, client, catalogue, outcome):
    referral = confirmed(client, "1103").referrals.get()
    mail = mail_of("contact")
    OutgoingEmail.objects.filter(pk=mail.pk).update(**outcome)

    decided(admin_client, repair_page(referral), name="Zed", email=NEW, scope="once", contact="")

    assert mail_of("contact", recipient=NEW).state == "queued"
    assert not OutgoingEmail.objects.undelivered().exists()
    assert refused_in_both_ways(admin_client, mail)
    page = admin_client.get(f"{OUTBOX}{mail.pk}/read/")
    assert page.context["buttons"] == {}
    if outcome["state"] != "sent":
        assert "It is out of date since" in page.context["reason"]


def test_mail_that_also_asks_about_something_else_stays_work(admin_client, client, catalogue):
    expression = confirmed(client, "1103", "1104")
    mail = mail_of("contact")
    OutgoingEmail.objects.filter(pk=mail.pk).update(**NOT_DELIVERED[0])
    one = expression.referrals.get(initiative__code="1103")

    decided(admin_client, repair_page(one), name="Zed", email=NEW, scope="once", contact="", referrals=[one.pk])

    assert list(OutgoingEmail.objects.undelivered()) == [mail]
    assert pressed(admin_client, mail, "send_again")[-1] == "1 mail is sent again."


@pytest.mark.parametrize("outcome", NOT_DELIVERED[:2], ids=lambda outcome: outcome["state"])
def test_mail_is_no_work_once_all_that_it_asks_is_settled_in_whichever_way(admin_client, client, catalogue, outcome):
    expression = confirmed(client, "1103", "1104")
    mail = mail_of("contact")
    OutgoingEmail.objects.filter(pk=mail.pk).update(**outcome)

    write_down(admin_client, expression.referrals.get(initiative__code="1103"), "noted")
    assert list(OutgoingEmail.objects.undelivered()) == [mail]
    actions.withdraw(expression=expression, codes=["1104"])

    assert not OutgoingEmail.objects.undelivered().exists()
    assert refused_in_both_ways(admin_client, mail)


def test_answered_one_and_redirected_one_settle_their_mail(admin_client, client, catalogue):
    expression = confirmed(client, "1103", "1104")
    OutgoingEmail.objects.filter(kind="contact").update(**NOT_DELIVERED[0])
    one, other = expression.referrals.order_by("initiative__code")

    write_down(admin_client, one, "noted")
    decided(admin_client, repair_page(other), name="Zed", email=NEW, scope="once", contact="", referrals=[other.pk])

    assert not OutgoingEmail.objects.undelivered().exists()


def test_mail_is_work_again_if_what_was_settled_is_open_again(admin_client, client, catalogue):
    referral = confirmed(client, "1103").referrals.get()
    mail = mail_of("contact")
    OutgoingEmail.objects.filter(pk=mail.pk).update(**NOT_DELIVERED[0])

    for kind, work in {"noted": [], "acknowledged": [mail]}.items():
        write_down(admin_client, referral, kind)
        assert list(OutgoingEmail.objects.undelivered()) == work


def test_mail_that_comes_back_after_the_answer_is_no_work_on_the_next_day(admin_client, client, catalogue, monkeypatch):
    write_down(admin_client, confirmed(client, "1103").referrals.get(), "noted")
    OutgoingEmail.objects.filter(kind="contact").update(**NOT_DELIVERED[1])
    monkeypatch.setattr(briefing, "database_day", lambda: december(2))

    assert actions.brief_staff() is None
    assert not OutgoingEmail.objects.undelivered().exists()


def test_verification_of_a_confirmed_address_is_not_sent_again(admin_client, client, catalogue):
    confirmed(client, "1103")
    waits = registered(client, "1104", email="other@mvd.example")
    verified, other = (mail_of("verification", recipient=address) for address in ("aigul@mvd.example", waits.email))
    OutgoingEmail.objects.filter(kind="verification").update(state="sent", accepted_at=Now())

    assert refused_in_both_ways(admin_client, verified)
    assert pressed(admin_client, other, "send_copy")[-1] == "1 second copy is sent."
