"""Forgets what has been kept long enough. Runs every night, and whenever somebody calls it.

By the database's clock, in small transactions, each row once. It may be killed at any moment, run twice, or run twice at once:
what another transaction holds is left for the next night. How long what is kept are the settings KEEP_…_DAYS (docs/privacy.md).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Now

from coalition.mail.models import OutgoingEmail
from interest import limits, links
from interest.actions import erasing
from interest.models import Event, ExpressionOfInterest, Inquiry, Note, Subscriber, Subscription

BATCH = 50
# A key names the address that was asked by 16 signs of its hash. Whoever has a list of addresses can try them all.
ADDRESS_HASH = "(?<=:)[0-9a-f]{16}(?=:|$)"
# What staff release waits for its turn, for another try, or is being sent.
RELEASED = (OutgoingEmail.State.QUEUED, OutgoingEmail.State.RETRY, OutgoingEmail.State.SENDING)


def before(days: int) -> Combinable:
    return Now() - timedelta(days=days)


@dataclass(frozen=True)
class Step:
    """One kind of rows whose time is over, and what becomes of them. It must not fit what was done already."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    forget: Callable[[QuerySet[Any]], object]


def in_time() -> Q:
    """Mails whose link works, because they came late, or will: staff release what was held when they get to it."""
    released_lately = Q(state__in=RELEASED, state_since__gt=before(settings.KEEP_UNVERIFIED_DAYS))
    return Q(accepted_at__gt=Now() - links.VERIFICATION_LIFE) | released_lately


def unverified() -> QuerySet[ExpressionOfInterest]:
    mails = OutgoingEmail.objects.alias(reference=erasing.REFERENCE).filter(in_time(), kind="verification")
    old = ExpressionOfInterest.objects.filter(verified_at__isnull=True, created_at__lt=before(settings.KEEP_UNVERIFIED_DAYS))
    return old.filter(~Exists(mails.filter(reference=OuterRef("reference"))))


def unconfirmed() -> QuerySet[Subscription]:
    """Its mail's key is `subscribe:subscriber:subscription:day`."""
    mails = OutgoingEmail.objects.filter(in_time(), kind="subscribe")
    of_it = mails.filter(key__contains=Concat(Value(":"), OuterRef("reference"), Value(":")))
    old = Subscription.objects.filter(confirmed_at__isnull=True, created_at__lt=before(settings.KEEP_UNVERIFIED_DAYS))
    return old.filter(~Exists(of_it))


def subscribers() -> QuerySet[Subscriber]:
    """Those who follow nothing: none of what they asked for was confirmed. A new one has its first subscription at once."""
    return Subscriber.objects.filter(subscriptions=None)


def remove_subscribers(rows: QuerySet[Subscriber]) -> None:
    for subscriber in rows:
        mails = subscriber.mails()
        erasing.empty_log(mails)
        mails.delete()
    rows.delete()


def registrations() -> QuerySet[ExpressionOfInterest]:
    """Every action on a registration writes an event, so the last event is the last action."""
    over = before(settings.KEEP_REGISTRATION_DAYS)
    later = Event.objects.filter(reference=OuterRef("reference"), created_at__gte=over)
    old = ExpressionOfInterest.objects.verified().kept().filter(created_at__lt=over, verified_at__lt=over)
    return old.filter(~Exists(later))


def empty_registrations(expressions: QuerySet[ExpressionOfInterest]) -> None:
    erasing.empty(expressions)
    references = expressions.values_list("reference", flat=True)
    Event.objects.bulk_create(
        Event(reference=reference, actor=Event.Actor.PORTAL, what=Event.What.ERASED) for reference in references
    )


def mail_texts() -> QuerySet[OutgoingEmail]:
    """A mail may come back with words about it after its own were deleted. A reminder that names somebody erased goes at once."""
    of_erased = Inquiry.objects.filter(email=OuterRef("pk"), referral__expression__erased_at__isnull=False)
    over = Q(state_since__lt=before(settings.KEEP_MAIL_DAYS)) | Exists(of_erased)
    return OutgoingEmail.objects.final().filter(over).exclude(text="", last_text="", returned_text="")


