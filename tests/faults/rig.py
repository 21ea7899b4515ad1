"""Everything that production consists of, each part in a process group of its own, so that a kill hits it and nothing else."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import psycopg
import redis

from coalition.local import postgres, processes, throwaway
from tests.deployment import BASE_DIR, Deployment
from tests.faults.proxy import Proxy
from tests.processes import Visitor, eventually
from tests.services import free_port, wait_for_port

SERVICES = ("web", "worker", "beat")
# A dialogue with the mail server must end well before its lease does: 60 seconds of 5 minutes in production.
DIALOGUE_SECONDS = 3
NO_LIMIT = "1000000"
LAUNCHER = [sys.executable, "-m", "tests.faults.crashing"]


class Part:
    """A process that can be killed, frozen and started again."""

    def __init__(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.name, self.begin = name, start
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.RLock()

    def start(self) -> None:
        with self.lock:
            self.process = self.begin()

    def kill(self) -> None:
        """All of it at once, without a chance to say anything. It stays away until it is started."""
        with self.lock:
            if self.process:
                self.signal(signal.SIGKILL)
                self.process.wait()
                self.process = None

    def start_if_it_died(self) -> None:
        with self.lock:
            if self.process and self.process.poll() is not None:
                self.signal(signal.SIGKILL)  # what is left of its group
                self.start()

    def restart(self) -> None:
        self.kill()
        self.start()

    def signal(self, how: signal.Signals) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, how)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)


class Database(Part):
    """Each process of PostgreSQL leads a group of its own, so the postmaster is killed alone; the others notice and go."""

    def __init__(self, folder: Path) -> None:
        self.cluster = postgres.prepare(folder)
        self.log = folder / "postgres.log"
        super().__init__("PostgreSQL", self.spawn)

    def spawn(self) -> subprocess.Popen[bytes]:
        self.cluster.end_leftovers()
        process = self.cluster.spawn(self.log)
        self.cluster.wait_until_ready(process, self.log)
        return process

    def signal(self, how: signal.Signals) -> None:
        group = list(processes.working_in(self.cluster.data)) if how != signal.SIGKILL else [self.process.pid]  # type: ignore[union-attr]
        for pid in group:
            processes.send(pid, how)

    def kill_one_session(self) -> None:
        """PostgreSQL then ends all sessions and goes through its log, as after a crash."""
        others = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
        for (pid,) in self.rows(others):
            processes.send(pid, signal.SIGKILL)

    def rows(self, query: str, *values: Any, within: float = 60.0) -> list[tuple[Any, ...]]:
        """Asks again while the database comes back from a crash."""
        deadline = time.monotonic() + within
        while True:
            try:
                with psycopg.connect(self.cluster.url, connect_timeout=5) as connection:
                    return connection.execute(query, values).fetchall()  # type: ignore[arg-type]
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


class Portal(Deployment):
    """Every program of the portal is started through the launcher."""

    def command(self, service: str) -> list[str]:
        return [*LAUNCHER, *super().command(service)]


class Rig:
    """`with Rig() as rig:` gives the running whole."""

    def __init__(self) -> None:
        self.running = ExitStack()
        self.parts: dict[str, Part] = {}
        self.over = threading.Event()

    def __enter__(self) -> Self:
        with ExitStack() as until_it_stands:
            until_it_stands.callback(self.running.close)
            self.folder = self.running.enter_context(throwaway.folder("coalition-faults-"))
            self.start()
            until_it_stands.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self.running.close()

    # -- Starting ---------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.points, self.mails = self.folder / "points", self.folder / "mails"
        self.points.mkdir()
        self.mails.mkdir()
        self.smtp_port, self.redis_port = free_port(), free_port()
        self.proxy = Proxy(self.redis_port)
        self.running.callback(self.proxy.close)
        self.add(Database(self.folder))
        self.add(Part("Redis", self.spawn_redis))
        self.add(Part("SMTP server", self.spawn_sink))
        self.prepare_portal()
        for service in SERVICES:
            self.add(Part(service, lambda service=service: self.portal.spawn(service)))  # type: ignore[misc]
        supervisor = threading.Thread(target=self.supervise)
        supervisor.start()
        self.running.callback(supervisor.join)
        self.running.callback(self.over.set)
        self.wait_until_well()

    def add(self, part: Part) -> None:
        self.parts[part.name] = part
        self.running.callback(part.kill)
        part.start()

    def spawn_redis(self) -> subprocess.Popen[bytes]:
        """Without persistence: it forgets everything when it dies."""
        command = ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        wait_for_port(self.redis_port)
        return process

    def spawn_sink(self) -> subprocess.Popen[bytes]:
        self.smtp_answers()
        command = [sys.executable, "-m", "tests.faults.sink", str(self.smtp_port), str(self.mails)]
        process = subprocess.Popen(command, cwd=BASE_DIR, start_new_session=True)
        wait_for_port(self.smtp_port)
        return process

    def prepare_portal(self) -> None:
        self.portal = Portal(
            folder=self.folder,
            database_url=self.database.cluster.url,
            redis_url=f"redis://127.0.0.1:{self.proxy.port}/0",
            smtp_port=self.smtp_port,
            running=self.running,
        )
        self.portal.given |= {"EMAIL_HOST_USER": "portal", "EMAIL_HOST_PASSWORD": "secret"}
        self.portal.provided |= {
            "FAULTS_POINTS": str(self.points),
            "EMAIL_DIALOGUE_SECONDS": str(DIALOGUE_SECONDS),
            # One machine sends all forms of this run.
            "FORMS_PER_NETWORK_HOUR": NO_LIMIT,
            "FORMS_PER_HOUR": NO_LIMIT,
        }
        self.portal.run("migrate")
        for words in ("collectstatic --no-input --verbosity 0", "load_catalogue"):
            self.portal.run("web", "python", "manage.py", *words.split())
        self.portal.run("web", "env", "DEMONSTRATION=on", "python", "manage.py", "load_demonstration")

    # -- Parts ------------------------------------------------------------------------------------------------------------------

    @property
    def database(self) -> Database:
        part = self.parts["PostgreSQL"]
        assert isinstance(part, Database)
        return part

    def supervise(self) -> None:
        """As Docker does (`restart: unless-stopped`), for what ended by itself."""
        while not self.over.wait(0.2):
            for part in list(self.parts.values()):
                part.start_if_it_died()

    def start_what_was_killed(self) -> None:
        for part in self.parts.values():
            if part.process is None:
                part.start()

    def redis(self) -> "redis.Redis":
        """Past the proxy."""
        return redis.Redis(port=self.redis_port, socket_timeout=5)

    def smtp_answers(self, **script: Any) -> None:
        unfinished = self.mails / "script.part"
        unfinished.write_text(json.dumps(script))
        unfinished.rename(self.mails / "script.json")

    @contextmanager
    def beside(self, *arguments: str) -> Iterator[Part]:
        """A command of manage.py that runs beside the others; in the end it is killed."""
        part = Part(arguments[0], lambda: self.portal.spawn("web", [*LAUNCHER, "python", "manage.py", *arguments]))
        part.start()
        try:
            yield part
        finally:
            part.kill()

    # -- Points -----------------------------------------------------------------------------------------------------------------

    def arm(self, point: str) -> None:
        (self.points / point).touch()

    def has_fired(self, point: str) -> bool:
        return not (self.points / point).exists()

    def disarm(self) -> None:
        for point in self.points.iterdir():
            point.unlink(missing_ok=True)

    # -- What is asked ----------------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.database.rows(query, *values)

    def hears_worker(self, within: float) -> bool:
        visitor, deadline = Visitor(f"http://127.0.0.1:{self.portal.port}"), time.monotonic() + within
        while time.monotonic() < deadline:
            with suppress(OSError):
                if '"ok"' in visitor.get("/healthz/worker"):
                    return True
            time.sleep(0.1)
        return False

    def wait_until_well(self, within: float = 60.0) -> float:
        """How many seconds it took until the web server says it is well."""
        start = time.monotonic()
        eventually(Visitor(f"http://127.0.0.1:{self.portal.port}").is_well, within)
        return time.monotonic() - start
