"""A focal point registers, and confirms the address; then every office concerned is asked."""

import json
import logging
import secrets
import uuid
from collections.abc import Callable, Iterable
from typing import TypedDict, TypeVar, Unpack

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from coalition.mail import actions as queue
from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative
from interest import emails, limits
from interest.actions.inquiring import hold_answerers, inquire, take_turn
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral

logger = logging.getLogger(__name__)

# Letters and digits that nobody mixes up when reading a reference out over the telephone.
REFERENCE_SIGNS = "ACDEFGHJKLMNPQRTUVWXY34679"
TRIES = 5
T = TypeVar("T")


class FocalPoint(TypedDict):
    """Who asks: fields of an expression."""

    name: str
    job_title: str
    institution: str
    country: str
    email: str
    phone: str
    message: str
    language: str


def new_reference() -> str:
    return f"EOI-{timezone.now():%Y}-" + "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(6))


def lock_address(address_key: str) -> None:
    """Lets one transaction at a time decide about one address: counting and claiming need rows that do not exist yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"interest:{address_key}"])


def again_if_refused(act: Callable[[], T]) -> T:
    """Tries anew, a few times, what the database refused because another one was quicker."""
    for _ in range(TRIES - 1):
        try:
            return act()
        except IntegrityError:
            continue
    return act()


@transaction.atomic
def register(
    *, key: uuid.UUID, initiatives: Iterable[Initiative], network: str = "", **person: Unpack[FocalPoint]
) -> ExpressionOfInterest:
    """Writes an unverified expression, its referrals and the verification mail. `key` comes from the form that was sent.

    The same answers to the same form, however often they come in, are one expression. Corrected answers are another one, also
    when the browser's Back button brought the same form again. `network` is where a visitor's form comes from. Raises
    limits.TooManyError.
    """
    chosen = sorted(initiatives, key=lambda initiative: initiative.code)
    content = json.dumps([sorted(person.items()), [initiative.code for initiative in chosen]])
    idempotency_key = uuid.uuid5(key, content)
    address_key = addresses.normalize(person["email"])
    lock_address(address_key)
    if known := ExpressionOfInterest.objects.filter(idempotency_key=idempotency_key).first():
        return known
    limits.take_form("forms", network)
    expression = again_if_refused(lambda: insert(idempotency_key=idempotency_key, **person))
    Referral.objects.bulk_create(
        Referral(expression=expression, initiative=initiative, address_key=address_key) for initiative in chosen
    )
    Event.objects.create(
        reference=expression.reference,
        codes=[initiative.code for initiative in chosen],
        actor=Event.Actor.VISITOR,
        what=Event.What.REGISTERED,
    )
    ask_for_confirmation(expression, count=len(chosen))
    return expression


@transaction.atomic
def insert(**values: object) -> ExpressionOfInterest:
    return ExpressionOfInterest.objects.create(reference=new_reference(), **values)


def ask_for_confirmation(expression: ExpressionOfInterest, *, count: int) -> None:
    """Writes the mail. One that must wait too long for its turn is held for staff, who see it: it is lost in no case."""
    wait = limits.book_mail(expression.email, about=expression.reference)
    email = emails.verification(expression, count=count)
    if wait > limits.LONGEST_WAIT:
        logger.warning("Held a mail for %s: too many wait already for one address that nobody confirms.", expression)
        OutgoingEmail.objects.filter(pk=email.pk).update(state=OutgoingEmail.State.HELD)
    elif wait:
        OutgoingEmail.objects.filter(pk=email.pk).update(next_attempt_at=Now() + wait)


def let_next_mail_go(expression: ExpressionOfInterest) -> None:
    """Whoever confirms an address wanted that mail, so the next one that waits for its turn need not wait any longer."""
    limits.give_back(expression.reference)
    waiting = OutgoingEmail.objects.filter(kind="verification", state=OutgoingEmail.State.QUEUED, next_attempt_at__gt=Now())
    following = waiting.filter(recipient__iexact=expression.address_key).order_by("next_attempt_at", "pk").first()
    if following:
        limits.bring_forward(following.key.rpartition(":")[2])
        OutgoingEmail.objects.filter(pk=following.pk, state=OutgoingEmail.State.QUEUED).update(next_attempt_at=Now())


def verify(*, expression: ExpressionOfInterest) -> ExpressionOfInterest:
    """Confirms the address and asks every office that is concerned. The second time it changes nothing.

    If the same initiative becomes live for the same address elsewhere in that very moment, the database refuses the second one;
    then all is decided anew.
    """
    return again_if_refused(lambda: verify_once(expression.pk))


@transaction.atomic
def verify_once(pk: int) -> ExpressionOfInterest:
    hold_answerers()
    expression = ExpressionOfInterest.objects.annotate(now=Now()).select_for_update().get(pk=pk)
    if expression.is_verified:
        return expression
    lock_address(expression.address_key)
    expression.verified_at = expression.now
    expression.save(update_fields=["verified_at"])
    referrals = list(expression.referrals.with_recipients())
    leave_out_what_is_live(expression.address_key, referrals)
    ask(expression, [referral for referral in referrals if not referral.already_live and referral.initiative.is_published])
    Referral.objects.bulk_update(referrals, ["is_live", "already_live", "contact", "email"])
    Event.objects.create(
        reference=expression.reference,
        codes=[referral.initiative.code for referral in referrals if referral.is_live],
        actor=Event.Actor.FOCAL_POINT,
        what=Event.What.VERIFIED,
    )
    emails.receipt(expression, referrals=referrals)
    done = OutgoingEmail.objects.about([expression.reference]).filter(kind="verification")
    queue.cancel(ids=list(done.filter(state=OutgoingEmail.State.HELD).values_list("pk", flat=True)))
    queue.supersede(emails=done)
    let_next_mail_go(expression)
    return expression


def leave_out_what_is_live(address_key: str, referrals: list[Referral]) -> None:
    live = Referral.objects.live().filter(address_key=address_key, initiative__in=[r.initiative_id for r in referrals])
    by_initiative = {referral.initiative_id: referral for referral in live.select_related("expression")}
    for referral in referrals:
        referral.already_live = by_initiative.get(referral.initiative_id)


def ask(expression: ExpressionOfInterest, referrals: list[Referral]) -> None:
    """Writes one mail for each address, and makes live what is in it."""
    for concerned in by_recipient(referrals):
        email = emails.contact(expression, referrals=concerned)
        take_turn(expression, email)
        inquire(email=email, referrals=concerned, step=Inquiry.Step.FIRST)
        for referral in concerned:
            referral.email = email
            referral.is_live = True


def by_recipient(referrals: list[Referral]) -> list[list[Referral]]:
    """Whom to ask about what: the first contact that can be written to, else the Coalition's mailbox. Sets `contact`.

    Two spellings of one address, or one address of two organizations, are one recipient.
    """
    contacts = Initiative.contacts_to_ask_about([referral.initiative_id for referral in referrals])
    groups: dict[str, list[Referral]] = {}
    for referral in referrals:
        reachable = (contact for contact in contacts[referral.initiative_id] if addresses.is_usable(contact.email))
        referral.contact = next(reachable, None)
        groups.setdefault(addresses.normalize(emails.recipient_of(referral)), []).append(referral)
    return list(groups.values())
