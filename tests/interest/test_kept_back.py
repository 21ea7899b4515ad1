"""Mails that the portal itself holds, because very many forms named one address: work for staff, in words that are true."""

from datetime import timedelta

import pytest
from django.db.models import F

from coalition.mail import actions as mail
from coalition.mail import queue, words
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.models import ExpressionOfInterest, Subscription
from tests.interest.conftest import registered, submit
from tests.interest.subscribing import ask
from tests.interest.test_forgetting import move_clocks
from tests.interest.test_limits import VICTIM

pytestmark = pytest.mark.django_db
OUTBOX = "/admin/mail/outgoingemail/"
HELD_BY_STAFF = "Staff hold it."
HELD_BY_PORTAL = "The portal holds it: very many forms named this address."


@pytest.fixture
def flooded(client, catalogue):
    """The mail that the portal holds."""
    for number in range(11):
        submit(client, "1103", email=VICTIM, message=str(number))
    return OutgoingEmail.objects.get(state="held")


def held_later(email):
    """As if staff had held it, in a later transaction than the one that wrote it."""
    mail.hold(ids=[email.pk])
    OutgoingEmail.objects.filter(pk=email.pk).update(created_at=F("created_at") - timedelta(hours=1))
    email.refresh_from_db()


def test_workplace_and_outbox_say_what_the_portal_holds_and_why(admin_client, flooded):
    held_later(OutgoingEmail.objects.filter(state="queued").latest("pk"))

    [work] = [item for item in admin_client.get("/admin/").context["to_do"] if item.url.endswith("=kept_back")]
    shown = admin_client.get(work.url)
    story = admin_client.get(f"{OUTBOX}{flooded.pk}/read/").content.decode()

    assert (str(work.label), work.count) == ("Mails that the portal holds until you release them", 1)
    assert list(shown.context["cl"].queryset) == [flooded]
    assert "Held by the portal" in story
    assert (HELD_BY_PORTAL in story, HELD_BY_STAFF in story) == (True, False)


def test_what_staff_hold_is_said_to_be_held_by_staff(flooded):
    for number, email in enumerate([OutgoingEmail.objects.filter(state="queued").latest("pk"), flooded]):
        if number:
            mail.release(ids=[email.pk])
        held_later(email)
        assert words.reason(email).startswith(HELD_BY_STAFF)
        assert words.state(email) == "Held by staff"
    assert not OutgoingEmail.objects.kept_back().exists()


def test_released_mail_is_no_work_any_more_and_goes(admin_client, flooded):
    admin_client.post(f"{OUTBOX}{flooded.pk}/act/release/")

    assert not OutgoingEmail.objects.kept_back().exists()
    queue.send_due()
    assert OutgoingEmail.objects.get(pk=flooded.pk).state == "sent"


def test_subscription_that_is_held_is_work_too(client, catalogue):
    for number in range(11):
        ask(client, query=f"search=word{number}", email=VICTIM)

    assert OutgoingEmail.objects.kept_back().get().kind == "subscribe"


def test_form_whose_mail_staff_release_on_the_last_day_lives_until_its_link_ends(client, catalogue, settings):
    expression = registered(client, "1103")
    OutgoingEmail.objects.update(state="held")
    ask(client)
    OutgoingEmail.objects.filter(kind="subscribe").update(state="held")
    move_clocks(settings.KEEP_UNVERIFIED_DAYS + 1)

    mail.release(ids=list(OutgoingEmail.objects.values_list("pk", flat=True)))
    actions.forget()
    assert ExpressionOfInterest.objects.get() == expression
    assert Subscription.objects.exists()

    move_clocks(settings.KEEP_UNVERIFIED_DAYS + 1)
    actions.forget()
    assert not ExpressionOfInterest.objects.exists()
    assert not Subscription.objects.exists()
