"""What the portal does while nobody answers: it reminds, asks the deputy, calls staff (design §5.6).

What is due is read from rows, by the database's clock, under the locks that answers take. So a run may come late, twice at once,
or not at all for weeks: each rung counts from the one before, and no run climbs two of them.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact
from interest import emails
from interest.actions.inquiring import hold_answerers, inquire
from interest.actions.registering import lock_address
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral
from interest.workdays import is_working_day, working_days_after

logger = logging.getLogger(__name__)


@dataclass
class Pursuit:
    """What one run did: mails that remind, mails to deputies, referrals given to staff, and what went wrong."""

    reminders: int = 0
    deputies: int = 0
    called: int = 0
    failures: int = 0

    @contextmanager
    def going_on(self, about: str) -> Iterator[None]:
        """An address or a request that cannot be dealt with is tried again in the next run, and stops no other."""
        try:
            yield
        except (ValidationError, DatabaseError):
            self.failures += 1
            logger.exception("The silence about %s could not be pursued.", about)


def pursue_silence() -> Pursuit:
    """One run over all that waits. On a day off it does nothing: nobody is there to read."""
    done = Pursuit()
    today = database_day()
    if not is_working_day(today, settings.HOLIDAYS):
        return done
    due = [referral for referral in Referral.objects.silent() if is_due(referral, today)]
    for address_key in sorted({ask.address_key for referral in due if (ask := to_remind(referral))}):
        with done.going_on(f"what {emails.hash_of(address_key)} is asked"):
            done.reminders += remind(address_key=address_key, today=today) is not None
    moving, staying = moves([referral for referral in due if not to_remind(referral)])
    for address_key, referrals in sorted(moving.items()):
        with done.going_on(f"what {emails.hash_of(address_key)} is asked as a deputy"):
            done.deputies += ask_deputy(address_key=address_key, ids=ids_of(referrals), today=today) is not None
    for expression in sorted({referral.expression for referral in staying}, key=lambda expression: expression.pk):
        with done.going_on(str(expression)):
            done.called += len(call_staff(expression=expression, today=today))
    return done


def database_day() -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now.astimezone(UTC).date()


def is_due(referral: Referral, today: date) -> bool:
    """Whether the day of the next rung has come: the one after the last on which somebody could still be in time."""
    days = settings.NEXT_STEP_WORKING_DAYS
    if referral.rung:
        return is_past(referral.rung_at, days, today)
    if referral.status == Referral.Status.ACKNOWLEDGED:
        # Who acknowledges late gets some days for the answer.
        return is_past(referral.asked_at, settings.ANSWER_WORKING_DAYS, today) and is_past(referral.silent_since, days, today)
    return is_past(referral.asked_at, settings.ACKNOWLEDGE_WORKING_DAYS, today)


def is_past(start: datetime | None, working_days: int, today: date) -> bool:
    return start is not None and working_days_after(start.date(), working_days, settings.HOLIDAYS) < today


def to_remind(referral: Referral) -> Inquiry | None:
    """On the first rung: by which inquiry that contact was asked who spoke last, else the one who was asked last.

    None if nobody can be reminded, or the Coalition was asked: it does not remind itself.
    """
    if referral.rung:
        return None
    spoke = (ask for ask in referral.reachable if ask.contact_id == referral.speaker)
    return next(spoke, referral.reachable[-1] if referral.reachable else None)


@transaction.atomic
def remind(*, address_key: str, today: date) -> OutgoingEmail | None:
    """One mail to one address, about everything for which its reminder is due. At most one a day."""
    lock_address(f"reminder:{address_key}")
    asked = Inquiry.objects.open().filter(address_key=address_key)
    if asked.filter(step=Inquiry.Step.REMINDER, created_at__date=today).exists():
        return None
    expressions = ExpressionOfInterest.objects.filter(referrals__in=Referral.objects.silent().filter(inquiries__in=asked))
    # All in one order, so that two runs never wait for each other.
    locked = list(ExpressionOfInterest.objects.filter(pk__in=expressions.values("pk")).order_by("pk").select_for_update())
    asks: dict[Referral, Inquiry] = {}
    for referral in Referral.objects.silent().filter(expression__in=locked):
        ask = to_remind(referral)
        if ask and ask.address_key == address_key and is_due(referral, today):
            asks[referral] = ask
    return send_reminder(asks, today) if asks else None


def send_reminder(asks: dict[Referral, Inquiry], today: date) -> OutgoingEmail:
    email = emails.reminder(asks=list(asks.values()), day=today)
    contacts = {referral.pk: ask.contact for referral, ask in asks.items()}
    inquire(email=email, referrals=asks, step=Inquiry.Step.REMINDER, contacts=contacts)
    for reference, codes in codes_of(asks).items():
        happened(reference, codes, Event.What.REMINDED, by=email.key)
    return email


def codes_of(referrals: Iterable[Referral]) -> dict[str, list[str]]:
    """By the reference of their request."""
    codes: dict[str, list[str]] = {}
    for referral in referrals:
        codes.setdefault(referral.expression.reference, []).append(referral.initiative.code)
    return codes


def happened(reference: str, codes: list[str], what: Event.What, *, by: str = "") -> None:
    Event.objects.create(reference=reference, codes=codes, actor=Event.Actor.PORTAL, what=what, by=by)


def ids_of(referrals: Iterable[Referral]) -> set[int]:
    """Of their expressions."""
    return {referral.expression_id for referral in referrals}


def moves(referrals: list[Referral]) -> tuple[dict[str, list[Referral]], list[Referral]]:
    """What goes to which deputy's address, with `contact` set to the deputy; and what goes to nobody new."""
    moving: dict[str, list[Referral]] = {}
    staying = []
    for referral, deputy in deputies(referrals):
        if deputy is None:
            staying.append(referral)
        else:
            referral.contact = deputy
            moving.setdefault(addresses.normalize(deputy.email), []).append(referral)
    return moving, staying


