"""What the rest of the portal, and staff, can do with the queue."""

import re
import uuid
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import BadHeaderError
from django.db import transaction
from django.db.models.functions import Now

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail, OutgoingEmailQuerySet

State = OutgoingEmail.State
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def new_message_id() -> str:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return f"<{uuid.uuid4()}@{sender.rpartition('@')[2]}>"


def write(
    *,
    kind: str,
    key: str,
    recipient: str,
    reply_to: str,
    subject: str,
    text: str,
    html: str,
    language: str,
    unsubscribe_link: str = "",
    leaves_no_trace: bool = False,
) -> OutgoingEmail:
    """Puts one mail into the queue, in the caller's transaction. Returns the row that has this key: an earlier one if there is.

    One that `leaves_no_trace` is emptied by the database as soon as nobody will send it any more.
    Raises ValidationError for an address we do not write to, BadHeaderError for a subject with control characters.
    """
    if CONTROL_CHARACTERS.search(subject):
        raise BadHeaderError("A subject is one line.")
    email = OutgoingEmail(
        kind=kind,
        key=key,
        recipient=addresses.clean(recipient),
        reply_to=addresses.clean(reply_to),
        subject=subject,
        text=text,
        html=html,
        language=language,
        unsubscribe_link=unsubscribe_link,
        message_id=new_message_id(),
        leaves_no_trace=leaves_no_trace,
    )
    OutgoingEmail.objects.bulk_create([email], ignore_conflicts=True)
    return OutgoingEmail.objects.get(key=key)


def change(chosen: OutgoingEmailQuerySet, **values: Any) -> list[OutgoingEmail]:
    """Changes those of the rows that are still as chosen, and returns them. Whoever clicks second finds nothing to change."""
    with transaction.atomic():
        emails = list(chosen.defer("text", "html", "frozen").order_by("pk").select_for_update())
        OutgoingEmail.objects.filter(pk__in=[email.pk for email in emails]).update(**values)
    return emails


def hold(*, ids: list[int]) -> list[OutgoingEmail]:
    """Keeps mails from being sent until they are released. One that is being sent right now cannot be held."""
    return change(OutgoingEmail.objects.filter(pk__in=ids).waiting(), state=State.HELD)


def release(*, ids: list[int]) -> list[OutgoingEmail]:
    """Lets held mails go, but not those that are out of date: nobody should get them any more."""
    held = OutgoingEmail.objects.filter(pk__in=ids, state=State.HELD).in_force()
    return change(held, state=State.QUEUED, next_attempt_at=Now())


def cancel(*, ids: list[int]) -> list[OutgoingEmail]:
    """Mails that wait or are held will not be sent. `send_again` takes this back."""
    return change(OutgoingEmail.objects.filter(pk__in=ids).stoppable(), state=State.CANCELLED)


def recall(*, ids: list[int]) -> list[OutgoingEmail]:
    """Cancels those that no mail server has heard of yet, so that what they say never reaches anybody. Returns them."""
    return change(OutgoingEmail.objects.filter(pk__in=ids).untried(), state=State.CANCELLED)


def supersede(*, emails: OutgoingEmailQuerySet) -> int:
    """Nobody needs these any more: none is work for staff, or can be sent again or once more. Returns how many."""
    return emails.in_force().update(superseded_at=Now())


def send_again(*, ids: list[int]) -> list[OutgoingEmail]:
    """Queues what was never accepted, as if new but with its Message-ID and bytes: its reader may have it after all.

    A mail whose text was deleted, or that is out of date, stays as it is.
    """
    return change(
        OutgoingEmail.objects.filter(pk__in=ids).never_accepted().with_text().in_force(),
        state=State.QUEUED,
        next_attempt_at=Now(),
        attempts=0,
        claims=0,
        failing_since=None,
    )


def send_copy(*, ids: list[int]) -> list[OutgoingEmail]:
    """Writes a second mail for each that was accepted, which refers to the first. Returns the new ones.

    A mail has one copy at most, so a second click writes nothing; the copy can be copied in turn.
    """
    with transaction.atomic():
        accepted = OutgoingEmail.objects.filter(pk__in=ids, state=State.SENT, copy=None).with_text().in_force()
        firsts = list(accepted.order_by("pk").select_for_update(of=("self",)))
        fresh = OutgoingEmail.objects.filter(pk__in=[email.pk for email in firsts], copy=None)
        return [copy_of(email) for email in fresh.order_by("pk")]


COPIED = ("kind", "recipient", "reply_to", "subject", "text", "html", "language", "unsubscribe_link")


def copy_of(first: OutgoingEmail, **values: Any) -> OutgoingEmail:
    """Its key tells what it reports as well, for whoever looks for all mails about the same thing."""
    return OutgoingEmail.objects.create(
        again_of=first,
        key=f"{first.key}:again",
        message_id=new_message_id(),
        **({name: getattr(first, name) for name in COPIED} | values),
    )


def rewrite(*, emails: OutgoingEmailQuerySet, change: Callable[[str], str]) -> list[tuple[OutgoingEmail, OutgoingEmail]]:
    """Lets mails that are not sent yet say what `change` makes of their text and HTML.

    What a sender took once may have arrived, so its bytes stay as they are: it is canceled, and a second mail takes its place,
    unless nobody needs it any more. Returns those pairs. One that is being handed to the mail server right now is not changed.
    """
    replaced = []
    with transaction.atomic():
        for email in emails.stoppable().order_by("pk").select_for_update(of=("self",)):
            text, html = change(email.text), change(email.html)
            if (text, html) == (email.text, email.html):
                continue
            this = OutgoingEmail.objects.filter(pk=email.pk)
            if email.frozen is None:
                this.update(text=text, html=html)
            else:
                this.update(state=State.CANCELLED, superseded_at=Now())
                if email.superseded_at:
                    continue
                state = State.HELD if email.state == State.HELD else State.QUEUED
                again = copy_of(email, text=text, html=html, state=state, next_attempt_at=email.next_attempt_at)
                replaced.append((email, again))
    return replaced
