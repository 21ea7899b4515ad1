"""T1: processes die at named points and at random moments."""

import time

from tests.faults.faults import Fault, Stage


def nothing(stage: Stage) -> None:
    for _ in range(5 * stage.times):
        stage.crowd.arrive()
        time.sleep(0.5)


def at(point: str) -> Fault:
    def act(stage: Stage) -> None:
        for _ in range(stage.times):
            stage.rig.arm(point)
            stage.crowd.arrive(withdraws=point.startswith("withdraw"))
            stage.fire(point)

    return Fault(point, act, doubles=int(point in AMBIGUOUS), times=8, short=int(point not in LONG_ONLY))


# Between the mail server's 250 and our note of it, nobody can know (RFC 5321 §6.1).
AMBIGUOUS = ("after the dot", "after the 250")
# Points so near to another one that the short form leaves them out.
LONG_ONLY = (
    "verify: during the commit",
    "answer: during the commit",
    "withdraw: during the commit",
    "a tick was taken",
    "frozen",
    "after the round",
)
ACTIONS = ("register", "verify", "answer", "withdraw")
WEB = [f"{action}: {moment} the commit" for action in ACTIONS for moment in ("before", "during", "after")]
SENDER = ["a tick was taken", "connected", "claimed", "frozen", "after the dot", "after the 250", "recorded", "after the round"]


def outside(name: str, *, doubles: int = 0, short: int = 2) -> Fault:
    """The whole part is killed at a random moment and started again, as `restart: unless-stopped` does."""

    def act(stage: Stage) -> None:
        part = stage.rig.parts[name]
        for _ in range(stage.times):
            stage.crowd.arrive(2)
            stage.wait(0.2, 2.5)
            part.kill()
            stage.row.kills += 1
            stage.wait(0, 0.5)
            part.start()

    return Fault(f"kill -9 of {name}", act, times=13, short=short, doubles=doubles)


def session(stage: Stage) -> None:
    for _ in range(stage.times):
        stage.crowd.arrive(2)
        stage.wait(0.2, 2.0)
        stage.rig.database.kill_one_session()
        stage.row.kills += 1


def frozen(name: str) -> Fault:
    """SIGSTOP for five seconds: a machine that swaps, a virtual machine that is moved."""

    def act(stage: Stage) -> None:
        for _ in range(stage.times):
            stage.crowd.arrive(3)
            stage.wait(0.2, 1.5)
            with stage.rig.parts[name].frozen():
                stage.row.others += 1
                stage.crowd.arrive(1)
                time.sleep(5)

    return Fault(f"{name} frozen for 5 s", act, times=2, short=int(name in ("worker", "SMTP server")), doubles=1)


FAULTS = [
    Fault("none", nothing, times=8, short=2),
    *(at(point) for point in WEB),
    *(at(point) for point in SENDER),
    outside("web"),
    outside("worker", doubles=1),
    outside("beat", short=1),
    outside("PostgreSQL", doubles=1),
    Fault("kill -9 of one session of PostgreSQL", session, times=8, short=1, doubles=1),
    outside("Redis", short=1),
    outside("SMTP server", doubles=1),
    *(frozen(name) for name in ("web", "worker", "PostgreSQL", "Redis", "SMTP server")),
]
