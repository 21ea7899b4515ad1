"""A mail that nobody should get any more is no work for staff, and is not sent again."""

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now

from coalition.mail.models import OutgoingEmail
from tests.interest.conftest import confirmed, mail_of, registered
from tests.interest.test_repair import NEW, decided, repair_page

pytestmark = pytest.mark.django_db
OUTBOX = "/admin/mail/outgoingemail/"
REFUSED = "Not sent: it is out of date. Somebody else is asked instead, or its reader did what it asks for."
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


def test_verification_of_a_confirmed_address_is_not_sent_again(admin_client, client, catalogue):
    confirmed(client, "1103")
    waits = registered(client, "1104", email="other@mvd.example")
    verified, other = (mail_of("verification", recipient=address) for address in ("aigul@mvd.example", waits.email))
    OutgoingEmail.objects.filter(kind="verification").update(state="sent", accepted_at=Now())

    assert refused_in_both_ways(admin_client, verified)
    assert pressed(admin_client, other, "send_copy")[-1] == "1 second copy is sent."
