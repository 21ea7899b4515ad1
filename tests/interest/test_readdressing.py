"""What still waits for an address when its contact is repaired goes to the new one, each once, and never to the old one."""

import uuid

import pytest
from django.db.models.functions import Now

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import actions
from interest.models import Inquiry, Referral
from tests.interest.conftest import confirmed, said, send_answer
from tests.interest.test_following import DETAILS
from tests.interest.test_repair import NEW, OLD, decided, form_of, repair_page

pytestmark = pytest.mark.django_db
TAKES_OVER = {"scope": "takes_over", "name": "Zed", "email": NEW, "contact": ""}
CORRECT = {"scope": "correct", "name": "Canary Default", "email": NEW, "contact": ""}
THESE = {"scope": "these", "name": "Zed", "email": NEW, "contact": ""}
UNSENT = ["queued", "retry", "held", "permanent_failure"]


def unsent_reply(client, *codes):
    """Somebody at the old address asked, the focal point told, and the mail with it has not been sent."""
    expression = confirmed(client, *codes)
    queue.send_due()
    send_answer(client, {codes[0]: said("need_information", text="How many?")})
    queue.send_due()
    actions.reply(expression=expression, key=uuid.uuid4(), texts={codes[0]: "Some 30."})
    return expression


def leave_out(kind, state):
    OutgoingEmail.objects.filter(kind=kind).update(state=state)


def to(address):
    """What goes to the address, or went there."""
    dead = OutgoingEmail.objects.exclude(superseded_at=None)
    mails = OutgoingEmail.objects.filter(recipient=address).exclude(pk__in=dead.exclude(state="sent"))
    return list(mails.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("state", UNSENT)
@pytest.mark.parametrize("decision", [TAKES_OVER, CORRECT, THESE])
def test_unsent_reply_reaches_the_new_address_once(client, admin_client, catalogue, state, decision):
    referral = unsent_reply(client, "1103").referrals.get()
    leave_out("reply", state)
    page = repair_page(referral)

    assert decided(admin_client, page, **decision, referrals=[referral.pk]).status_code == 302
    decided(admin_client, page, **decision, referrals=[referral.pk])

    assert to(OLD) == ["contact", "recorded"]
    assert to(NEW) == ["contact", "reply"]
    assert "Some 30." in OutgoingEmail.objects.get(kind="reply", recipient=NEW).text
    assert not OutgoingEmail.objects.undelivered().exists()


def test_unsent_correction_is_part_of_the_new_request(client, admin_client, catalogue):
    expression = confirmed(client, "1103")
    queue.send_due()
    actions.correct(expression=expression, **DETAILS)

    decided(admin_client, repair_page(expression.referrals.get()), **TAKES_OVER)

    assert to(OLD) == ["contact"]
    assert to(NEW) == ["contact"]
    assert DETAILS["name"] in OutgoingEmail.objects.get(kind="contact", recipient=NEW).text


def test_unsent_withdrawal_reaches_who_takes_over_also_of_a_request_where_nothing_waits(client, admin_client, catalogue):
    waiting, withdrawn = confirmed(client, "1103"), confirmed(client, "1103", "1104", email="other@mvd.example")
    queue.send_due()
    actions.withdraw(expression=withdrawn, codes=["1103", "1104"])

    decided(admin_client, repair_page(waiting.referrals.get()), **TAKES_OVER)

    assert to(OLD) == ["contact", "contact"]
    assert to(NEW) == ["contact", "withdrawal"]
    text = OutgoingEmail.objects.get(kind="withdrawal", recipient=NEW).text
    assert withdrawn.reference in text
    assert "Title of 1104" in text


def test_unsent_withdrawal_still_goes_where_somebody_reads(client, admin_client, catalogue):
    expression = confirmed(client, "1103", "1104")
    queue.send_due()
    actions.withdraw(expression=expression, codes=["1104"])

    decided(admin_client, repair_page(expression.referrals.get(initiative__code="1103")), **THESE)

    assert to(OLD) == ["contact", "withdrawal"]
    assert to(NEW) == ["contact"]


def test_what_an_editor_leaves_at_a_dead_address_is_held(client, admin_client, catalogue):
    left, moved = unsent_reply(client, "1103"), confirmed(client, "1103", email="other@mvd.example")
    page = repair_page(moved.referrals.get())

    decided(admin_client, page, **TAKES_OVER, referrals=[moved.referrals.get().pk])

    assert OutgoingEmail.objects.get(kind="reply").state == "held"
    decided(
        admin_client,
        repair_page(left.referrals.get()),
        scope="once",
        contact=PointOfContact.objects.get(email=NEW).pk,
        name="",
        email="",
    )
    assert to(OLD) == ["contact", "recorded"]
    assert to(NEW) == ["contact", "contact", "reply"]


def test_what_another_contact_at_that_address_waits_for_stays(client, admin_client, catalogue):
    """Only what its own contact was asked about is passed on."""
    expression = unsent_reply(client, "1103")
    healer = confirmed(client, "2206A", email="other@mvd.example")

    decided(admin_client, repair_page(healer.referrals.get(), "canary.healer@who.example"), **THESE)

    assert OutgoingEmail.objects.get(kind="reply").recipient == OLD
    assert OutgoingEmail.objects.get(kind="reply").state == "queued"
    assert Inquiry.objects.open().get(referral=expression.referrals.get(), address_key=OLD)


@pytest.mark.parametrize(
    ("decision", "moves"), [(TAKES_OVER, True), (CORRECT, True), (THESE, True), ({**THESE, "scope": "once"}, False)]
)
def test_request_that_comes_while_an_editor_decides(client, admin_client, catalogue, decision, moves):
    """What the editor could not see goes where all such requests go from now on; nobody leaves it at the old address unseen."""
    page = repair_page(confirmed(client, "1103").referrals.get())
    form = form_of(admin_client.get(page)) | {"send": "1"} | decision
    late = confirmed(client, "1103", email="late@mvd.example")

    assert admin_client.post(page, form).status_code == 302

    assert late.referrals.get().email.recipient == (NEW if moves else OLD)


def test_request_that_was_unticked_is_not_moved(client, admin_client, catalogue):
    first, second = confirmed(client, "1103"), confirmed(client, "1103", email="other@mvd.example")
    page = repair_page(first.referrals.get())

    decided(admin_client, page, **TAKES_OVER, referrals=[first.referrals.get().pk])

    assert second.referrals.get().email.recipient == OLD
    assert second.referrals.get().email.state == "held"
    assert list(Referral.objects.asked_in_vain()) == [second.referrals.get()]


def test_preview_shows_what_is_passed_on(client, admin_client, catalogue):
    page = repair_page(unsent_reply(client, "1103").referrals.get())

    response = decided(admin_client, page, step="preview", **TAKES_OVER)

    assert ["Some 30." in mail.text for mail in response.context["previews"]] == [False, True]
    assert OutgoingEmail.objects.get(kind="reply").recipient == OLD


def test_mail_that_left_is_not_repeated(client, admin_client, catalogue):
    referral = unsent_reply(client, "1103").referrals.get()
    OutgoingEmail.objects.filter(kind="reply").update(state="sent", accepted_at=Now())

    decided(admin_client, repair_page(referral), **TAKES_OVER)

    assert to(OLD) == ["contact", "recorded", "reply"]
    assert to(NEW) == ["contact"]
