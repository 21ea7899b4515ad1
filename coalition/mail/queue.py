"""Claims what is due and sends it. Any number of senders may run at once, and any of them may die at any moment.

A claim is committed before the mail server hears of the mail, and a result is written only while the claim still holds. What
a sender leaves behind is sent again, the same bytes, once its lease has run out. All times are the database's.

A mail server that cannot be used pauses all senders through the database; then one of them tries one mail every minute.
"""

import logging
import time
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from email.errors import MessageError
from enum import Enum, auto
from types import TracebackType
from typing import Any, NoReturn

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now

from coalition.mail import pause, replies
from coalition.mail.messages import FrozenMessage, build
from coalition.mail.models import OutgoingEmail, Stage
from coalition.mail.replies import Meaning, Reply

logger = logging.getLogger(__name__)
State = OutgoingEmail.State

# A round and the longest dialogue after it end well before the time limit of the task that runs it (75 seconds).
ROUND_SECONDS = 10
# RFC 5321 §4.5.4.1: wait longer and longer, and give up after some days. A greylist lets the third or fourth try in.
DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30)]
LATER = timedelta(hours=1)
PATIENCE = timedelta(hours=72)
# After an error that nobody foresaw, instead of the rest of the lease.
SOON = timedelta(minutes=1)


class Result(Enum):
    SENT = auto()
    REFUSED = auto()  # the server said so: it works, whatever it thinks of this mail
    UNKNOWN = auto()  # no answer, or nothing to send


class ChannelError(Exception):
    """The mail server cannot be used at all. No mail is to blame, so no attempt is counted."""


def send_due() -> int:
    """One round: sends what is due, one mail after the other. Returns how many the server took. Raises ChannelError."""
    park_killers()
    sent = 0
    end = time.monotonic() + ROUND_SECONDS
    with closing(get_connection()) as connection:
        while time.monotonic() < end and OutgoingEmail.objects.due().exists():
            turn = pause.turn()
            if turn is pause.Turn.WAIT:
                break
            open_channel(connection)
            email = claim()
            if email is None:  # other senders took the rest
                break
            result = deliver(email, connection)
            sent += result is Result.SENT
            if turn is pause.Turn.PROBE and result is not Result.UNKNOWN:
                pause.end()
    return sent


def park_killers() -> None:
    """Puts aside the rows that stopped every sender that took them, so that the others get through."""
    killers = OutgoingEmail.objects.abandoned().filter(claims__gte=OutgoingEmail.CLAIMS)
    for pk in killers.values_list("pk", flat=True):
        if killers.filter(pk=pk).update(state=State.PARKED, lease_until=None):
            logger.error("Mail %s is parked: it stopped its sender %s times.", pk, OutgoingEmail.CLAIMS)


