"""The mail with which the working day of the Coalition's staff begins."""

from django.conf import settings
from django.db import transaction

from coalition.mail import actions as queue
from coalition.mail.models import OutgoingEmail, Pause
from interest import emails, inbox
from interest.actions.answering import drop_settled
from interest.actions.pursuing import database_day
from interest.workdays import is_working_day


def why_none() -> str:
    """Why no mail is written today, whatever waits; else empty."""
    if not settings.WORKDAY_MAIL:
        return "WORKDAY_MAIL is off: no mail."
    return "" if is_working_day(database_day(), settings.HOLIDAYS) else "Not a working day: no mail."


@transaction.atomic
def brief_staff() -> OutgoingEmail | None:
    """Writes one mail on each working day on which something needs staff; None if it is written, or nothing does.

    It counts what there is, so a run may come late, twice at once, or not at all for days. Those of earlier days are out of
    date then: what did not go out never does, and what came back is no work any more.
    """
    today = database_day()
    key = emails.workday_key(today)
    if why_none() or OutgoingEmail.objects.filter(key=key).exists():
        return None
    earlier = OutgoingEmail.objects.filter(kind="workday").exclude(key=key)
    drop_settled(OutgoingEmail.objects.all())  # what came back after the answer
    works, pause = inbox.waiting(today), Pause.objects.first()
    undelivered = OutgoingEmail.objects.undelivered().exclude(kind="workday").count()
    if not (works or undelivered or pause):
        return None
    queue.cancel(ids=list(earlier.waiting().values_list("pk", flat=True)))
    queue.supersede(emails=earlier)
    total = inbox.needing_staff().count()
    return emails.workday(day=today, total=total, works=works, undelivered=undelivered, pause=pause)
