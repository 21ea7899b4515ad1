import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError
from django.db import IntegrityError, connection
from django.db.models.functions import Now

from coalition.mail import actions, checks, queue
from coalition.mail.models import OutgoingEmail
from tests.mail.conftest import queued

pytestmark = pytest.mark.django_db
State = OutgoingEmail.State


def test_write_queues_a_mail_that_is_due_at_once():
    email = queued("Focal.Point@Ministry.example")

    assert (email.state, email.attempts, email.recipient) == (State.QUEUED, 0, "Focal.Point@ministry.example")
    assert re.fullmatch(r"<[0-9a-f-]{36}@example\.org>", email.message_id)
    assert list(OutgoingEmail.objects.due()) == [email]


def test_write_twice_with_one_key_keeps_the_first():
    first = queued(key="verify:1", subject="First")
    second = queued(key="verify:1", subject="Second")

    assert second == first
    assert [email.subject for email in OutgoingEmail.objects.all()] == ["First"]


@pytest.mark.parametrize("breaker", ["\r\nBcc: b@example.org", "\n", "\r", "\x00", "\x85", "\u2028", "\u2029"])
def test_write_refuses_a_subject_of_several_lines(breaker):
    with pytest.raises(BadHeaderError):
        queued(subject=f"Hello{breaker}")


@pytest.mark.parametrize("field", ["recipient", "reply_to"])
def test_write_refuses_an_address_we_do_not_write_to(field):
    with pytest.raises(ValidationError):
        queued(**{field: '"a,evil@x.example"@example.org'})


def test_hold_keeps_a_mail_until_it_is_released():
    email = queued()

    assert actions.hold(ids=[email.pk]) == [email]
    assert not OutgoingEmail.objects.due().exists()
    assert actions.release(ids=[email.pk]) == [email]
    assert OutgoingEmail.objects.due().get() == email


@pytest.mark.parametrize("values", [{"state": State.SENT}, {"state": State.SENDING}])
def test_database_refuses_a_state_without_its_proof(values):
    with pytest.raises(IntegrityError):
        OutgoingEmail.objects.filter(pk=queued().pk).update(**values)


def test_hold_leaves_alone_what_is_sent():
    email = queued()
    OutgoingEmail.objects.update(state=State.SENT, accepted_at=email.created_at)

    assert actions.hold(ids=[email.pk]) == []
    assert actions.release(ids=[email.pk]) == []
    assert actions.cancel(ids=[email.pk]) == []


@pytest.mark.parametrize("state", [State.QUEUED, State.RETRY, State.HELD])
def test_cancel_ends_what_waits(state):
    email = queued()
    OutgoingEmail.objects.update(state=state)

    assert actions.cancel(ids=[email.pk]) == [email]

    assert queue.send_due() == 0
    email.refresh_from_db()
    assert email.state == State.CANCELLED


# -- Send again ----------------------------------------------------------------------------------------------------------------

NEVER_ACCEPTED = [State.RETRY, State.PERMANENT_FAILURE, State.TEMPORARY_FAILURE, State.PARKED, State.CANCELLED]


def sent(mailoutbox):
    email = queued()
    queue.send_due()
    email.refresh_from_db()
    return email


@pytest.mark.parametrize("state", NEVER_ACCEPTED)
def test_send_again_what_was_never_accepted_keeps_its_message_id_and_bytes(state, mailoutbox):
    email = queued()
    claimed = queue.claim()
    queue.freeze(claimed)
    old = {"failing_since": Now(), "attempts": 80, "claims": 5, "lease_until": None, "last_code": 550, "last_text": "gone"}
    OutgoingEmail.objects.update(state=state, **old)

    first = actions.send_again(ids=[email.pk])
    second = actions.send_again(ids=[email.pk])

    assert (first, second) == ([email], [])
    email.refresh_from_db()
    assert (email.state, email.attempts, email.claims, email.failing_since) == (State.QUEUED, 0, 0, None)
    assert queue.send_due() == 1
    assert actions.send_again(ids=[email.pk]) == []  # a click that comes after it was sent
    assert queue.send_due() == 0
    [message] = mailoutbox
    assert message.message().as_bytes() == bytes(claimed.frozen)
    assert OutgoingEmail.objects.count() == 1


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.HELD, State.SENT])
def test_send_again_leaves_alone_what_is_on_its_way_or_held_or_sent(state):
    email = queued()
    OutgoingEmail.objects.update(state=state, accepted_at=Now(), lease_until=Now())

    assert actions.send_again(ids=[email.pk]) == []


