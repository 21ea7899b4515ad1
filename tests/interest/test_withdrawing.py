"""Withdrawing while the request is still in our own queue: who was never asked is told nothing."""

import pytest
from django.db.models import F

from coalition.mail import actions as mail_actions
from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.models import Event, Referral
from tests.interest.conftest import confirmed, status_link
from tests.interest.test_following import text_of, withdraw

pytestmark = pytest.mark.django_db
UNODC = "canary.default@unodc.example"
WHO = "canary.healer@who.example"


def mails_to_contacts():
    """By recipient, the kinds and states of what was written to contacts."""
    told = {}
    for email in OutgoingEmail.objects.filter(recipient__contains="canary").order_by("pk"):
        told.setdefault(email.recipient, []).append((email.kind, email.state))
    return told


def test_request_that_was_not_sent_yet_is_canceled_and_nobody_is_told(client, catalogue):
    expression = confirmed(client, "1103", "1104")

    withdraw(client, "1103", "1104")

    assert mails_to_contacts() == {UNODC: [("contact", "cancelled")]}
    assert queue.send_due() == 3  # what the focal point gets: the verification, the receipt and the notice
    assert Event.objects.filter(what="withdrawn").count() == 1
    page = text_of(client.get(status_link()))
    assert page.count("You withdrew it before it was sent: United Nations Office on Drugs and Crime") == 2
    assert "is told by mail" not in page
    assert {referral.delivery for referral in expression.referrals.with_recipients()} == {Referral.Delivery.CANCELED}


def test_request_about_something_live_is_sent_and_followed_by_the_withdrawal(client, catalogue):
    confirmed(client, "1103", "1104", "2206A")

    withdraw(client, "1103")
    withdraw(client, "2206A")

    assert mails_to_contacts() == {
        UNODC: [("contact", "queued"), ("withdrawal", "queued")],
        WHO: [("contact", "cancelled")],
    }


def test_withdrawing_one_after_the_other_leaves_nothing_to_send(client, catalogue):
    expression = confirmed(client, "1103", "1104")
    details = {"job_title": "Head", "institution": "Ministry of Health", "phone": ""}

    withdraw(client, "1103")
    actions.correct(expression=expression, name="Somebody Else", **details)
    withdraw(client, "1104")

    assert mails_to_contacts() == {UNODC: [("contact", "cancelled"), ("withdrawal", "cancelled"), ("correction", "cancelled")]}


def test_request_on_hold_is_canceled_too(client, catalogue):
    confirmed(client, "1103")
    mail_actions.hold(ids=list(OutgoingEmail.objects.filter(kind="contact").values_list("pk", flat=True)))

    withdraw(client, "1103")

    assert mails_to_contacts() == {UNODC: [("contact", "cancelled")]}


@pytest.mark.parametrize("state", ["sending", "retry", "sent", "parked"])
def test_request_that_a_mail_server_may_have_heard_of_is_followed_by_the_withdrawal(client, catalogue, state):
    confirmed(client, "1103")
    OutgoingEmail.objects.filter(kind="contact").update(
        state=state, attempts=1, lease_until=F("created_at"), accepted_at=F("created_at")
    )

    withdraw(client, "1103")

    assert mails_to_contacts() == {UNODC: [("contact", state), ("withdrawal", "queued")]}
    assert "is told by mail" in text_of(client.get(status_link()))


def test_request_that_staff_canceled_is_shown_as_not_sent(client, catalogue):
    confirmed(client, "1103")
    mail_actions.cancel(ids=list(OutgoingEmail.objects.filter(kind="contact").values_list("pk", flat=True)))

    page = text_of(client.get(status_link()))

    assert "Was not sent" in page
    assert "was not sent. The Coalition’s staff can see this." in page
    assert "could not be delivered" not in page
    assert not OutgoingEmail.objects.undelivered().exists()


def test_request_that_came_back_is_shown_as_not_delivered(client, catalogue):
    confirmed(client, "1103")
    queue.send_due()
    OutgoingEmail.objects.filter(kind="contact").update(returned_at=F("accepted_at"), returned_text="550 who?")

    page = text_of(client.get(status_link()))

    assert "could not be delivered. The Coalition’s staff can see this." in page
    assert "550" not in page
