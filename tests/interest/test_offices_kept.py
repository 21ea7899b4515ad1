"""The dated record names each office as it was called then, whatever staff call it later."""

import pytest
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import actions
from interest.models import Answer, Inquiry
from tests.interest.conftest import confirmed, said, send_answer, status_link
from tests.interest.test_following import page_of, reply, text_of

pytestmark = pytest.mark.django_db
THEN = "United Nations Office on Drugs and Crime (UNODC), Laboratory and Scientific Service"
NOW = "Office of Renamed Things"


@pytest.fixture
def renamed(client, catalogue, unodc):
    """Asked, answered and replied to under the old name, which the contact and the organization have no more."""
    expression = confirmed(client, "1103")
    queue.send_due()
    send_answer(client, {"1103": said("need_information", text="How many?")})
    reply(client, **{"1103": "Some 30."})
    send_answer(client, {"1103": said("noted")})
    PointOfContact.objects.filter(pk=unodc.default_contact.pk).update(section=NOW)
    unodc.name = "Renamed Organization"
    unodc.save()
    return expression


def test_status_page_and_record_keep_the_names(client, renamed):
    page = text_of(client.get(status_link()))

    assert NOW not in page
    assert "Renamed Organization" not in page
    assert f"The request was mailed to {THEN}." in page
    assert f"You gave information to {THEN}." in page
    assert f"{THEN} answered: Noted, no resources now." in page
    assert f"Sent to {THEN} on" in page


def test_reply_form_names_who_asked(client, catalogue):
    confirmed(client, "1103")
    queue.send_due()
    send_answer(client, {"1103": said("need_information", text="How many?")})
    PointOfContact.objects.update(section=NOW)

    assert f"Your reply to {THEN}" in text_of(client.get(page_of("reply")))


def test_story_keeps_the_names(admin_client, renamed):
    page = text_of(admin_client.get(reverse("admin:interest_referral_change", args=[renamed.referrals.get().pk])))

    assert page.count(f"Canary Default ({THEN})") >= 2
    assert f"Canary Default ({NOW})" not in page


def test_new_mails_and_rows_have_the_name_of_their_day(client, renamed):
    assert set(Inquiry.objects.values_list("office_name", flat=True)) == {THEN}

    send_answer(client, {"1103": said("acknowledged")})

    kept = list(Answer.objects.order_by("pk").values_list("kind", "office_name"))
    new = f"Renamed Organization (UNODC), {NOW}"
    assert kept == [("need_information", THEN), ("reply", THEN), ("noted", THEN), ("acknowledged", new)]
    last = OutgoingEmail.objects.filter(kind="answer").latest("pk")
    assert NOW in last.text
    assert THEN not in last.text


def test_coalitions_mailbox_has_no_name_in_the_record(client, catalogue):
    expression = confirmed(client, "3111")

    inquiry = expression.referrals.get().inquiries.get()

    assert (inquiry.office_name, inquiry.office) == ("", "the Coalition’s own mailbox")


def test_names_end_with_the_registration(client, renamed):
    actions.erase(expression=renamed)

    assert set(Inquiry.objects.values_list("office_name", flat=True)) == {""}
    assert set(Answer.objects.values_list("office_name", flat=True)) == {""}
