"""Restart with back-off, orderly stop, and logs that do not grow for ever."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coalition.local import processes
from coalition.local.processes import Child

SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(processes.time, "monotonic", lambda: Clock.now)
    return Clock


def child(code):
    return Child(
        "test", lambda: subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True), 5.0
    )


@pytest.fixture
def dies():
    dying = child("raise SystemExit(3)")
    yield dying
    dying.stop()
    close(dying)


def close(stopped):
    if stopped.process:
        stopped.process.stdout.close()


def delays_until_restart(dying, clock, times):
    for _ in range(times):
        dying.process.wait()
        close(dying)
        dying.tend()
        assert dying.process is None
        yield dying.restart_at - clock.now
        clock.now = dying.restart_at
        dying.tend()


def test_a_child_that_keeps_dying_is_restarted_ever_later(dies, clock, capsys):
    dies.start()
    assert [*delays_until_restart(dies, clock, 8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert capsys.readouterr().out.splitlines()[0] == "The test stopped (exit 3); starting it again in 0.5 s."


def test_a_child_that_lived_a_minute_is_restarted_at_once_again(clock):
    sleeper = child(SLEEPS)
    sleeper.delay = 16
    sleeper.start()
    clock.now += 61
    sleeper.tend()
    assert sleeper.delay == 0.5
    sleeper.stop()
    close(sleeper)


def test_a_child_that_ignores_the_signal_is_killed_with_its_own_children():
    code = "import signal, subprocess, sys; signal.signal(15, signal.SIG_IGN); "
    code += f"print(subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]).pid, flush=True); {SLEEPS}"
    stubborn = child(code)
    stubborn.stop_within = 0.1
    grandchild = int(stubborn.start().stdout.readline())
    stubborn.stop()
    close(stubborn)
    assert stubborn.process.returncode == -signal.SIGKILL
    processes.wait_for_none(lambda: [pid for pid in [grandchild] if is_running(pid)], 5)
    assert not is_running(grandchild)


def is_running(pid):
    """Not gone, and not only waiting to be noticed by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_before_runs_ahead_of_every_start():
    calls = []
    sleeper = child(SLEEPS)
    sleeper.before = lambda: calls.append(sleeper.process)
    sleeper.start()
    assert calls == [None]
    sleeper.stop()
    close(sleeper)


def test_marked_processes_are_found_and_ended(tmp_path):
    marked = subprocess.Popen([sys.executable, "-c", SLEEPS], env={processes.MARK: str(tmp_path)})
    other = subprocess.Popen([sys.executable, "-c", SLEEPS], env={processes.MARK: f"{tmp_path}-other"})
    assert [*processes.carrying_mark(tmp_path)] == [marked.pid]
    processes.end_all(lambda: processes.carrying_mark(tmp_path), how=signal.SIGTERM, within=5)
    assert marked.wait(5) == -signal.SIGTERM
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_long_log_becomes_the_older_part(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LONGEST_LOG", 10)
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"0123456789")
        processes.bound_log(log)
        writer.write(b"A")
        processes.bound_log(log)
        writer.write(b"B")
    assert (tmp_path / "web.log.1").read_bytes() == b"0123456789A"
    assert log.read_bytes() == b"B"
