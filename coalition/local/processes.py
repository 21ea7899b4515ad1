"""Child processes that are started again when they die, and the ones that a killed supervisor left behind."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_AFTER = 60.0
LONGEST_LOG = 5_000_000
# Every child carries this variable with its DATA_DIR, so that it is found again even if everything above it was killed.
MARK = "COALITION_SUPERVISED"


def nothing() -> None:
    pass


def always() -> bool:
    return True


@dataclass
class Child:
    """One supervised process.

    `spawn` starts it in a session of its own, `before` runs ahead of every start, `is_ready` says whether those
    after it may be started.
    """

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    stop_within: float
    stop_signal: signal.Signals = signal.SIGTERM
    before: Callable[[], None] = nothing
    is_ready: Callable[[], bool] = always
    process: subprocess.Popen[bytes] | None = None
    delay: float = FIRST_DELAY
    started: float = 0.0
    restart_at: float = 0.0

    def start(self) -> subprocess.Popen[bytes]:
        self.before()
        self.started = time.monotonic()
        self.process = self.spawn()
        return self.process

    def tend(self) -> None:
        """Start it again if it died and its time has come."""
        now = time.monotonic()
        if self.process and self.process.poll() is None:
            if now - self.started > STEADY_AFTER:
                self.delay = FIRST_DELAY
            return
        if self.process:
            self.mourn(self.process, now)
        if now >= self.restart_at:
            self.start()

    def mourn(self, process: subprocess.Popen[bytes], now: float) -> None:
        print(f"The {self.name} stopped ({ending(process.returncode)}); starting it again in {self.delay:g} s.", flush=True)
        kill_group(process)
        self.process = None
        self.restart_at = now + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)

    def stop(self) -> None:
        if self.process:
            stop(self.process, how=self.stop_signal, within=self.stop_within)


def ending(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name


def stop(process: subprocess.Popen[bytes], *, how: signal.Signals, within: float) -> None:
    """Ask it to end, and end it and its children if it does not."""
    if process.poll() is None:
        process.send_signal(how)
    with suppress(subprocess.TimeoutExpired):
        process.wait(within)
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Its children too: the number stays that of the group for as long as one of them lives."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


# -- Processes of an earlier run (Linux only: elsewhere none is found) ---------------------------------------------------------


def carrying_mark(data_dir: Path) -> Iterator[int]:
    mark = os.fsencode(f"{MARK}={data_dir}")
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


def working_in(folder: Path) -> Iterator[int]:
    """PostgreSQL overwrites its environment, but each of its processes changes into the data folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                yield int(entry.name)


def end_all(find: Callable[[], Iterable[int]], *, how: signal.Signals, only: int | None = None, within: float) -> None:
    """Ask them (or only one of them, who asks the others) to end; kill those that are there after a while."""
    for pid in find():
        if only in {None, pid}:
            send(pid, how)
    wait_for_none(find, within)
    for pid in find():
        send(pid, signal.SIGKILL)
    wait_for_none(find, within)


def wait_for_none(find: Callable[[], Iterable[int]], within: float) -> None:
    deadline = time.monotonic() + within
    while any(find()) and time.monotonic() < deadline:
        time.sleep(0.02)


def send(pid: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, how)


# -- Logs ----------------------------------------------------------------------------------------------------------------------


def bound_log(log: Path) -> None:
    """Keep one older part beside a log that grew too long. The children append, so they go on at the new beginning."""
    with suppress(FileNotFoundError):  # somebody tidied up
        if log.stat().st_size > LONGEST_LOG:
            shutil.copy(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
