"""T2: the broker is absent, frozen or lying, while forms come in all the time. Nobody who uses the site may notice."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.faults import Fault, Stage

FORMS_PER_SECOND = 5
# Longer than the time-out after which somebody who waits for the broker fails.
LASTS_AT_LEAST = 8.0


def forms(stage: Stage) -> None:
    for _ in range(stage.times):
        stage.crowd.arrive(codes=("2202",))
        time.sleep(max(1 / FORMS_PER_SECOND, LASTS_AT_LEAST / stage.times))
    stage.row.others += 1


@contextmanager
def again_and_again(deed: Callable[[], object], every: float = 0.2) -> Iterator[None]:
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(every):
            deed()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def absent(stage: Stage) -> None:
    """Redis, worker and beat are gone for good. The command for emergencies sends everything."""
    for name in ("Redis", "worker", "beat"):
        stage.rig.parts[name].kill()
        stage.row.kills += 1
    with stage.rig.beside("send_mail", "--loop"):
        forms(stage)
        stage.crowd.finish(60)
        unfinished = stage.crowd.unfinished()
    stage.row.promise(holds=not unfinished, sentence=f"`send_mail --loop` alone sends all, but {unfinished} forms wait")


def frozen(stage: Stage) -> None:
    with stage.rig.parts["Redis"].frozen():
        forms(stage)


def half_open(stage: Stage) -> None:
    stage.rig.proxy.begin_hole()
    try:
        forms(stage)
    finally:
        stage.rig.proxy.end_hole()


def forgetful(stage: Stage) -> None:
    with again_and_again(stage.rig.redis().flushall):
        forms(stage)


def full(stage: Stage) -> None:
    server = stage.rig.redis()
    server.config_set("maxmemory", "1mb")
    try:
        forms(stage)
    finally:
        server.config_set("maxmemory", "0")


def cutting(stage: Stage) -> None:
    server = stage.rig.redis()
    with again_and_again(lambda: server.execute_command("CLIENT KILL TYPE normal SKIPME yes")):
        forms(stage)


FAULTS = [
    Fault(f"Redis {how}", act, times=200, short=short, is_asked_for_p99=True)
    for how, act, short in [
        ("absent, worker and beat too: `send_mail --loop`", absent, 20),
        ("frozen all the while", frozen, 20),
        ("behind a half-open link", half_open, 20),
        ("forgets everything, 5 times a second (FLUSHALL)", forgetful, 0),
        ("full (maxmemory)", full, 20),
        ("cuts all clients, 5 times a second (CLIENT KILL)", cutting, 0),
    ]
]