def open_channel(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except (OSError, UnicodeError) as error:  # UnicodeError: a host name that cannot be one
        stop(replies.read(OSError(str(error)) if isinstance(error, UnicodeError) else error, opening=True), error)


def stop(reply: Reply, error: Exception) -> NoReturn:
    pause.begin(code=reply.code, text=reply.words)
    raise ChannelError(f"{reply.code or ''} {reply.words}".strip()) from error


def claim() -> OutgoingEmail | None:
    """Takes the next due row for one lease and commits that. Counts the attempt now, because a sender that dies counts too."""
    with transaction.atomic(durable=True):
        email = OutgoingEmail.objects.due().annotate(now=Now()).select_for_update(skip_locked=True).first()
        if email is not None:
            email.state = State.SENDING
            email.lease_until = email.now + OutgoingEmail.LEASE
            email.attempts += 1
            email.claims += 1
            email.save(update_fields=["state", "lease_until", "attempts", "claims"])
    return email


def deliver(email: OutgoingEmail, connection: BaseEmailBackend) -> Result:
    """Hands one claimed row to the mail server and writes what came of it. Raises ChannelError."""
    begun = time.monotonic()
    with Quarantine(email):
        try:
            freeze(email)
            connection.send_messages([FrozenMessage(email)])
        except OSError as error:
            connection.close()  # in whatever state the dialogue is, the next mail begins a new one
            if time.monotonic() - begun > settings.EMAIL_DIALOGUE_SECONDS / 2:
                let_others_go_first(email)
            return record_failure(email, error)
        except (ValueError, LookupError, MessageError) as error:
            record(email, state=State.PERMANENT_FAILURE, last_text=f"It could not be put together: {error!r}"[:500])
        else:
            record(email, state=State.SENT, accepted_at=Now(), last_code=None, last_stage="", last_text="")
            return Result.SENT
    return Result.UNKNOWN


class Quarantine(AbstractContextManager[None]):
    """Keeps an error that nobody foresaw from the other mails. The row keeps its claim: at the fifth such error it is parked."""

    def __init__(self, email: OutgoingEmail) -> None:
        self.email = email

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or isinstance(error, ChannelError | DatabaseError):
            return False
        logger.error("Mail %s cannot be sent: %r", self.email.pk, error, exc_info=error)
        held_by_us(self.email).update(lease_until=Now() + SOON, last_code=None, last_text=f"{error!r}"[:500])
        return True


def freeze(email: OutgoingEmail) -> None:
    """At the first claim the bytes are fixed for good, whatever settings or code become later."""
    if email.frozen is None:
        email.frozen = build(email)
        held_by_us(email).update(frozen=email.frozen)


def held_by_us(email: OutgoingEmail) -> Any:
    return OutgoingEmail.objects.filter(pk=email.pk, state=State.SENDING, lease_until=email.lease_until)


def record(email: OutgoingEmail, **values: Any) -> bool:
    """Writes a result and ends the claim, unless the lease ran out and somebody else has the row now."""
    written = held_by_us(email).update(lease_until=None, claims=0, **values)
    if not written:
        logger.warning("Mail %s took longer than its lease: its result is not recorded.", email.pk)
    return bool(written)


def record_failure(email: OutgoingEmail, error: OSError) -> Result:
    """Raises ChannelError, after giving the row back, if the answer is not about this mail."""
    reply = replies.read(error)
    answer = {"last_stage": reply.stage, "last_code": reply.code, "last_text": reply.words}
    if reply.meaning is Meaning.PAUSE and not is_its_own(email, reply):
        give_back(email, **answer)
        stop(reply, error)
    if reply.meaning is Meaning.END:
        record(email, state=State.PERMANENT_FAILURE, **answer)
    else:
        try_later(email, **answer)
    return Result.REFUSED if reply.meaning is not Meaning.PAUSE and reply.stage is not Stage.BROKEN else Result.UNKNOWN


def is_its_own(email: OutgoingEmail, reply: Reply) -> bool:
    """Whether an answer that is about all mail is about this one only: it got the same before, and others got through since."""
    met_before = email.paused_all_at is not None and (email.last_stage, email.last_code) == (reply.stage, reply.code)
    return met_before and OutgoingEmail.objects.filter(accepted_at__gt=email.paused_all_at).exists()


def give_back(email: OutgoingEmail, **answer: Any) -> None:
    """As if it had not been claimed, but behind all others: if it is this mail after all, the next probe takes another one."""
    tries = email.attempts - 1
    state = State.RETRY if tries else State.QUEUED
    record(email, state=state, attempts=tries, next_attempt_at=Now(), paused_all_at=Now(), **answer)


def let_others_go_first(email: OutgoingEmail) -> None:
    """Puts off the other mails to a domain at which a sender was held up, so that it holds up one sender a minute at most."""
    domain = email.recipient.rpartition("@")[2]
    neighbors = OutgoingEmail.objects.waiting().filter(recipient__iendswith=f"@{domain}", next_attempt_at__lte=Now() + SOON)
    neighbors.exclude(pk=email.pk).update(next_attempt_at=Now() + SOON)


def try_later(email: OutgoingEmail, **answer: Any) -> None:
    delay = DELAYS[email.attempts - 1] if email.attempts <= len(DELAYS) else LATER
    record(
        email,
        state=Case(When(failing_since__lt=Now() - PATIENCE, then=Value(State.TEMPORARY_FAILURE)), default=Value(State.RETRY)),
        failing_since=Coalesce(F("failing_since"), Now()),
        next_attempt_at=Now() + delay,
        **answer,
    )
