from celery import shared_task

from interest import actions

# A worker that forgets sends no mail meanwhile. What is left waits for the next night.
FORGET_SECONDS = 45
DIGEST_SECONDS = 45


@shared_task(name="interest.tasks.pursue_silence")  # type: ignore[untyped-decorator]
def pursue_silence() -> None:
    """May come late, twice at once, or not at all for weeks: the rows tell what is due."""
    actions.pursue_silence()


@shared_task(name="interest.tasks.brief_staff")  # type: ignore[untyped-decorator]
def brief_staff() -> None:
    """May come late, twice at once, or not at all: there is one mail for a day, and the next one counts anew."""
    actions.brief_staff()


@shared_task(name="interest.tasks.forget")  # type: ignore[untyped-decorator]
def forget() -> None:
    """May come late, twice or twice at once."""
    actions.forget(seconds=FORGET_SECONDS)


@shared_task(name="interest.tasks.send_digests")  # type: ignore[untyped-decorator]
def send_digests() -> None:
    """May come late, twice at once, or not at all for weeks: each subscription knows what was told last."""
    actions.send_digests(seconds=DIGEST_SECONDS)
