"""Claims what is due and sends it. Any number of senders may run at once, and any of them may die at any moment.

A claim is committed before the mail server hears of the mail, and a result is written only while the claim still holds. What
a sender leaves behind is sent again, the same bytes, once its lease has run out. All times are the database's.
"""

import logging
import smtplib
import time
from contextlib import closing
from datetime import timedelta
from email.errors import MessageError
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now

from coalition.mail.messages import FrozenMessage, build
from coalition.mail.models import OutgoingEmail

logger = logging.getLogger(__name__)
State = OutgoingEmail.State

# A round ends well before the time limit of the task that runs it.
ROUND_SECONDS = 30
# RFC 5321 §4.5.4.1: wait longer and longer, and give up after some days. A greylist lets the third or fourth try in.
DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30)]
LATER = timedelta(hours=1)
PATIENCE = timedelta(hours=72)
# Answers about us or about the server, not about the mail: closing down, TLS or a password wanted, password refused.
CHANNEL_CODES = {421, 454, 530, 534, 535}
REFUSED_FOR_GOOD = 500  # and above: RFC 5321 §4.2.1


class ChannelError(Exception):
    """The mail server cannot be used at all. No mail is to blame, so no attempt is counted."""


def send_due() -> int:
    """One round: sends what is due, one mail after the other. Returns how many the server took. Raises ChannelError."""
    park_killers()
    sent = 0
    end = time.monotonic() + ROUND_SECONDS
    with closing(get_connection()) as connection:
        while time.monotonic() < end and OutgoingEmail.objects.due().exists():
            open_channel(connection)
            email = claim()
            if email is None:  # other senders took the rest
                break
            sent += deliver(email, connection)
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
    except OSError as error:  # smtplib's errors, TLS and time-outs are kinds of OSError
        raise ChannelError(describe(error)[1]) from error


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


def deliver(email: OutgoingEmail, connection: BaseEmailBackend) -> bool:
    """Hands one claimed row to the mail server and writes what came of it. True if the server took it."""
    try:
        freeze(email)
        connection.send_messages([FrozenMessage(email)])
    except OSError as error:
        connection.close()  # in whatever state the dialogue is, the next mail begins a new one
        record_failure(email, error)
    except (ValueError, LookupError, MessageError) as error:
        record(email, state=State.PERMANENT_FAILURE, last_text=f"It could not be put together: {error!r}"[:500])
    else:
        return record(email, state=State.SENT, accepted_at=Now(), last_code=None, last_text="")
    return False


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


def describe(error: OSError) -> tuple[int | None, str]:
    """The server's code, if it said one, and its words."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return None, f"{type(error).__name__}: {error}"[:500]
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return code, words.replace("\x00", "")[:500]


def record_failure(email: OutgoingEmail, error: OSError) -> None:
    """Decides by what the server answered, not by the class of the error. Raises ChannelError after giving the row back."""
    code, text = describe(error)
    if code in CHANNEL_CODES:
        give_back(email)
        raise ChannelError(f"{code} {text}") from error
    about_this_mail = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    if code is not None and code >= REFUSED_FOR_GOOD and about_this_mail:
        record(email, state=State.PERMANENT_FAILURE, last_code=code, last_text=text)
    else:
        try_later(email, last_code=code, last_text=text)


def give_back(email: OutgoingEmail) -> None:
    """As if it had not been claimed."""
    tries = email.attempts - 1
    record(email, state=State.RETRY if tries else State.QUEUED, attempts=tries)


def try_later(email: OutgoingEmail, **answer: Any) -> None:
    delay = DELAYS[email.attempts - 1] if email.attempts <= len(DELAYS) else LATER
    record(
        email,
        state=Case(When(failing_since__lt=Now() - PATIENCE, then=Value(State.TEMPORARY_FAILURE)), default=Value(State.RETRY)),
        failing_since=Coalesce(F("failing_since"), Now()),
        next_attempt_at=Now() + delay,
        **answer,
    )
