"""T4: mails that no sender survives, messages that nobody can read, clocks that are wrong."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.faults import Fault, Stage
from tests.faults.rig import SERVICES
from tests.processes import eventually

NEIGHBORS = 100
CLAIMS = 5
DAY = 24 * 60 * 60


def poisoned(how: str) -> Fault:
    def act(stage: Stage) -> None:
        stage.write(number=stage.times, start="poison-", key=f"poison:{how}")
        stage.row.mails -= stage.times
        stage.write(number=NEIGHBORS, start="neighbor-")
        stage.parked = stage.times
        stage.row.kills += CLAIMS * stage.times if how in ("kill", "eat") else 0
        stage.row.others += CLAIMS * stage.times if how == "raise" else 0
        eventually(lambda: parked(stage) == stage.times, 90)

    return Fault(NAMES[how], act, times=2, short=int(how == "kill"))


NAMES = {
    "kill": "mails that kill whoever sends them",
    "eat": "mails that eat all the memory of whoever sends them",
    "raise": "mails that raise what nobody foresaw",
}


def parked(stage: Stage) -> int:
    query = "SELECT count(*) FROM mail_outgoingemail WHERE state = 'parked' AND created_at > now() - interval '2 min'"
    [(number,)] = stage.rig.rows(query)
    return number


def task(name: str, body: object) -> bytes:
    """As kombu writes it (protocol 2 of Celery), but with whatever in it."""
    properties = {
        "correlation_id": str(uuid.uuid4()),
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "coalition"},
        "priority": 0,
        "body_encoding": "utf-8",
        "delivery_tag": str(uuid.uuid4()),
    }
    headers = {"lang": "py", "task": name, "id": str(uuid.uuid4()), "argsrepr": "", "kwargsrepr": ""}
    message = {"content-encoding": "utf-8", "content-type": "application/json", "headers": headers, "properties": properties}
    return json.dumps(message | {"body": json.dumps(body)}).encode()


NOBODY_CAN_READ = [
    b"not JSON at all",
    b"{}",
    b'{"body": "x"}',
    task("coalition.mail.tasks.of_a_later_release", [[], {}, {}]),
    task("coalition.mail.tasks.send_due", [["an argument of a later release"], {"colour": "red"}, {}]),
    task("coalition.mail.tasks.send_due", "no arguments at all"),
]


def unreadable(stage: Stage) -> None:
    """In the broker's queue, as after a rolling deployment or a write that was cut."""
    queue = stage.rig.portal.provided["CELERY_PREFIX"] + "coalition"
    for _ in range(stage.times):
        for message in NOBODY_CAN_READ:
            stage.rig.redis().lpush(queue, message)
            stage.row.others += 1
            stage.crowd.arrive()
            stage.wait(0.2, 1.0)
    stage.crowd.finish(60)
    unfinished = stage.crowd.unfinished()
    stage.row.promise(holds=not unfinished, sentence=f"the worker goes on, but {unfinished} forms wait")
    stage.row.promise(holds=not comes_back(stage, 20), sentence="a message that ended the worker does not end the next one")
    stage.rig.redis().flushall()  # nor comes back later, in the midst of another fault


def comes_back(stage: Stage, within: float) -> bool:
    """Whether the last message waits, or is in a worker's hands, for so long."""
    prefix, deadline = stage.rig.portal.provided["CELERY_PREFIX"], time.monotonic() + within
    server = stage.rig.redis()
    while any(
        b"no arguments at all" in left for left in server.lrange(f"{prefix}coalition", 0, -1) + server.hvals(f"{prefix}unacked")
    ):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.2)
    return False


@contextmanager
def clock_of(stage: Stage, services: tuple[str, ...], off: int) -> Iterator[None]:
    """PostgreSQL keeps the right time."""
    stage.rig.portal.provided["FAULTS_CLOCK_OFF"] = str(off)
    try:
        for service in services:
            stage.rig.parts[service].restart()
        stage.rig.wait_until_well()
        yield
    finally:
        stage.rig.portal.provided["FAULTS_CLOCK_OFF"] = "0"
        for service in services:
            stage.rig.parts[service].restart()


def clock(services: tuple[str, ...], off: int, short: int = 0) -> Fault:
    def act(stage: Stage) -> None:
        with clock_of(stage, services, off):
            stage.row.others += 1
            stage.crowd.arrive(stage.times)
            stage.crowd.finish(60)
            unfinished = [form for form in stage.crowd.forms.values() if not form.is_finished]
        stage.row.promise(
            holds=not unfinished, sentence=f"mail goes out by the database's clock, but {len(unfinished)} forms wait"
        )

    return Fault(f"clock of {', '.join(services)} a day {'ahead' if off > 0 else 'behind'}", act, times=8, short=short)


FAULTS = [
    *(poisoned(how) for how in NAMES),
    Fault("messages in Redis that nobody can read", unreadable, times=3, short=1),
    clock(SERVICES, DAY, short=2),
    clock(SERVICES, -DAY),
    clock(("worker",), DAY),
    clock(("worker",), -DAY),
]