def test_send_copy_of_what_was_accepted_is_a_new_mail_that_refers_to_the_first(mailoutbox):
    first = sent(mailoutbox)

    [copy] = actions.send_copy(ids=[first.pk])
    assert actions.send_copy(ids=[first.pk]) == []
    assert queue.send_due() == 1
    assert actions.send_copy(ids=[first.pk]) == []
    [third] = actions.send_copy(ids=[copy.pk])
    assert queue.send_due() == 1

    one, two, three = [message.message() for message in mailoutbox]
    assert (one["Message-ID"], one["References"]) == (first.message_id, None)
    assert (two["Message-ID"], two["References"]) == (copy.message_id, first.message_id)
    assert (three["Message-ID"], three["References"].split()) == (third.message_id, [first.message_id, copy.message_id])
    assert one["To"] == two["To"] == three["To"]
    assert two.get_payload(0).get_payload() == one.get_payload(0).get_payload()
    assert len({first.message_id, copy.message_id, third.message_id}) == 3
    assert copy.key == f"{first.key}:again"


@pytest.mark.parametrize("state", [*NEVER_ACCEPTED, State.QUEUED, State.HELD])
def test_send_copy_leaves_alone_what_was_not_accepted(state):
    email = queued()
    OutgoingEmail.objects.update(state=state)

    assert actions.send_copy(ids=[email.pk]) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("action", "state"), [(actions.send_copy, State.SENT), (actions.send_again, State.PARKED)])
def test_many_clicks_at_once_are_one_mail(action, state):
    email = queued()
    OutgoingEmail.objects.update(state=state, accepted_at=Now())
    together = Barrier(8)

    def click(_number):
        try:
            connection.ensure_connection()
            together.wait()
            return action(ids=[email.pk])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        done = [emails for emails in threads.map(click, range(8)) if emails]

    assert len(done) == 1
    assert OutgoingEmail.objects.filter(state=State.QUEUED).count() == 1


@pytest.mark.parametrize("name", ["COALITION_EMAIL", "DEFAULT_FROM_EMAIL"])
def test_check_refuses_an_own_address_that_is_none(settings, name):
    assert checks.own_addresses_are_usable() == []

    setattr(settings, name, "Coalition <office>")

    assert [error.msg.partition(" ")[0] for error in checks.own_addresses_are_usable()] == [name]


# -- What is out of date, and what leaves no trace ------------------------------------------------------------------------------


def test_release_does_not_send_what_is_out_of_date():
    fresh, old = queued(), queued()
    actions.hold(ids=[fresh.pk, old.pk])
    actions.supersede(emails=OutgoingEmail.objects.filter(pk=old.pk))

    assert actions.release(ids=[fresh.pk, old.pk]) == [fresh]
    assert queue.send_due() == 1
    old.refresh_from_db()
    assert old.state == State.HELD


def test_rewrite_changes_what_no_sender_took_in_its_row():
    email, other = queued(text="old words", html="<p>old</p>"), queued(text="other")

    assert actions.rewrite(emails=OutgoingEmail.objects.all(), change=lambda text: text.replace("old", "new")) == []

    email.refresh_from_db()
    assert (email.text, email.html) == ("new words", "<p>new</p>")
    assert OutgoingEmail.objects.count() == 2
    assert OutgoingEmail.objects.get(pk=other.pk).text == "other"


TRACES = ("recipient", "reply_to", "text", "html", "frozen", "last_text", "returned_text")


@pytest.mark.parametrize("state", [State.SENT, State.PERMANENT_FAILURE, State.TEMPORARY_FAILURE, State.PARKED, State.CANCELLED])
def test_database_empties_a_last_mail_however_it_ends(state):
    email, other = queued(leaves_no_trace=True), queued()

    OutgoingEmail.objects.update(state=state, accepted_at=Now(), frozen=b"x", last_text="who@x.example", returned_text="x")

    email.refresh_from_db()
    other.refresh_from_db()
    assert {name: getattr(email, name) for name in TRACES} == dict.fromkeys(TRACES, "") | {"frozen": None}
    assert all(getattr(other, name) for name in ("recipient", "reply_to", "text", "frozen", "last_text", "returned_text"))


@pytest.mark.parametrize("state", [State.QUEUED, State.RETRY, State.HELD])
def test_last_mail_that_will_be_sent_keeps_what_it_needs(state):
    email = queued(leaves_no_trace=True)

    OutgoingEmail.objects.update(state=state, frozen=b"x")

    email.refresh_from_db()
    assert (email.recipient, bool(email.text), bytes(email.frozen)) == ("focal.point@ministry.example", True, b"x")


def test_last_mail_is_sent_once_and_its_row_forgets_its_reader(mailoutbox):
    email = queued(leaves_no_trace=True)

    assert queue.send_due() == 1

    assert [message.to for message in mailoutbox] == [["focal.point@ministry.example"]]
    email.refresh_from_db()
    assert (email.state, email.recipient, email.frozen) == (State.SENT, "", None)
    assert actions.send_copy(ids=[email.pk]) == []
    assert actions.send_again(ids=[email.pk]) == []
