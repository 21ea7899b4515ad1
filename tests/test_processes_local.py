"""`make run` itself: `python -m coalition.local` in a folder of its own, its children killed one after the other."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coalition.local import processes, throwaway
from tests.processes import Visitor, eventually
from tests.services import free_port

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


class Portal:
    def __init__(self, folder):
        self.data_dir = folder / "data"
        self.port = free_port()
        self.visitor = Visitor(f"http://127.0.0.1:{self.port}")
        self.output = folder / "output.txt"
        self.supervisor = None

    def command(self, port=None):
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(self.data_dir), "PORT": str(port or self.port)}
        return {"args": [sys.executable, "-m", "coalition.local"], "env": environment}

    def start(self):
        """Start it and wait until it says that it is ready; the seconds that took."""
        began = time.monotonic()
        with self.output.open("wb") as output:
            self.supervisor = subprocess.Popen(**self.command(), stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        eventually(lambda: "Stop:" in self.said() or self.supervisor.poll() is not None, within=60)
        assert self.supervisor.poll() is None, self.said()
        return time.monotonic() - began

    def stop(self, how=signal.SIGINT):
        """Stop it as Ctrl-C does; the seconds that took."""
        began = time.monotonic()
        self.supervisor.send_signal(how)
        self.supervisor.wait(20)
        return time.monotonic() - began

    def said(self):
        return self.output.read_text()

    def refusal(self, port=None):
        done = subprocess.run(**self.command(port), capture_output=True, text=True, check=False, timeout=30)
        return done.returncode, done.stderr.strip()

    def pids(self):
        return {*processes.carrying_mark(self.data_dir), *processes.working_in(self.data_dir / "postgres" / "data")}

    def child(self, *words):
        """The child whose command has these words: the one that the supervisor started."""
        for pid in self.pids():
            command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            if parent == self.supervisor.pid and all(word in command for word in words):
                return pid
        return None

    def delivers(self, recipient):
        """Whether an interest registered now leads to a mail."""
        self.visitor.register(recipient, "1103", "3224")
        return eventually(lambda: [*self.data_dir.glob(f"mail/*{recipient}*.eml")])


@pytest.fixture(scope="module")
def portal():
    with throwaway.folder("coalition-run-") as folder:
        portal = Portal(folder)
        try:
            portal.start()
            yield portal
        finally:
            if portal.supervisor.poll() is None:
                portal.stop()
            for pid in portal.pids():
                processes.send(pid, signal.SIGKILL)


def test_first_start_shows_the_catalogue_and_the_password_once(portal):
    assert "118" in portal.visitor.get("/initiatives/")
    assert portal.said().count("password:") == 1
    for log in portal.data_dir.glob("logs/*.log"):
        assert "password:" not in log.read_text()
    for private in ("secret-key", "database-url"):
        assert (portal.data_dir / private).stat().st_mode & 0o777 == 0o600


def test_a_second_supervisor_is_refused_in_a_sentence(portal):
    sentence = f"The portal runs already with DATA_DIR={portal.data_dir}. Stop it with Ctrl-C, or choose another DATA_DIR."
    assert portal.refusal(free_port()) == (1, sentence)


def test_a_taken_port_is_refused_in_a_sentence(portal):
    other = Portal(portal.data_dir.parent / "other")
    sentence = f"Port {portal.port} is taken by another program. Choose another one: PORT=8001 make run"
    assert other.refusal(portal.port) == (1, sentence)


@pytest.mark.parametrize(
    "words", [("gunicorn",), ("celery", " worker"), ("celery", " beat"), ("bin/postgres",)], ids=lambda words: words[-1]
)
def test_a_killed_child_comes_back_and_mail_goes_out(portal, words):
    eventually(portal.visitor.is_well)
    killed = eventually(lambda: portal.child(*words))
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: portal.child(*words) not in {None, killed})
    eventually(portal.visitor.is_well)
    assert portal.delivers(f"killed{killed}@focal.example.org")


def test_deleted_broker_folders_come_back_and_mail_goes_out(portal):
    for folder in portal.data_dir.glob("broker*"):
        shutil.rmtree(folder)
    assert portal.delivers("folders@focal.example.org")


def test_stop_leaves_no_process_and_the_next_start_keeps_the_data(portal):
    assert portal.delivers("before@focal.example.org")
    assert portal.stop() < 10
    assert portal.pids() == set()
    assert portal.said().endswith("Stopped.\n")
    assert portal.start() < 10
    assert "password:" not in portal.said()
    assert "118" in portal.visitor.get("/initiatives/")


def test_what_a_killed_supervisor_leaves_behind_is_ended_by_the_next_start(portal):
    left = portal.pids()
    portal.stop(signal.SIGKILL)
    assert portal.pids() & left  # all but a helper of PostgreSQL that had its end anyway
    portal.start()
    assert portal.pids() & left == set()
    assert portal.delivers("after@focal.example.org")
