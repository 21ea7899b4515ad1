"""How a row becomes a message: put together once, then sent byte by byte the same, however often it is tried."""

from email import message_from_bytes
from email.message import Message
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from coalition.mail import layout
from coalition.mail.models import OutgoingEmail


def build(email: OutgoingEmail) -> bytes:
    """Plain text and HTML with the fewest headers that do. Auto-Submitted (RFC 3834) keeps holiday answers away."""
    headers = {
        "Date": format_datetime(email.created_at),
        "Message-ID": email.message_id,
        "Auto-Submitted": "auto-generated",
    }
    if repeated := email.references():
        headers["References"] = " ".join(repeated)
    if email.unsubscribe_link:
        headers |= unsubscribing(email)
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=layout.wrap(email.text),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[email.recipient],
        reply_to=[email.reply_to],
        headers=headers,
    )
    if email.html:
        message.attach_alternative(email.html, "text/html")
    return message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # the stubs describe Django 6


def unsubscribing(email: OutgoingEmail) -> dict[str, str]:
    """One click in the mail program ends it (RFC 8058 §3.1); who has none writes a mail, which names nobody but its sender."""
    by_mail = f"mailto:{email.reply_to}?subject=unsubscribe"
    return {
        "List-Unsubscribe": f"<{email.unsubscribe_link}>, <{by_mail}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


class ExactMessage(Message):
    """A parsed message that is written out as the bytes it was read from."""

    exact: bytes

    def as_bytes(self, *_args: object, **_kwargs: object) -> bytes:
        return self.exact


def parse(frozen: bytes) -> ExactMessage:
    message = message_from_bytes(frozen, _class=ExactMessage)
    message.exact = frozen
    return message


class FrozenMessage(EmailMultiAlternatives):
    """A row as Django's backends take it. Whichever backend it is, it sends the frozen bytes."""

    def __init__(self, email: OutgoingEmail) -> None:
        super().__init__(
            subject=email.subject,
            body=email.text,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[email.recipient],
            reply_to=[email.reply_to],
            alternatives=[(email.html, "text/html")] if email.html else None,
        )
        self.kind = email.kind
        self.frozen = bytes(email.frozen or b"")

    def message(self, **_policy: object) -> Any:
        return parse(self.frozen)
