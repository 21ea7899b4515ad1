"""Production without containers: the very commands of docker-compose.yml in its environment, each in a process of its own."""

import os
import re
import shlex
import signal
import subprocess
import sys
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from coalition.local.processes import stop
from tests.services import free_port

BASE_DIR = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated(text: str, given: dict[str, str]) -> str:
    """As Compose does: ${NAME}, ${NAME:-default}, ${NAME:?complaint}; $$ is a dollar sign."""

    def value(match: re.Match[str]) -> str:
        name, how, rest = match.groups()
        assert given.get(name) or how == "-", f"{name}: {rest}"
        return given.get(name) or rest

    return VARIABLE.sub(value, text).replace("$$", "$")


class Deployment:
    """What `running` ends is stopped with it. The environment of a service is that of the file, and what an image provides."""

    def __init__(self, *, folder: Path, database_url: str, redis_url: str, smtp_port: int, running: ExitStack) -> None:
        self.running = running
        self.port = free_port()
        self.folder = folder
        self.logs: dict[str, BinaryIO] = {}
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

    def environment(self, service: str) -> dict[str, str]:
        named = COMPOSE["services"][service]["environment"]
        return {name: interpolated(text, self.given) for name, text in named.items()} | self.provided

    def options(self, service: str) -> dict[str, Any]:
        if service not in self.logs:
            self.logs[service] = self.running.enter_context((self.folder / f"{service}.log").open("ab"))
        return {"cwd": BASE_DIR, "env": self.environment(service), "stdout": self.logs[service], "stderr": subprocess.STDOUT}

    def run(self, service: str, *command: str) -> None:
        done = subprocess.run(list(command) or self.command(service), **self.options(service), check=False, timeout=120)
        assert done.returncode == 0, (self.folder / f"{service}.log").read_text(errors="replace")[-2000:]

    def command(self, service: str) -> list[str]:
        return shlex.split(COMPOSE["services"][service]["command"])

    def start(self, service: str) -> None:
        self.running.callback(stop, self.spawn(service), how=signal.SIGTERM, within=10)

    def spawn(self, service: str, command: list[str] | None = None, **more: str) -> subprocess.Popen[bytes]:
        """In a process group of its own. Whoever calls this ends it."""
        options = self.options(service)
        options["env"] |= more
        return subprocess.Popen(command or self.command(service), **options, start_new_session=True)

    def is_healthy(self, service: str) -> bool:
        kind, *command = COMPOSE["services"][service]["healthcheck"]["test"]
        command = ["sh", "-c", interpolated(command[0], {})] if kind == "CMD-SHELL" else command
        return subprocess.run(command, **self.options(service), check=False, timeout=60).returncode == 0
