"""Starts what the tests need before Django reads its settings: PostgreSQL and Redis, on a socket and a port of their own.

Loaded as a pytest plugin (`-p tests.services`). TEST_DATABASE_URL names a PostgreSQL that runs already, TEST_DATA_DIR a folder
that stays. Workers of xdist inherit everything through the environment; only the first process starts and stops.

At the end it says how many tests each part ran. Where a part is missing (no redis-server, no Chromium) its tests are skipped
and the last line says so loudly; with CI set they fail, and so does a run in which a part ran no test at all.
"""

import atexit
import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from coalition import local
from coalition.local import CannotRunError, throwaway

PARTS = {"postgresql": "PostgreSQL", "redis": "Redis", "smtp": "SMTP", "browser": "browser"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
SETTINGS = Path(local.__file__).resolve().parents[1] / "settings.py"
# What a person may have set for their own portal must not leak into the tests: every variable that the settings read.
FOREIGN = re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', SETTINGS.read_text())

ran: Counter[str] = Counter()


def is_first_process() -> bool:
    return "PYTEST_XDIST_WORKER" not in os.environ


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests():
    """A wrapper, because pytest-django reads the settings in this hook, before plain implementations of it run."""
    if is_first_process():
        start()
    return (yield)


def start() -> None:
    running = ExitStack()
    atexit.register(running.close)
    folder = running.enter_context(throwaway.folder("coalition-tests-"))
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(DEMONSTRATION="on", SITE_URL="http://testserver")
    os.environ["DATA_DIR"] = os.environ.get("TEST_DATA_DIR") or str(folder / "data")
    (folder / "data" / "static").mkdir(parents=True)  # WhiteNoise warns without it, and a live server starts before any fixture
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or start_postgres(folder, running)
    os.environ["TEST_REDIS_URL"] = start_redis(folder, running) if shutil.which("redis-server") else ""


def start_postgres(folder: Path, running: ExitStack) -> str:
    try:
        return running.enter_context(throwaway.database(folder))
    except CannotRunError as error:
        raise pytest.UsageError(str(error)) from None


def start_redis(folder: Path, running: ExitStack) -> str:
    """Without persistence: nothing may depend on what Redis remembers (reliability: the row is the queue)."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    running.callback(process.wait)
    running.callback(process.terminate)
    wait_for_port(port)
    return f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@pytest.fixture
def redis_url() -> str:
    return os.environ["TEST_REDIS_URL"]


# -- Which parts ran -----------------------------------------------------------------------------------------------------------


def pytest_configure(config) -> None:
    for part, name in PARTS.items():
        config.addinivalue_line("markers", f"{part}: uses a real {name}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(item.fixturenames):
            item.add_marker("postgresql")
        if "redis_url" in item.fixturenames:
            item.add_marker("redis")


def missing() -> dict[str, str]:
    lacks = {}
    if not os.environ["TEST_REDIS_URL"]:
        lacks["redis"] = "no redis-server (Debian: apt install redis-server)"
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        lacks["browser"] = "no Chromium (Debian: apt install chromium)"
    return lacks


def pytest_runtest_setup(item) -> None:
    for part, reason in missing().items():
        if item.get_closest_marker(part):
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def pytest_runtest_logreport(report) -> None:
    if report.when == "call" and not report.skipped:
        ran.update(part for part in PARTS if part in report.keywords)


def pytest_sessionfinish(session) -> None:
    if is_first_process() and os.environ.get("CI") and not all(ran[part] for part in PARTS):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter) -> None:
    counts = ", ".join(f"{name} {ran[part]}" for part, name in PARTS.items())
    terminalreporter.write_line(f"Tests that used a real service: {counts}")
    for part, reason in missing().items():
        terminalreporter.write_line(f"THE {PARTS[part].upper()} PART DID NOT RUN: {reason}", red=True, bold=True)
