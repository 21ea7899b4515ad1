import re

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError
from django.db import IntegrityError

from coalition.mail import actions, checks
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

    assert actions.hold(ids=[email.pk]) == 1
    assert not OutgoingEmail.objects.due().exists()
    assert actions.release(ids=[email.pk]) == 1
    assert OutgoingEmail.objects.due().get() == email


@pytest.mark.parametrize("values", [{"state": State.SENT}, {"state": State.SENDING}])
def test_database_refuses_a_state_without_its_proof(values):
    with pytest.raises(IntegrityError):
        OutgoingEmail.objects.filter(pk=queued().pk).update(**values)


def test_hold_leaves_alone_what_is_sent():
    email = queued()
    OutgoingEmail.objects.update(state=State.SENT, accepted_at=email.created_at)

    assert actions.hold(ids=[email.pk]) == 0
    assert actions.release(ids=[email.pk]) == 0


@pytest.mark.parametrize("name", ["COALITION_EMAIL", "DEFAULT_FROM_EMAIL"])
def test_check_refuses_an_own_address_that_is_none(settings, name):
    assert checks.own_addresses_are_usable() == []

    setattr(settings, name, "Coalition <office>")

    assert [error.msg.partition(" ")[0] for error in checks.own_addresses_are_usable()] == [name]
