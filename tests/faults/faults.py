"""What a fault is, and how one is suffered: something is done to the portal while people use it, then all is accounted for."""

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Row
from tests.faults.rig import Rig
from tests.processes import eventually


@dataclass
class Stage:
    """Where a fault happens: `times` says how often."""

    rig: Rig
    crowd: Crowd
    times: int
    random: random.Random
    row: Row
    # How many mails are to be put aside, because nobody can send them.
    parked: int = 0

    def fire(self, point: str, within: float = 60.0) -> None:
        """Waits until a process died at the point."""
        eventually(lambda: self.rig.has_fired(point), within)
        self.row.kills += 1

    def write(self, *, number: int, start: str, domain: str = "ministry.example", key: str = "plain") -> None:
        """Puts so many mails into the queue, to addresses that begin so."""
        self.row.mails += number
        code = WRITE.format(number=number, start=start, domain=domain, key=f"{key}:{uuid.uuid4()}")
        self.rig.portal.run("web", "python", "manage.py", "shell", "--verbosity", "0", "--command", code)

    def wait(self, low: float, high: float) -> None:
        time.sleep(self.random.uniform(low, high))


WRITE = """
from coalition.mail import actions
for number in range({number}):
    actions.write(kind="receipt", key=f"{key}:{{number}}", recipient=f"{start}{{number}}@{domain}",
                  reply_to="coalition@example.org", subject="Written by the faults", text="Grüße", html="", language="en")
"""


@dataclass(frozen=True)
class Fault:
    """`times` in the long and in the short form (0: left out); `doubles`: how many extra copies one blow may lead to."""

    name: str
    act: Callable[[Stage], None]
    times: int = 8
    short: int = 1
    doubles: int = 0
    is_asked_for_p99: bool = False


@dataclass(frozen=True)
class Bounds:
    """How long things may take: the promise itself, or something generous for a machine that does other work too.

    `back`: the seconds after which all is done, beside the time for the mails that had to wait at `mails_a_second`.
    """

    back: float = 30.0
    mails_a_second: float = 50.0
    patience: float = 90.0
    p99: float = 1.5
    is_short: bool = False

    def times(self, fault: Fault) -> int:
        return fault.short if self.is_short else fault.times


LONG = Bounds()
SHORT = Bounds(back=120.0, patience=120.0, p99=10.0, is_short=True)


def suffer(fault: Fault, rig: Rig, bounds: Bounds) -> Row:
    """One line of the table."""
    row = Row(fault.name)
    ledger = Ledger(rig)
    with Crowd(rig) as crowd:
        stage = Stage(rig, crowd, bounds.times(fault), random.Random(fault.name), row)
        try:
            fault.act(stage)
        except AssertionError as error:
            row.promise(holds=False, sentence=f"it could not be done: {error}")
        rig.disarm()
        rig.start_what_was_killed()
        start = time.monotonic()
        rig.wait_until_well(bounds.patience)
        crowd.finish(bounds.patience)
        ledger.wait_until_quiet(bounds.patience)
        row.back = time.monotonic() - start
        row.promise(holds=rig.hears_worker(bounds.patience), sentence="the health page says that a worker runs tasks again")
    ledger.close(row, crowd, parked=stage.parked)
    judge(row, fault, bounds)
    return row


def judge(row: Row, fault: Fault, bounds: Bounds) -> None:
    row.promise(holds=row.losses == 0, sentence=f"nothing is lost, but {row.losses} are")
    row.promise(holds=row.differing == 0, sentence=f"every copy has the same Message-ID and bytes, but {row.differing} differ")
    allowed = fault.doubles * (row.kills + row.others)
    row.promise(holds=row.extra <= allowed, sentence=f"at most {allowed} extra copies, but {row.extra} came")
    back = bounds.back + row.mails / bounds.mails_a_second
    row.promise(holds=row.back <= back, sentence=f"all is done {back:.0f} s after, but it took {row.back:.0f} s")
    if fault.is_asked_for_p99:
        row.promise(holds=row.errors == 0, sentence=f"no page fails, but {row.errors} did")
        row.promise(holds=row.p99 <= bounds.p99, sentence=f"pages take {bounds.p99} s at most (p99), but took {row.p99:.2f} s")
