"""Whose fault it is: one mail's, one reader's server's, or our own mail server's. Only the last keeps everybody waiting."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from coalition.mail import queue, tasks
from coalition.mail.models import OutgoingEmail, Pause, Stage
from tests.mail.conftest import let_probe, queued, waits
from tests.mail.scripted import CUT, DRIP

pytestmark = [pytest.mark.smtp, pytest.mark.django_db]
State = OutgoingEmail.State
NOT_YOU = "421 4.7.0 not you"


@pytest.fixture
def unwelcome(scripted):
    """A mail whose recipient is answered with 421 at every try, after it paused all mail once and another one got through."""
    unwelcome = queued("unwelcome@x.example")
    scripted.script["RCPT"] = [NOT_YOU]
    tasks.send_due()
    assert Pause.objects.exists()
    queued("other@x.example")
    let_probe()
    OutgoingEmail.objects.filter(pk=unwelcome.pk).update(next_attempt_at=Now())
    scripted.script["RCPT"] = ["250 OK", NOT_YOU]
    return unwelcome


def again(email, server):
    OutgoingEmail.objects.filter(pk=email.pk).update(next_attempt_at=Now())
    server.script["RCPT"] = [NOT_YOU]
    tasks.send_due()
    email.refresh_from_db()


def test_421_to_the_same_mail_again_counts_as_its_own(scripted, unwelcome):
    OutgoingEmail.objects.filter(recipient="other@x.example").update(next_attempt_at=Now() - timedelta(hours=1))

    assert queue.send_due() == 1

    unwelcome.refresh_from_db()
    assert (unwelcome.state, unwelcome.attempts, unwelcome.last_code) == (State.RETRY, 1, 421)
    assert timedelta(seconds=40) < waits(unwelcome) <= timedelta(minutes=1)
    assert not Pause.objects.exists()


def test_mail_that_always_meets_421_is_given_up_after_three_days(scripted, unwelcome):
    OutgoingEmail.objects.filter(recipient="other@x.example").update(next_attempt_at=Now() - timedelta(hours=1))
    tasks.send_due()
    again(unwelcome, scripted)
    assert (unwelcome.state, unwelcome.attempts) == (State.RETRY, 2)

    OutgoingEmail.objects.filter(pk=unwelcome.pk).update(failing_since=Now() - timedelta(hours=73))
    again(unwelcome, scripted)

    assert (unwelcome.state, unwelcome.last_text) == (State.TEMPORARY_FAILURE, "4.7.0 not you")
    assert not Pause.objects.exists()


def test_421_again_pauses_as_long_as_nothing_else_got_through(scripted):
    email = queued()
    for _minute in range(3):
        let_probe()
        again(email, scripted)
        assert (email.state, email.attempts, email.last_code) == (State.QUEUED, 0, 421)
        assert Pause.objects.exists()


@pytest.mark.parametrize("point", ["EHLO", "AUTH"])
def test_reason_of_a_pause_is_what_the_server_said_before_it_hung_up(scripted, settings, point):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "secret"
    scripted.script = {
        "EHLO": ["421 4.3.2 full house"] if point == "EHLO" else ["250-AUTH LOGIN\r\n250 OK"],
        "HELO": [CUT],
        "AUTH": ["421 4.3.2 full house", CUT],
    }
    queued()

    tasks.send_due()

    assert (Pause.objects.get().code, Pause.objects.get().text) == (421, "4.3.2 full house")


def test_name_service_that_hangs_holds_its_sender_no_longer_than_a_dialogue(scripted, settings, monkeypatch):
    settings.EMAIL_DIALOGUE_SECONDS = 1
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: released.wait(30))
    queued()
    begun = time.monotonic()

    tasks.send_due()

    released.set()
    assert time.monotonic() - begun < 10
    assert "TimeoutError: The name service did not find 127.0.0.1 within 1 seconds." in Pause.objects.get().text


def test_domain_that_holds_a_sender_up_lets_the_others_go_first(scripted, settings):
    settings.EMAIL_DIALOGUE_SECONDS = 1
    first, second, third = (queued(f"{name}@tarpit.example") for name in ("a", "b", "c"))
    good = queued("good@x.example")
    scripted.script["RCPT"] = [DRIP]

    assert queue.send_due() == 1

    good.refresh_from_db()
    assert good.state == State.SENT
    first.refresh_from_db()
    assert (first.state, first.last_stage) == (State.RETRY, Stage.BROKEN)
    for neighbor in (second, third):
        neighbor.refresh_from_db()
        assert (neighbor.state, neighbor.attempts) == (State.QUEUED, 0)
        assert timedelta(seconds=40) < waits(neighbor) <= timedelta(minutes=1)