def to_escalate(ids: Iterable[int], today: date) -> tuple[dict[str, list[Referral]], list[Referral]]:
    """As `moves`, of what is due in these expressions, which are locked in one order: two runs never wait for each other."""
    locked = list(ExpressionOfInterest.objects.filter(pk__in=ids).order_by("pk").select_for_update())
    silent = Referral.objects.silent().filter(expression__in=locked)
    return moves([referral for referral in silent if is_due(referral, today) and not to_remind(referral)])


def deputies(referrals: list[Referral]) -> Iterator[tuple[Referral, PointOfContact | None]]:
    """For each the next contact in the order of design §5.3 whose address was not asked yet.

    None if there is no such contact, if a deputy was asked in this silence already, if it was the Coalition that did not answer,
    and if the initiative left the catalogue: then nobody new is asked.
    """
    contacts = Initiative.contacts_to_ask_about([referral.initiative_id for referral in referrals])
    asked = set(Inquiry.objects.filter(referral__in=referrals).values_list("referral", "address_key"))
    for referral in referrals:
        has_next = referral.rung != Inquiry.Step.DEPUTY and referral.contact and referral.initiative.is_published
        others = (c for c in contacts[referral.initiative_id] if (referral.pk, addresses.normalize(c.email)) not in asked)
        yield referral, next(others, None) if has_next else None


@transaction.atomic
def ask_deputy(*, address_key: str, ids: Iterable[int], today: date) -> OutgoingEmail | None:
    """One mail to one address, about everything in these expressions that moves to it now. At most one a day.

    Those who were asked before may still answer. From now on the deputy counts as the one who is asked.
    """
    hold_answerers()
    lock_address(f"deputy:{address_key}")
    asked = Inquiry.objects.filter(step=Inquiry.Step.DEPUTY, address_key=address_key, created_at__date=today)
    referrals = [] if asked.exists() else to_escalate(ids, today)[0].get(address_key, [])
    if not referrals:
        return None
    email = write_to_deputy(referrals, today)
    inquire(email=email, referrals=referrals, step=Inquiry.Step.DEPUTY)
    for referral in referrals:
        referral.email = email
    Referral.objects.bulk_update(referrals, ["contact", "email"])
    for reference, codes in codes_of(referrals).items():
        happened(reference, codes, Event.What.DEPUTY_ASKED, by=email.key)
    return email


def write_to_deputy(referrals: list[Referral], today: date) -> OutgoingEmail:
    """One request is told with all its details, several in short."""
    if len(ids_of(referrals)) > 1:
        return emails.deputy(referrals=referrals, day=today)
    asked_on = min(referral.asked_at for referral in referrals if referral.asked_at).date()
    # A referral gets to a deputy's address once, so its code makes the key.
    more = [Inquiry.Step.DEPUTY, referrals[0].initiative.code]
    return emails.contact(referrals[0].expression, referrals=referrals, step=Inquiry.Step.DEPUTY, more=more, asked_on=asked_on)


@transaction.atomic
def call_staff(*, expression: ExpressionOfInterest, today: date) -> list[Referral]:
    """About what is due in one request and has no deputy to ask. Returns it."""
    hold_answerers()
    _moving, staying = to_escalate([expression.pk], today)
    if staying:
        Referral.objects.filter(pk__in=[referral.pk for referral in staying]).update(staff_called_at=Now())
        happened(expression.reference, codes_of(staying)[expression.reference], Event.What.STAFF_CALLED)
    return staying
