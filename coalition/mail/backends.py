"""Where mail goes: into a folder in a demonstration, to an SMTP server that cannot hold its sender up in production."""

import io
import re
import smtplib
import socket
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

BYE = 421  # the server closes the connection after these words (RFC 5321 §3.8)
# What one TLS record holds: more at once would be several waits, each with a time-out of its own.
RECORD = 16_384
GOODBYE_SECONDS = 2


class FolderBackend(BaseEmailBackend):
    """Writes each mail as one .eml file into EMAIL_FILE_PATH. A mail that is sent again replaces its own file.

    Only the owner may read them: whoever has a link in them can act for the person it was mailed to.
    """

    def open(self) -> bool:
        self.folder = Path(settings.EMAIL_FILE_PATH)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.open()
        for email in email_messages:
            message = email.message()
            target = self.folder / file_name(email, date=message["Date"], message_id=message["Message-ID"])
            unfinished = target.with_suffix(".part")
            unfinished.touch(mode=0o600)
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


def resolve(host: str, port: int, *, within: float) -> list[Any]:
    """What `getaddrinfo` says, or TimeoutError: nothing can interrupt the system's resolver, so it is left behind in a thread."""
    answers: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, name=f"resolving {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=within)
    except Empty:
        raise TimeoutError(f"The name service did not find {host} within {within:.0f} seconds.") from None
    if isinstance(answer, Exception):
        raise answer
    return list(answer)


class PatientReader(io.RawIOBase):
    """Reads from a socket, and before each single read sets its time-out to what is left of the whole dialogue."""

    def __init__(self, sock: socket.socket, *, seconds_left: Callable[[], float]) -> None:
        self.sock, self.seconds_left = sock, seconds_left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(self.seconds_left())
        return self.sock.recv_into(buffer)


class Dialogue(smtplib.SMTP):
    """A connection that ends at `deadline`, however slowly the server talks: smtplib's time-out begins anew with each byte."""

    def __init__(self, *args: Any, deadline: float, **kwargs: Any) -> None:
        self.deadline = deadline
        super().__init__(*args, **kwargs)

    def seconds_left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"It took longer than {settings.EMAIL_DIALOGUE_SECONDS} seconds.")
        return left

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Tries the addresses of the host one after the other, all within the deadline."""
        failed = OSError(f"{host} has no address.")
        for *_, address in resolve(host, port, within=self.seconds_left()):
            try:
                return super()._get_socket(str(address[0]), port, min(timeout, self.seconds_left()))  # type: ignore[misc,no-any-return]
            except OSError as error:
                failed = error
        raise failed

    def ehlo(self, name: str = "") -> tuple[int, bytes]:
        """Ends with the server's own words where smtplib would go on to HELO, and find the connection closed."""
        code, words = super().ehlo(name)
        if code == BYE:
            raise smtplib.SMTPHeloError(code, words)
        return code, words

    def auth(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The same where smtplib would go on to another kind of login."""
        try:
            return super().auth(*args, **kwargs)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code == BYE:
                raise smtplib.SMTPConnectError(error.smtp_code, error.smtp_error) from error
            raise

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock:
            self.file = io.BufferedReader(PatientReader(self.sock, seconds_left=self.seconds_left))
        return super().getreply()

    def send(self, s: Any) -> None:
        data = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(data), RECORD):
            self.set_timeout()
            super().send(data[start : start + RECORD])

    def set_timeout(self) -> None:
        if self.sock:
            try:
                self.sock.settimeout(self.seconds_left())
            except TimeoutError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected(str(error)) from error


class TLSDialogue(Dialogue, smtplib.SMTP_SSL):
    pass


class DeadlineBackend(EmailBackend):
    """Django's SMTP backend with a limit by the wall: EMAIL_DIALOGUE_SECONDS from connecting to the end of the first mail, and
    again for each further one. EMAIL_TIMEOUT limits only the connecting to one address. It needs no signal, so that it holds in
    every kind of worker.
    """

    connection: Any

    @property
    def connection_class(self) -> Any:
        kind = TLSDialogue if self.use_ssl else Dialogue
        return lambda *args, **kwargs: kind(*args, deadline=self.new_deadline(), **kwargs)

    def new_deadline(self) -> float:
        return time.monotonic() + settings.EMAIL_DIALOGUE_SECONDS

    def open(self) -> bool | None:
        """Says EHLO too, so that whatever is wrong with the server itself shows before a mail is at stake."""
        opened = super().open()
        if opened:
            try:
                self.connection.ehlo_or_helo_if_needed()
            except OSError:
                self.close()
                raise
        return opened

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = super().send_messages(email_messages)
        if self.connection:
            self.connection.deadline = self.new_deadline()
        return sent

    def _close_connection(self, connection: Dialogue) -> None:
        """Says goodbye, but the answer to that is of no interest."""
        connection.deadline = time.monotonic() + GOODBYE_SECONDS
        try:
            connection.quit()
        except OSError:
            connection.close()
