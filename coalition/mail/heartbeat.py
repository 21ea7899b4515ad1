"""Whether a worker runs tasks at all: each round of the mail queue leaves its time in one row.

A process that is alive may still take nothing from the broker; this row grows old then (`/healthz/worker`).
"""

from datetime import timedelta

from django.db.models.functions import Now

from coalition.mail.models import Heartbeat

# Longer than the longest task (CELERY_TASK_SOFT_TIME_LIMIT), so that one slow mail server is no alarm.
OVERDUE = timedelta(seconds=80)


def beat() -> None:
    Heartbeat.objects.update_or_create(id=1, defaults={"beat_at": Now()})


def age() -> timedelta | None:
    """Since the last one, by the database's clock. None if there never was one."""
    last = Heartbeat.objects.annotate(now=Now()).first()
    return last.now - last.beat_at if last else None


def is_heard(age: timedelta | None) -> bool:
    return age is not None and age <= OVERDUE
