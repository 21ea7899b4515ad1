"""Where mail goes in a demonstration."""

import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FolderBackend(BaseEmailBackend):
    """Writes each mail as one .eml file into EMAIL_FILE_PATH. A mail that is sent again replaces its own file."""

    def open(self) -> bool:
        self.folder = Path(settings.EMAIL_FILE_PATH)
        self.folder.mkdir(parents=True, exist_ok=True)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.open()
        for email in email_messages:
            message = email.message()
            target = self.folder / file_name(email, date=message["Date"], message_id=message["Message-ID"])
            unfinished = target.with_suffix(".part")
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(target)
        return len(email_messages)


def file_name(email: EmailMessage, *, date: str, message_id: str) -> str:
    """For example `2026-11-22_143005_contact_forensics@example.org_1f0c9a2b.eml`: sorted by time, told apart at a glance."""
    parts = [
        f"{parsedate_to_datetime(date):%Y-%m-%d_%H%M%S}",
        getattr(email, "kind", "mail"),
        email.to[0] if email.to else "nobody",
        message_id.strip("<>")[:8],
    ]
    return "_".join(re.sub(r"[^\w@.+-]", "-", part)[:100] for part in parts) + ".eml"
