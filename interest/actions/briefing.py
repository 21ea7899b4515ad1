"""The mail with which the working day of the Coalition's staff begins."""

from django.conf import settings
from django.db import transaction

from coalition.mail import actions as queue
from coalition.mail.models import OutgoingEmail, Pause
from interest import emails, inbox
from interest.actions.pursuing import database_day
from interest.workdays import is_working_day


@transaction.atomic
def brief_staff() -> OutgoingEmail | None:
    """Writes one mail on each working day on which something needs staff; None if it is written, or nothing does.

    It counts what there is, so a run may come late, twice at once, or not at all for days. Those of earlier days are out of
    date then: what did not go out never does, and what came back is no work any more.
    """
    today = database_day()
    key = emails.workday_key(today)
    is_on = settings.WORKDAY_MAIL and is_working_day(today, settings.HOLIDAYS)
    if not is_on or OutgoingEmail.objects.filter(key=key).exists():
        return None
    earlier = OutgoingEmail.objects.filter(kind="workday").exclude(key=key)
    works, pause = inbox.waiting(today), Pause.objects.first()
    undelivered = OutgoingEmail.objects.undelivered().exclude(kind="workday").count()
    if not (works or undelivered or pause):
        return None
    queue.cancel(ids=list(earlier.waiting().values_list("pk", flat=True)))
    queue.supersede(emails=earlier)
    total = inbox.needing_staff().count()
    return emails.workday(day=today, total=total, works=works, undelivered=undelivered, pause=pause)
