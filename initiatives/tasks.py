from celery import shared_task

from initiatives import changes


@shared_task(name="initiatives.tasks.record_changes")  # type: ignore[untyped-decorator]
def record_changes() -> None:
    """Looks at what was saved lately. May come late, twice or not at all: the next look finds what this one missed."""
    changes.record(lately=True)


@shared_task(name="initiatives.tasks.record_all_changes")  # type: ignore[untyped-decorator]
def record_all_changes() -> None:
    """Compares every entry, also those that were changed past the portal."""
    changes.record()
