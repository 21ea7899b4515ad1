"""The circuit breaker of all senders. It is a row, so that every process sees it and a restart does not forget it."""

import logging
from enum import Enum, auto

from django.db.models.functions import Now

from coalition.mail.models import Pause

logger = logging.getLogger(__name__)


class Turn(Enum):
    GO = auto()
    PROBE = auto()
    WAIT = auto()


def turn() -> Turn:
    """What a sender may do now. During a pause one sender a minute may try one mail, and ends the pause if the server answers."""
    if not Pause.objects.exists():
        return Turn.GO
    ours = Pause.objects.filter(next_probe_at__lte=Now()).update(next_probe_at=Now() + Pause.PROBE_EVERY)
    return Turn.PROBE if ours else Turn.WAIT


def begin(*, code: int | None, text: str) -> None:
    """Starts a pause, or goes on with the one there is, with the latest reason."""
    answer = {"code": code, "text": text, "next_probe_at": Now() + Pause.PROBE_EVERY}
    [_, begun] = Pause.objects.update_or_create(id=1, defaults=answer)
    if begun:
        logger.error("All mail is paused, and tried again every minute: %s", f"{code or ''} {text}".strip())


def end() -> None:
    [deleted, _] = Pause.objects.all().delete()
    if deleted:
        logger.warning("Mail goes out again.")
