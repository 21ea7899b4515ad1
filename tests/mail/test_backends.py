"""However slowly a mail server talks, no sender is held for longer than the limit."""

import contextlib
import smtplib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from coalition.mail import queue
from coalition.mail.backends import DeadlineBackend
from coalition.mail.models import OutgoingEmail, Pause, Stage
from tests.mail.conftest import queued
from tests.mail.scripted import DRIP, SILENCE

pytestmark = [pytest.mark.smtp, pytest.mark.django_db]
State = OutgoingEmail.State
LIMIT = 0.5


@pytest.fixture
def slow(scripted, settings):
    settings.EMAIL_DIALOGUE_SECONDS = LIMIT
    return scripted


def seconds(function):
    """How long it takes, whatever comes of it."""
    begun = time.monotonic()
    with contextlib.suppress(queue.ChannelError, CommandError):
        function()
    return time.monotonic() - begun


@pytest.mark.parametrize("how", [DRIP, SILENCE])
@pytest.mark.parametrize("point", ["banner", "EHLO", "MAIL", "RCPT", "DATA", "end"])
def test_slow_answer_ends_at_the_limit(slow, point, how):
    slow.script[point] = [how]
    email = queued()

    assert LIMIT * 0.9 < seconds(queue.send_due) < LIMIT + 0.7

    email.refresh_from_db()
    if point in ("banner", "EHLO"):
        assert (email.state, email.attempts, Pause.objects.count()) == (State.QUEUED, 0, 1)
    else:
        assert (email.state, email.attempts, email.last_stage) == (State.RETRY, 1, Stage.BROKEN)
        assert not Pause.objects.exists()
    said = email.last_text or Pause.objects.get().text
    assert "timed out" in said or f"longer than {LIMIT} seconds" in said


def test_slow_answers_add_up_to_the_limit(slow):
    """Each one is quick enough by itself: 0.18 seconds at four points."""

    def answer(*told, usual=slow.answer):
        time.sleep(0.18)
        return usual(*told)

    slow.answer = answer
    queued()

    assert seconds(queue.send_due) < LIMIT + 0.7
    assert slow.accepted == []


def test_every_further_mail_has_the_limit_for_itself(slow):
    def answer(*told, usual=slow.answer):
        time.sleep(0.05)
        return usual(*told)

    slow.answer = answer
    for _ in range(3):
        queued()

    assert queue.send_due() == 3
    assert slow.dialogues == 1


def test_goodbye_that_is_never_answered_costs_two_seconds_and_no_mail(slow):
    slow.script["QUIT"] = [SILENCE]
    email = queued()

    assert seconds(queue.send_due) < 3

    email.refresh_from_db()
    assert email.state == State.SENT


def test_thread_of_a_pool_and_the_command_are_freed_too(slow):
    slow.every["banner"] = DRIP
    queued()
    assert seconds(lambda: call_command("send_mail")) < LIMIT + 0.7

    def talk():
        with pytest.raises(smtplib.SMTPServerDisconnected):
            DeadlineBackend().open()

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(seconds, [talk] * 8)) < LIMIT + 0.7
    assert connection.is_usable()


def test_result_that_stayed_unknown_is_tried_again_with_the_same_bytes(slow):
    slow.script["end"] = [DRIP]
    email = queued()
    queue.send_due()
    OutgoingEmail.objects.update(next_attempt_at=email.created_at, subject="Other words")

    assert queue.send_due() == 1

    email.refresh_from_db()
    assert slow.accepted == [bytes(email.frozen)] * 2


def test_server_that_does_not_read_ends_at_the_limit(slow, settings, monkeypatch):
    """The mail is larger than what the line holds."""
    monkeypatch.setattr(slow, "take", lambda client, lines: slow.misbehave(client, SILENCE, "end"))
    settings.EMAIL_DIALOGUE_SECONDS = 2  # putting so much together takes a while too
    email = queued(text=("y" * 70 + "\n") * 120_000, html="")

    assert seconds(queue.send_due) < 4

    email.refresh_from_db()
    assert (email.state, email.last_text) == (State.RETRY, "SMTPServerDisconnected: Server not connected")


def test_second_address_of_a_host_is_tried_when_the_first_is_dead(slow, monkeypatch):
    resolve = socket.getaddrinfo

    def two(host, port, *args, **kwargs):
        if host != "mail.example":
            return resolve(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two)

    backend = DeadlineBackend(host="mail.example")

    assert backend.open() is True
    backend.close()


def test_tls_from_the_first_byte_keeps_the_limit(slow):
    slow.every["banner"] = SILENCE

    def talk():
        with pytest.raises(OSError, match="timed out"):
            DeadlineBackend(use_ssl=True).open()

    assert seconds(talk) < LIMIT + 0.7
