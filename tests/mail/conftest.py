"""A mail in the queue, and a real SMTP server that answers as a test tells it to."""

import asyncio
import threading
from itertools import count

import pytest
from aiosmtpd.controller import Controller
from django.db.models.functions import Now

from coalition.mail import actions
from coalition.mail.models import OutgoingEmail, Pause
from tests.mail.scripted import ScriptedServer
from tests.services import free_port

numbers = count(1)


def queued(recipient="focal.point@ministry.example", **values):
    return actions.write(
        **{
            "kind": "receipt",
            "key": f"test:{next(numbers)}",
            "recipient": recipient,
            "reply_to": "coalition@example.org",
            "subject": "Your interest",
            "text": "Grüße\n.\nA line that begins with a dot would end a mail.\n",
            "html": "<!doctype html><html><head><title>x</title></head><body><p>Grüße</p></body></html>",
            "language": "en",
        }
        | values
    )


def waits(email):
    """For how long the next attempt is put off, by the database's clock."""
    row = OutgoingEmail.objects.annotate(now=Now()).get(pk=email.pk)
    return row.next_attempt_at - row.now


def let_probe():
    """As if the minute until the next try were over."""
    Pause.objects.update(next_probe_at=Now())


class Sink:
    """Keeps what it accepts. `at_recipient` and `after_data` hold the answers to give before it accepts anything."""

    def __init__(self):
        self.accepted = []
        self.at_recipient = {}
        self.after_data = []
        self.hang = False
        self.hanging = threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  aiosmtpd's name
        answers = self.at_recipient.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        if self.after_data:
            return self.after_data.pop(0)
        self.accepted.append((envelope.rcpt_tos, envelope.original_content))
        if self.hang:
            self.hanging.set()
            await asyncio.sleep(60)
        return "250 OK"


class Server:
    def __init__(self):
        self.sink = Sink()
        self.port = free_port()
        self.controller = None

    def start(self):
        self.controller = Controller(self.sink, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
        self.controller = None


def use(server, settings):
    settings.EMAIL_BACKEND = "coalition.mail.backends.DeadlineBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_DIALOGUE_SECONDS = 5


@pytest.fixture
def smtp_stopped(settings):
    """The settings name this server, but it does not run yet."""
    server = Server()
    use(server, settings)
    yield server
    server.stop()


@pytest.fixture
def scripted(settings):
    server = ScriptedServer()
    use(server, settings)
    yield server
    server.stop()


@pytest.fixture
def smtp(smtp_stopped):
    smtp_stopped.start()
    return smtp_stopped.sink
