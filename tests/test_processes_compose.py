"""Production: the very commands of docker-compose.yml in its environment, on a real PostgreSQL, Redis and SMTP server."""

import email
import email.policy
import os
import re
from contextlib import ExitStack
from urllib.parse import urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from coalition import env
from tests.deployment import COMPOSE, Deployment, interpolated
from tests.processes import Visitor, eventually
from tests.services import free_port

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


class Mailbox(Message):
    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(email.message_from_bytes(message.as_bytes(), policy=email.policy.default))

    def to(self, address):
        return [mail for mail in self.mails if mail["To"] == address]


def beside(url, name):
    """The address of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture
def database_url():
    """A new, empty database on the server of the tests."""
    server = env.database(os.environ["DATABASE_URL"])
    options = {"host": server["HOST"], "port": server["PORT"], "user": server["USER"], "password": server["PASSWORD"]}
    options = {name: value for name, value in options.items() if value}
    name = f"{server['NAME']}_processes_{os.getpid()}"
    with psycopg.connect(dbname="postgres", autocommit=True, **options) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
        yield beside(os.environ["DATABASE_URL"], name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def mailbox():
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@pytest.fixture
def deployment(tmp_path, database_url, redis_url, mailbox):
    with ExitStack() as running:
        deployment = Deployment(
            folder=tmp_path, database_url=database_url, redis_url=redis_url, smtp_port=mailbox.port, running=running
        )
        deployment.run("migrate")
        deployment.run("web", "python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        deployment.run("web", "python", "manage.py", "loaddata", "fixtures/catalogue.json", "fixtures/trainings.json")
        yield deployment


@pytest.mark.smtp
@pytest.mark.postgresql
def test_an_interest_registered_in_production_is_mailed(deployment, mailbox):
    visitor = Visitor(f"http://127.0.0.1:{deployment.port}")
    for service in ("web", "worker", "beat"):
        deployment.start(service)
    eventually(visitor.is_well)

    visitor.register("aigul@focal.example.org", "1103", "3224")
    [verification] = eventually(lambda: mailbox.to("aigul@focal.example.org"))
    link = re.search(r"http://127\.0\.0\.1:\d+(/interest/verify/\S+)", verification.get_body(("plain",)).get_content())[1]
    visitor.post(link)
    # No contact is known in this catalogue, so the Coalition itself is asked.
    [request] = eventually(lambda: mailbox.to("coalition@example.org"))
    assert request["Reply-To"] == "aigul@focal.example.org"
    assert {"1103", "3224"} <= set(re.findall(r"\d{4}", request.get_body(("plain",)).get_content()))

    for service in ("web", "worker", "beat"):
        eventually(lambda service=service: deployment.is_healthy(service))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret@localhost:5432/portal",
        "postgresql://user@/portal?host=/run/postgresql",
        "postgresql:///portal?host=/run/postgresql&user=user",
        "postgresql://portal@localhost/portal?sslmode=disable",
    ],
)
def test_the_processes_never_get_the_database_of_the_developer(url):
    assert env.database(beside(url, "new")) == env.database(url) | {"NAME": "new"}


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "COALITION_EMAIL", "EMAIL_HOST"])
def test_compose_asks_for_what_production_needs(name):
    given = dict.fromkeys(["SECRET_KEY", "POSTGRES_PASSWORD", "ALLOWED_HOSTS", "COALITION_EMAIL", "EMAIL_HOST"], "given")
    [asked] = [text for text in COMPOSE["x-portal"]["environment"].values() if f"${{{name}:" in text]
    assert interpolated(asked, given) == "given"
    with pytest.raises(AssertionError, match=f"{name}: see the head of docker-compose.yml"):
        interpolated(asked, given | {name: ""})