def mail_addresses() -> QuerySet[OutgoingEmail]:
    """Of mails that are about nobody any more. Until then the address is needed, for withdrawals and for answer links."""
    kept = ExpressionOfInterest.objects.kept()
    named = Exists(kept.filter(reference=OuterRef("reference")))
    asked = Exists(Inquiry.objects.filter(email=OuterRef("pk"), referral__expression__in=kept))
    ended = OutgoingEmail.objects.final().filter(state_since__lt=before(settings.KEEP_MAIL_DAYS))
    mails = ended.alias(reference=erasing.REFERENCE).filter(~named, ~asked)
    return mails.filter(~Q(recipient="") | ~Q(reply_to="") | Q(key__regex=ADDRESS_HASH))


def empty_mail_addresses(mails: QuerySet[OutgoingEmail]) -> None:
    erasing.empty_log(mails)
    mails.update(**erasing.WITHOUT_ADDRESSES)
    unlike_all_others = Func("key", Value(ADDRESS_HASH), Cast("pk", CharField()), function="regexp_replace")
    mails.filter(key__regex=ADDRESS_HASH).update(key=unlike_all_others)


def notes() -> QuerySet[Note]:
    """Those that staff wrote after the rest was erased."""
    return Note.objects.filter(referral__expression__erased_at__isnull=False)


def remove_notes(rows: QuerySet[Note]) -> None:
    erasing.empty_log(rows)
    rows.delete()


def log_texts() -> QuerySet[LogEntry]:
    """What staff changed in the admin is named by names and addresses."""
    old = LogEntry.objects.filter(action_time__lt=before(settings.KEEP_REGISTRATION_DAYS))
    return old.exclude(object_repr="", change_message="")


def delete(rows: QuerySet[Any]) -> None:
    rows.delete()


STEPS = (
    Step("unverified", unverified, erasing.remove),
    Step("unconfirmed", unconfirmed, delete),
    Step("subscribers", subscribers, remove_subscribers),
    Step("registrations", registrations, empty_registrations),
    Step("mail texts", mail_texts, lambda mails: mails.update(**erasing.WITHOUT_TEXT)),
    Step("mail addresses", mail_addresses, empty_mail_addresses),
    Step("notes", notes, remove_notes),
    Step("events", lambda: Event.objects.filter(created_at__lt=before(settings.KEEP_AUDIT_DAYS)), delete),
    Step("log texts", log_texts, lambda entries: entries.update(object_repr="", change_message="")),
    Step("log entries", lambda: LogEntry.objects.filter(action_time__lt=before(settings.KEEP_AUDIT_DAYS)), delete),
    Step("sessions", lambda: Session.objects.filter(expire_date__lt=Now()), delete),
)


def forget(*, seconds: float | None = None) -> dict[str, int]:
    """Forgets all that is over, or as much as can be done in so many seconds. Returns how many rows of each kind."""
    end = None if seconds is None else time.monotonic() + seconds
    counts = {}
    for step in STEPS:
        counts[step.name] = 0
        for done in batches(step):
            counts[step.name] += done
            if end is not None and time.monotonic() > end:
                return counts
    return counts | {"uses": limits.forget_old()}


def batches(step: Step) -> Iterator[int]:
    """Goes once through the rows, in the order of their keys, so that it ends whatever happens to them."""
    last = None
    while True:
        with erasing.purging():
            rows = step.rows() if last is None else step.rows().filter(pk__gt=last)
            locked = rows.order_by("pk").select_for_update(skip_locked=True, of=("self",))
            ids = list(locked.values_list("pk", flat=True)[:BATCH])
            # Asked anew with the locks held: somebody may have acted on a row in the meantime, without changing it.
            chosen = list(step.rows().filter(pk__in=ids).values_list("pk", flat=True))
            step.forget(step.rows().model.objects.filter(pk__in=chosen))
        if not ids:
            return
        last = ids[-1]
        yield len(chosen)


def count() -> dict[str, int]:
    """What `forget` would do now, without doing it. Some mails are counted only once their registration is empty."""
    with transaction.atomic():
        uses = limits.forget_old()
        transaction.set_rollback(True)
    return {step.name: step.rows().count() for step in STEPS} | {"uses": uses}
