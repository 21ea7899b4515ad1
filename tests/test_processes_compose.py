"""Production: the very commands of docker-compose.yml in its environment, on a real PostgreSQL, Redis and SMTP server."""

import email
import email.policy
import os
import re
import shlex
import signal
import subprocess
import sys
import uuid
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from coalition import env
from coalition.local.processes import stop
from tests.processes import Visitor, eventually
from tests.services import free_port

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

BASE_DIR = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated(text, given):
    """As Compose does: ${NAME}, ${NAME:-default}, ${NAME:?complaint}; $$ is a dollar sign."""

    def value(match):
        name, how, rest = match.groups()
        assert given.get(name) or how == "-", f"{name}: {rest}"
        return given.get(name) or rest

    return VARIABLE.sub(value, text).replace("$$", "$")


class Mailbox(Message):
    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(email.message_from_bytes(message.as_bytes(), policy=email.policy.default))

    def to(self, address):
        return [mail for mail in self.mails if mail["To"] == address]


class Deployment:
    def __init__(self, *, folder, database_url, redis_url, smtp_port, running):
        self.running = running
        self.port = free_port()
        self.folder = folder
        self.given = {
            "SECRET_KEY": uuid.uuid4().hex * 2,
            "POSTGRES_PASSWORD": "unused",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "BEHIND_TLS_PROXY": "off",
            "COALITION_EMAIL": "coalition@example.org",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(smtp_port),
            "EMAIL_USE_TLS": "off",
        }
        # What the image and the other containers provide.
        self.provided = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PORT": str(self.port),
            "DATA_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "CELERY_PREFIX": f"{uuid.uuid4()}:",
        }

    def environment(self, service):
        named = COMPOSE["services"][service]["environment"]
        return {name: interpolated(text, self.given) for name, text in named.items()} | self.provided

    def options(self, service):
        log = self.running.enter_context((self.folder / f"{service}.log").open("ab"))
        return {"cwd": BASE_DIR, "env": self.environment(service), "stdout": log, "stderr": subprocess.STDOUT}

    def run(self, service, *command):
        command = command or shlex.split(COMPOSE["services"][service]["command"])
        subprocess.run(command, **self.options(service), check=True, timeout=60)

    def start(self, service):
        command = shlex.split(COMPOSE["services"][service]["command"])
        process = subprocess.Popen(command, **self.options(service), start_new_session=True)
        self.running.callback(stop, process, how=signal.SIGTERM, within=10)

    def is_healthy(self, service):
        kind, *command = COMPOSE["services"][service]["healthcheck"]["test"]
        command = ["sh", "-c", interpolated(command[0], {})] if kind == "CMD-SHELL" else command
        return subprocess.run(command, **self.options(service), check=False, timeout=60).returncode == 0


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
