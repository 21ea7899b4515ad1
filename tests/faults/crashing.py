"""Starts a program of the portal in such a way that it can be killed at a named point, with its long waits scaled down.

python -m tests.faults.crashing gunicorn coalition.wsgi
python -m tests.faults.crashing python manage.py send_mail --loop

The product has no hooks for this: the functions at the points are wrapped from outside, once Django is set up. A point is armed
by a file of its name in the folder FAULTS_POINTS; the first process that comes there takes the file away and dies of SIGKILL.
"""

import functools
import importlib.metadata
import os
import random
import resource
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.apps import registry

POINTS = Path(os.environ["FAULTS_POINTS"])
# Five minutes of a lease become five seconds, the minute between two probes one second.
SCALE = 60
TICK = timedelta(seconds=0.5)
here = threading.local()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def taken(point: str) -> bool:
    try:
        (POINTS / point).unlink()
    except FileNotFoundError:
        return False
    return True


def come_to(point: str) -> None:
    if taken(point):
        die()


def around(owner: Any, name: str, *, before: Callable[..., None] | None = None, after: Callable[..., None] | None = None) -> None:
    """`before` gets what the function gets, `after` what it returned and then the same."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            before(*args, **kwargs)
        result = original(*args, **kwargs)
        if after:
            after(result, *args, **kwargs)
        return result

    setattr(owner, name, wrapped)


def watch_web() -> None:
    """The points of every action that a page calls: before, during and after its commit."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from interest import actions

    for action in ("register", "verify", "answer", "withdraw"):
        watch_action(actions, action)
    around(BaseDatabaseWrapper, "_commit", before=commit)


def watch_action(actions: Any, action: str) -> None:
    def before(**_values: Any) -> None:
        here.action = action

    def after(_result: Any, **_values: Any) -> None:
        here.action = ""
        come_to(f"{action}: after the commit")

    around(actions, action, before=before, after=after)


def commit(_connection: Any) -> None:
    if action := getattr(here, "action", ""):
        come_to(f"{action}: before the commit")
        if taken(f"{action}: during the commit"):
            threading.Thread(target=die_in_a_moment).start()


def die_in_a_moment() -> None:
    time.sleep(random.uniform(0, 0.001))
    die()


def watch_sender() -> None:
    from coalition.mail import queue
    from coalition.mail.backends import Dialogue

    around(queue, "send_due", before=lambda: come_to("a tick was taken"), after=lambda _sent: come_to("after the round"))
    around(queue, "open_channel", after=lambda *_: come_to("connected"))
    around(queue, "claim", after=lambda email: come_to("claimed") if email else None)
    around(queue, "build", before=poison)
    around(queue, "freeze", after=lambda *_: come_to("frozen"))
    around(Dialogue, "send", after=lambda _none, _self, data: after_send(data))
    around(queue, "record", before=before_record, after=lambda _, email, **values: after_record(**values))


def poison(email: Any) -> None:
    """Rows that no sender survives, or that raise what nobody foresaw."""
    if email.key.startswith("poison:kill"):
        die()
    if email.key.startswith("poison:eat"):
        eat()
    if email.key.startswith("poison:raise"):
        raise RuntimeError("poison")


def eat() -> None:
    """Takes memory until there is none left, and is killed for it, as the kernel does. A limit keeps the machine from harm."""
    soft = 2 * 1024**3
    resource.setrlimit(resource.RLIMIT_AS, (soft, soft))
    eaten = []
    try:
        while True:
            eaten.append(bytearray(64 * 1024**2))
    except MemoryError:
        die()


def after_send(data: Any) -> None:
    if not isinstance(data, str) and bytes(data).endswith(b"\r\n.\r\n"):
        come_to("after the dot")


def before_record(_email: Any, **values: Any) -> None:
    if values.get("state") == "sent":
        come_to("after the 250")


def after_record(**values: Any) -> None:
    if values.get("state") == "sent":
        come_to("recorded")


def scale() -> None:
    """What takes minutes takes seconds, and what takes days an hour, so that a run ends. Nothing else is changed."""
    from django.conf import settings

    from coalition.mail import queue
    from coalition.mail.models import OutgoingEmail, Pause

    OutgoingEmail.LEASE /= SCALE
    Pause.PROBE_EVERY /= SCALE
    queue.DELAYS = [delay / SCALE for delay in queue.DELAYS]
    queue.SOON /= SCALE
    queue.LATER /= SCALE
    settings.CELERY_BEAT_SCHEDULE["send due mail"]["schedule"].run_every = TICK


def install() -> None:
    scale()
    watch_sender()
    watch_web()


def install_once_django_is_set_up() -> None:
    populate = registry.Apps.populate

    def populate_and_install(apps: registry.Apps, installed: Any = None) -> None:
        was_ready = apps.ready
        populate(apps, installed)
        if apps is registry.apps and apps.ready and not was_ready:
            install()

    registry.Apps.populate = populate_and_install  # type: ignore[method-assign]


def run(program: str, *arguments: str) -> None:
    if program == "python":
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
        return
    [entry] = importlib.metadata.entry_points(group="console_scripts", name=program)
    sys.argv = [program, *arguments]
    sys.exit(entry.load()())


def main() -> None:
    install_once_django_is_set_up()
    off = timedelta(seconds=float(os.environ.get("FAULTS_CLOCK_OFF", "0")))
    if off:
        time_machine.travel(time.time() + off.total_seconds(), tick=True).start()
    run(*sys.argv[1:])


if __name__ == "__main__":
    main()
