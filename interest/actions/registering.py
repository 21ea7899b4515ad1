"""A focal point registers, and confirms the address; then every office concerned is asked."""

import json
import secrets
import uuid
from collections.abc import Iterable
from typing import TypedDict, Unpack

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from coalition.mail import addresses
from initiatives.models import Initiative
from interest import emails
from interest.actions.inquiring import inquire
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral

# Letters and digits that nobody mixes up when reading a reference out over the telephone.
REFERENCE_SIGNS = "ACDEFGHJKLMNPQRTUVWXY34679"
UNVERIFIED_PER_DAY = 5
TRIES = 5


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


class TooManyUnverifiedError(Exception):
    """As many verification mails went to one address today as may. Whoever asks must not learn it."""


def new_reference() -> str:
    return f"EOI-{timezone.now():%Y}-" + "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(6))


def lock_address(address_key: str) -> None:
    """Lets one transaction at a time decide about one address: counting and claiming need rows that do not exist yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"interest:{address_key}"])


@transaction.atomic
def register(*, key: uuid.UUID, initiatives: Iterable[Initiative], **person: Unpack[FocalPoint]) -> ExpressionOfInterest:
    """Writes an unverified expression, its referrals and the verification mail. `key` comes from the form that was sent.

    The same answers to the same form, however often they come in, are one expression. Corrected answers are another one, also
    when the browser's Back button brought the same form again. Raises TooManyUnverifiedError.
    """
    chosen = sorted(initiatives, key=lambda initiative: initiative.code)
    content = json.dumps([sorted(person.items()), [initiative.code for initiative in chosen]])
    idempotency_key = uuid.uuid5(key, content)
    address_key = addresses.normalize(person["email"])
    lock_address(address_key)
    if known := ExpressionOfInterest.objects.filter(idempotency_key=idempotency_key).first():
        return known
    if ExpressionOfInterest.objects.unverified_today(address_key).count() >= UNVERIFIED_PER_DAY:
        raise TooManyUnverifiedError
    expression = insert(idempotency_key=idempotency_key, **person)
    Referral.objects.bulk_create(
        Referral(expression=expression, initiative=initiative, address_key=address_key) for initiative in chosen
    )
    Event.objects.create(
        reference=expression.reference,
        codes=[initiative.code for initiative in chosen],
        actor=Event.Actor.VISITOR,
        what=Event.What.REGISTERED,
    )
    emails.verification(expression, count=len(chosen))
    return expression


def insert(**values: object) -> ExpressionOfInterest:
    """Tries other references if one is taken."""
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return ExpressionOfInterest.objects.create(reference=new_reference(), **values)
        except IntegrityError:
            continue
    return ExpressionOfInterest.objects.create(reference=new_reference(), **values)


def verify(*, expression: ExpressionOfInterest) -> ExpressionOfInterest:
    """Confirms the address and asks every office that is concerned. The second time it changes nothing.

    If the same initiative becomes live for the same address elsewhere in that very moment, the database refuses the second one;
    then all is decided anew.
    """
    for _ in range(TRIES - 1):
        try:
            return verify_once(expression.pk)
        except IntegrityError:
            continue
    return verify_once(expression.pk)


@transaction.atomic
def verify_once(pk: int) -> ExpressionOfInterest:
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
