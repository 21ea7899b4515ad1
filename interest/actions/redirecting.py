"""Staff decide who is asked instead: one decision moves all that waits on a contact, and mails it anew (design §5.4)."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coalition.mail import actions as queue
from coalition.mail.models import ABOUT, OutgoingEmail
from initiatives.models import PointOfContact
from interest import emails
from interest.actions.answering import drop_settled, today
from interest.actions.inquiring import hold_answerers, inquire
from interest.actions.readdressing import Readdressing, unread_at
from interest.actions.replacing import Person, correct_contact, find_or_add, hand_over, lock_contacts, take_over
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral, ReferralQuerySet


class Scope(models.TextChoices):
    """What a decision changes besides the requests that wait."""

    CORRECT = "correct", _("The same contact under other details, written below. It keeps all that it answers for.")
    TAKES_OVER = "takes_over", _("Somebody else for everything that this contact answers for. This contact is deactivated.")
    THESE = "these", _("Somebody else for the initiatives ticked below, from now on.")
    ONCE = "once", _("Somebody else for the requests ticked below only. The catalogue stays as it is.")
    AGAIN = "again", _("The same contact once more, at the same address. Nothing changes.")


# After these nobody reads at the old address.
GONE = (Scope.CORRECT, Scope.TAKES_OVER)


class NothingWaitsError(Exception):
    """All of it was answered, withdrawn, or given to somebody else in the meantime; or it was mailed again today already."""


@dataclass(frozen=True)
class Decision:
    """What an editor decided. `who` is a known contact, or one to be written down; nobody for AGAIN.

    `shown` are the referrals among which the editor chose. What came in since goes along where all such things will go.
    """

    scope: Scope
    who: PointOfContact | Person | None
    seen: str = ""
    why: str = ""
    shown: frozenset[int] = frozenset()


@transaction.atomic
def redirect(*, inquiry: Inquiry, ids: Collection[int], decision: Decision, by: AbstractBaseUser) -> list[OutgoingEmail]:
    """Moves those of these referrals that still wait on whom the inquiry asked. Returns one new mail for each expression, and
    what waited for the old address and goes to the new one instead.

    Raises NothingWaitsError, also for the second of two editors; ContactChangedError.
    """
    hold_answerers(to_change=True)
    referrals = lock_waiting(inquiry, ids, decision)
    contact = decide(inquiry, referrals, decision, by)
    written = []
    for expression, group in groupby(referrals, key=lambda referral: referral.expression):
        concerned = list(group)
        for referral in concerned:
            referral.contact = contact
        again = decision.scope == Scope.AGAIN
        email = ask_again(expression, concerned) if again else ask_instead(inquiry, expression, concerned)
        if email:
            written.append(email)
            tell(expression, concerned, decision, by)
    if not written:
        raise NothingWaitsError
    if decision.scope != Scope.AGAIN:
        written += Readdressing(inquiry, contact, referrals, is_gone=decision.scope in GONE).carry_out()
    return written


def to_move(inquiry: Inquiry, ids: Collection[int], decision: Decision) -> ReferralQuerySet:
    """What waits on whom the inquiry asked and was ticked, or came in too late to be ticked."""
    waiting = Referral.objects.waiting_on(inquiry)
    ticked = Q(pk__in=ids)
    if not decision.shown or decision.scope not in (*GONE, Scope.THESE):
        return waiting.filter(ticked)
    came_since = ~Q(pk__in=decision.shown)
    if decision.scope == Scope.THESE:
        came_since &= Q(initiative__in=Referral.objects.filter(ticked).values("initiative"))
    return waiting.filter(ticked | came_since)


def lock_waiting(inquiry: Inquiry, ids: Collection[int], decision: Decision) -> list[Referral]:
    """Waits for answers, withdrawals and other editors, and then looks at what still waits. Raises NothingWaitsError."""
    waiting = to_move(inquiry, ids, decision)
    unread = unread_at(inquiry).annotate(reference=ABOUT).values("reference")
    expressions = ExpressionOfInterest.objects.filter(Q(referrals__in=waiting.values("pk")) | Q(reference__in=unread))
    locked = ExpressionOfInterest.objects.filter(pk__in=expressions.values("pk")).order_by("pk").select_for_update()
    known = {expression.pk: expression for expression in locked}
    found = list(waiting.filter(expression__in=known).select_related("initiative").order_by("expression_id", "initiative__code"))
    if not found:
        raise NothingWaitsError
    for referral in found:
        referral.expression = known[referral.expression_id]
    return found


def decide(inquiry: Inquiry, referrals: Collection[Referral], decision: Decision, by: AbstractBaseUser) -> PointOfContact | None:
    """Changes the catalogue as decided. Returns who is asked now."""
    old, who = inquiry.contact, decision.who
    lock_contacts(old, who if isinstance(who, PointOfContact) else None)
    if who is None:
        return old
    if decision.scope == Scope.CORRECT and old and isinstance(who, Person):
        return correct_contact(old=old, seen=decision.seen, person=who, by=by)
    new = find_or_add(person=who, by=by) if isinstance(who, Person) else who
    if decision.scope == Scope.TAKES_OVER and old:
        take_over(old=old, new=new, by=by)
    elif decision.scope == Scope.THESE:
        initiatives = {referral.initiative_id: referral.initiative for referral in referrals}
        hand_over(initiatives=[initiatives[pk] for pk in sorted(initiatives)], old=old, new=new, by=by)
    return new


def ask_instead(inquiry: Inquiry, expression: ExpressionOfInterest, referrals: list[Referral]) -> OutgoingEmail:
    """The old address may not answer these any more, and gets no mail any more that is about nothing else.

    The mail's key holds what it stands in for, so that the same thing is never passed on twice.
    """
    closed = Inquiry.objects.open().filter(referral__in=referrals, address_key=inquiry.address_key)
    ids = sorted(closed.values_list("pk", flat=True))
    Inquiry.objects.filter(pk__in=ids).update(closed_at=Now())
    settled = OutgoingEmail.objects.filter(inquiries__in=ids).exclude(inquiries__closed_at=None)
    settled_ids = list(settled.values_list("pk", flat=True))
    queue.cancel(ids=settled_ids)
    queue.supersede(emails=OutgoingEmail.objects.filter(pk__in=settled_ids))
    email = emails.contact(expression, referrals=referrals, step=Inquiry.Step.REPLACEMENT, more=[ids[0]])
    inquire(email=email, referrals=referrals, step=Inquiry.Step.REPLACEMENT)
    waits_anew = (Referral.Status.WRONG_PERSON, Referral.Status.ACKNOWLEDGED)  # NEED_INFORMATION waits for the focal point
    for referral in referrals:
        referral.email = email
        if referral.status in waits_anew:
            referral.status = Referral.Status.WAITING
    Referral.objects.bulk_update(referrals, ["contact", "email", "status"])
    drop_settled(expression.mails())
    return email


def ask_again(expression: ExpressionOfInterest, referrals: list[Referral]) -> OutgoingEmail | None:
    """The same address, at most once a day."""
    day = today(expression)
    key = emails.key_of("contact", expression, emails.recipient_of(referrals[0]), day)
    if OutgoingEmail.objects.filter(key=key).exists():
        return None
    email = emails.contact(expression, referrals=referrals, step=Inquiry.Step.REMINDER, more=[day])
    inquire(email=email, referrals=referrals, step=Inquiry.Step.REMINDER)
    for referral in referrals:
        referral.email = email
        if referral.status == Referral.Status.WRONG_PERSON:
            referral.status = Referral.Status.WAITING
    Referral.objects.bulk_update(referrals, ["email", "status"])
    return email


def tell(expression: ExpressionOfInterest, referrals: list[Referral], decision: Decision, by: AbstractBaseUser) -> None:
    Event.objects.create(
        reference=expression.reference,
        codes=[referral.initiative.code for referral in referrals],
        actor=Event.Actor.STAFF,
        by=by.get_username(),
        what=Event.What.REMINDED if decision.scope == Scope.AGAIN else Event.What.REDIRECTED,
        why=decision.why,
    )
