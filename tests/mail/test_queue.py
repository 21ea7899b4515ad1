"""The queue by itself: states, times and claims. What a real server does to it is in test_smtp.py."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models.functions import Now

from coalition.mail import actions, queue, tasks
from coalition.mail.models import OutgoingEmail
from tests.mail.conftest import let_probe, queued, waits

pytestmark = pytest.mark.django_db
State = OutgoingEmail.State


@pytest.fixture
def refusing(monkeypatch):
    """Makes the mail server refuse every recipient with the answer given."""

    def refuse(code, text=b"no"):
        def send_messages(self, messages):
            raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (code, text)})

        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages)

    return refuse


def make_due():
    OutgoingEmail.objects.update(next_attempt_at=Now())


def let_lease_run_out():
    OutgoingEmail.objects.filter(state=State.SENDING).update(lease_until=Now() - timedelta(seconds=1))


def test_send_due_sends_each_mail_once_and_notes_it():
    first, second = queued("a@x.example"), queued("b@x.example")

    assert queue.send_due() == 2
    assert queue.send_due() == 0

    assert [message.to for message in mail.outbox] == [["a@x.example"], ["b@x.example"]]
    for email in (first, second):
        email.refresh_from_db()
        assert (email.state, email.attempts, email.claims, email.lease_until) == (State.SENT, 1, 0, None)
        assert email.accepted_at >= email.created_at


def test_send_due_leaves_alone_what_is_held_cancelled_or_later():
    for state in (State.HELD, State.CANCELLED, State.PARKED, State.PERMANENT_FAILURE, State.TEMPORARY_FAILURE):
        OutgoingEmail.objects.filter(pk=queued().pk).update(state=state)
    OutgoingEmail.objects.filter(pk=queued().pk).update(next_attempt_at=Now() + timedelta(minutes=1))

    assert queue.send_due() == 0
    assert mail.outbox == []


def test_claim_counts_the_attempt_and_takes_a_lease():
    queued()

    email = queue.claim()
    stored = OutgoingEmail.objects.annotate(now=Now()).get()

    assert (stored.state, stored.attempts, stored.claims) == (State.SENDING, 1, 1)
    assert timedelta(minutes=4) < stored.lease_until - stored.now <= OutgoingEmail.LEASE
    assert email.lease_until == stored.lease_until
    assert queue.claim() is None


def test_claim_takes_an_abandoned_row_only_after_its_lease():
    queued()
    queue.claim()
    assert queue.claim() is None

    let_lease_run_out()

    assert queue.claim().attempts == 2


def test_record_after_the_lease_changes_nothing():
    queued()
    slow = queue.claim()
    let_lease_run_out()
    fast = queue.claim()

    assert queue.record(slow, state=State.PERMANENT_FAILURE) is False
    assert OutgoingEmail.objects.get().state == State.SENDING
    assert queue.record(fast, state=State.SENT, accepted_at=Now()) is True


def test_a_retry_sends_the_same_bytes_whatever_has_changed(refusing, monkeypatch, settings):
    email = queued()
    with monkeypatch.context() as patched:
        patched.setattr(
            "django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_: (_ for _ in ()).throw(TimeoutError())
        )
        queue.send_due()
    email.refresh_from_db()
    frozen = bytes(email.frozen)
    settings.DEFAULT_FROM_EMAIL = "new@example.org"
    OutgoingEmail.objects.update(text="Other words", next_attempt_at=Now())

    queue.send_due()

    assert mail.outbox[0].message().as_bytes() == frozen
    assert email.message_id.encode() in frozen


def test_refusals_wait_longer_and_longer(refusing):
    refusing(451, b"4.7.1 greylisted")
    email = queued()

    waited = []
    for _attempt in range(6):
        make_due()
        queue.send_due()
        waited.append(round(waits(email) / timedelta(minutes=1)))

    assert waited == [1, 5, 15, 30, 60, 60]
    email.refresh_from_db()
    assert (email.state, email.attempts, email.claims) == (State.RETRY, 6, 0)
    assert (email.last_code, email.last_text) == (451, "4.7.1 greylisted")


def test_refusals_end_after_three_days(refusing):
    refusing(451)
    email = queued()
    queue.send_due()
    OutgoingEmail.objects.update(failing_since=Now() - timedelta(hours=71), next_attempt_at=Now())
    queue.send_due()
    email.refresh_from_db()
    assert email.state == State.RETRY

    OutgoingEmail.objects.update(failing_since=Now() - timedelta(hours=73), next_attempt_at=Now())
    queue.send_due()

    email.refresh_from_db()
    assert email.state == State.TEMPORARY_FAILURE


@pytest.mark.parametrize("code", [421, 454, 530, 534, 535])
def test_channel_failure_burns_no_attempt_and_ends_the_round(refusing, code):
    refusing(code)
    queued("a@x.example")
    queued("b@x.example")

    with pytest.raises(queue.ChannelError, match=str(code)):
        queue.send_due()

    assert set(OutgoingEmail.objects.values_list("state", "attempts", "claims", "lease_until")) == {(State.QUEUED, 0, 0, None)}
    assert OutgoingEmail.objects.due().count() == 2


def test_channel_failure_leaves_a_retried_mail_at_its_count(refusing):
    email = queued()
    refusing(451)
    queue.send_due()
    make_due()
    refusing(535)

    with pytest.raises(queue.ChannelError):
        queue.send_due()

    email.refresh_from_db()
    assert (email.state, email.attempts) == (State.RETRY, 1)


def test_a_row_that_cannot_be_put_together_does_not_stop_the_others():
    bad, good = queued("a@x.example"), queued("b@x.example")
    OutgoingEmail.objects.filter(pk=bad.pk).update(reply_to="a@x.example\r\nBcc: all@x.example")

    assert queue.send_due() == 1

    bad.refresh_from_db()
    assert bad.state == State.PERMANENT_FAILURE
    assert [message.to for message in mail.outbox] == [[good.recipient]]


def test_a_row_that_kills_its_sender_is_parked_after_five_claims():
    killer, good = queued("a@x.example"), queued("b@x.example")
    for _claim in range(OutgoingEmail.CLAIMS):
        assert queue.claim() == killer
        let_lease_run_out()

    assert queue.send_due() == 1

    killer.refresh_from_db()
    good.refresh_from_db()
    assert (killer.state, killer.attempts, good.state) == (State.PARKED, 5, State.SENT)


def test_an_unexpected_error_stops_only_this_mail_and_parks_it(monkeypatch):
    bad, good = queued("a@x.example"), queued("b@x.example")
    send = mail.backends.locmem.EmailBackend.send_messages

    def send_messages(self, messages):
        if messages[0].to == [bad.recipient]:
            raise ZeroDivisionError
        return send(self, messages)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages)

    for claim in range(1, OutgoingEmail.CLAIMS + 1):
        assert queue.send_due() == (claim == 1)
        bad.refresh_from_db()
        assert (bad.state, bad.claims, bad.last_text) == (State.SENDING, claim, "ZeroDivisionError()")
        assert OutgoingEmail.objects.filter(lease_until__gt=Now(), lease_until__lte=Now() + timedelta(minutes=1)).get() == bad
        let_lease_run_out()
    queue.send_due()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (State.PARKED, State.SENT)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, RecursionError, TypeError, UnicodeDecodeError])
def test_poison_in_building_is_parked_and_a_hundred_neighbors_arrive(monkeypatch, error):
    bad = queued("a@x.example")
    for number in range(100):
        queued(f"n{number}@x.example")

    def build(email, usual=queue.build):
        if email.pk == bad.pk:
            raise error(*(["utf-8", b"", 0, 1, "x"] if error is UnicodeDecodeError else ["boom"]))
        return usual(email)

    monkeypatch.setattr(queue, "build", build)
    for _round in range(OutgoingEmail.CLAIMS + 1):
        queue.send_due()
        let_lease_run_out()

    assert OutgoingEmail.objects.filter(state=State.SENT).count() == len(mail.outbox) == 100
    bad.refresh_from_db()
    assert bad.state == (State.PERMANENT_FAILURE if error is UnicodeDecodeError else State.PARKED)
    assert list(OutgoingEmail.objects.undelivered()) == [bad]
    monkeypatch.undo()
    actions.send_again(ids=[bad.pk])
    assert queue.send_due() == 1


def test_an_error_of_the_database_is_not_held_against_the_mail(monkeypatch):
    email = queued()
    monkeypatch.setattr(queue, "freeze", lambda _email: (_ for _ in ()).throw(OperationalError("gone")))

    with pytest.raises(OperationalError):
        queue.send_due()

    email.refresh_from_db()
    assert (email.state, email.last_text) == (State.SENDING, "")


def test_loop_survives_a_poisonous_row(monkeypatch, capsys):
    bad, good = queued("a@x.example"), queued("b@x.example")
    command = "coalition.mail.management.commands.send_mail"
    monkeypatch.setattr(queue, "build", lambda email, usual=queue.build: 1 // 0 if email.pk == bad.pk else usual(email))
    monkeypatch.setattr(f"{command}.close_old_connections", lambda: None)
    monkeypatch.setattr(f"{command}.time.sleep", lambda _seconds: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        call_command("send_mail", loop=True)

    good.refresh_from_db()
    assert good.state == State.SENT


def test_task_says_why_nothing_can_be_sent(refusing, caplog):
    refusing(535, b"bad password")
    queued()

    assert tasks.send_due() == 0
    assert tasks.send_due() == 0  # in the pause, nothing is tried and nothing said
    assert caplog.messages == [
        "All mail is paused, and tried again every minute: 535 bad password",
        "No mail can be sent now, the queue waits: 535 bad password",
    ]


def test_command_sends_and_says_how_many(capsys):
    queued()

    call_command("send_mail")
    assert capsys.readouterr().out == "sent 1\n"


def test_command_fails_when_the_server_is_away(refusing):
    refusing(535)
    queued()

    for _try in ("the first", "one in the pause"):
        with pytest.raises(CommandError, match="the queue waits: 535 no"):
            call_command("send_mail")


def test_command_in_a_loop_goes_on_when_the_server_is_away(refusing, monkeypatch, capsys):
    command = "coalition.mail.management.commands.send_mail"
    queued()
    accept = mail.backends.locmem.EmailBackend.send_messages
    refusing(535)
    pauses = []

    def sleep(_seconds):
        """In the first pause the mail server comes back, in the second somebody presses Ctrl-C."""
        if pauses:
            raise KeyboardInterrupt
        pauses.append("first")
        let_probe()
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", accept)

    monkeypatch.setattr(f"{command}.close_old_connections", lambda: None)
    monkeypatch.setattr(f"{command}.time.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        call_command("send_mail", loop=True)

    assert capsys.readouterr() == ("sent 1\n", "No mail can be sent now, the queue waits: 535 no (trying again)\n")
