"""What the rest of the portal, and staff, can do with the queue."""

import re
import uuid
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import BadHeaderError
from django.db.models.functions import Now

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def new_message_id() -> str:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return f"<{uuid.uuid4()}@{sender.rpartition('@')[2]}>"


def write(
    *, kind: str, key: str, recipient: str, reply_to: str, subject: str, text: str, html: str, language: str
) -> OutgoingEmail:
    """Puts one mail into the queue, in the caller's transaction. Returns the row that has this key: an earlier one if there is.

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
        message_id=new_message_id(),
    )
    OutgoingEmail.objects.bulk_create([email], ignore_conflicts=True)
    return OutgoingEmail.objects.get(key=key)


def hold(*, ids: list[int]) -> int:
    """Keeps mails from being sent until they are released. Returns how many; one that is being sent right now cannot be held."""
    return OutgoingEmail.objects.filter(pk__in=ids).waiting().update(state=OutgoingEmail.State.HELD)


def release(*, ids: list[int]) -> int:
    """Lets held mails go. Returns how many."""
    held = OutgoingEmail.objects.filter(pk__in=ids, state=OutgoingEmail.State.HELD)
    return held.update(state=OutgoingEmail.State.QUEUED, next_attempt_at=Now())
