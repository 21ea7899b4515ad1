"""What the portal does while nobody answers: it reminds, asks the deputy, calls staff (design §5.6).

What is due is read from rows, by the database's clock, under the locks that answers take. So a run may come late, twice at once,
or not at all for weeks: each rung counts from the one before, and no run climbs two of them.
"""

import logging
from collections.abc import Iterator
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
from interest.actions.answering import lock
from interest.actions.inquiring import inquire
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
    for expression in ExpressionOfInterest.objects.filter(referrals__in=[r for r in due if not to_remind(r)]).distinct():
        with done.going_on(str(expression)):
            escalated = escalate(expression=expression, today=today)
            done.deputies += len(escalated.mails)
            done.called += len(escalated.called)
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
    codes: dict[str, list[str]] = {}
    for referral in asks:
        codes.setdefault(referral.expression.reference, []).append(referral.initiative.code)
    for reference, concerned in codes.items():
        happened(reference, concerned, Event.What.REMINDED, by=email.key)
    return email


def happened(reference: str, codes: list[str], what: Event.What, *, by: str = "") -> None:
    Event.objects.create(reference=reference, codes=codes, actor=Event.Actor.PORTAL, what=what, by=by)


@dataclass(frozen=True)
class Escalation:
    mails: list[OutgoingEmail]
    called: list[Referral]


@transaction.atomic
def escalate(*, expression: ExpressionOfInterest, today: date) -> Escalation:
    """Asks the deputies about what is due in one request, one mail to each address; calls staff where there is no deputy."""
    expression = lock(expression)
    due = [r for r in expression.referrals.silent() if is_due(r, today) and not to_remind(r)]
    groups: dict[str, list[Referral]] = {}
    called = []
    for referral, deputy in deputies(due):
        if deputy is None:
            called.append(referral)
        else:
            referral.contact = deputy
            groups.setdefault(addresses.normalize(deputy.email), []).append(referral)
    mails = [ask_deputy(expression, concerned) for concerned in groups.values()]
    call_staff(expression, called)
    return Escalation(mails, called)


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


def ask_deputy(expression: ExpressionOfInterest, referrals: list[Referral]) -> OutgoingEmail:
    """Those who were asked before may still answer. From now on the deputy counts as the one who is asked."""
    asked_on = min(referral.asked_at for referral in referrals if referral.asked_at).date()
    # A referral gets to a deputy's address once, so its code makes the key.
    more = [Inquiry.Step.DEPUTY, referrals[0].initiative.code]
    email = emails.contact(expression, referrals=referrals, step=Inquiry.Step.DEPUTY, more=more, asked_on=asked_on)
    inquire(email=email, referrals=referrals, step=Inquiry.Step.DEPUTY)
    for referral in referrals:
        referral.email = email
    Referral.objects.bulk_update(referrals, ["contact", "email"])
    happened(expression.reference, [r.initiative.code for r in referrals], Event.What.DEPUTY_ASKED, by=email.key)
    return email


def call_staff(expression: ExpressionOfInterest, referrals: list[Referral]) -> None:
    if referrals:
        Referral.objects.filter(pk__in=[referral.pk for referral in referrals]).update(staff_called_at=Now())
        happened(expression.reference, [referral.initiative.code for referral in referrals], Event.What.STAFF_CALLED)
