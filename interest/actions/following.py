"""What a focal point does with an expression after it was sent: withdraw, correct, ask for the link again (design §5.5)."""

from collections.abc import Collection
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models.functions import Now

from coalition.mail import addresses
from coalition.mail.actions import recall
from coalition.mail.models import OutgoingEmail
from interest import emails, limits, links
from interest.actions.answering import by_address, drop_settled, lock, today
from interest.actions.inquiring import take_turn
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral


class Details(TypedDict):
    """What focal points may correct. The address is not among it: it is what was confirmed."""

    name: str
    job_title: str
    institution: str
    phone: str


class TooManyCorrectionsError(Exception):
    """Every contact is told of every correction, so somebody with the link could flood them."""


@transaction.atomic
def withdraw(*, expression: ExpressionOfInterest, codes: Collection[str]) -> list[Referral]:
    """Takes these initiatives back and tells each address that was asked, and the focal point.

    Returns what was withdrawn: nothing the second time. A mail that asks about nothing else, and that no mail server has heard
    of, is not sent at all; its address is told nothing.
    The expression itself is withdrawn with its last live initiative. What is withdrawn may be registered again.
    """
    expression = lock(expression)
    referrals = list(expression.referrals.live().filter(initiative__code__in=codes).with_recipients())
    if not referrals:
        return []
    take_back(expression, referrals)
    event = Event.objects.create(
        reference=expression.reference,
        codes=[referral.initiative.code for referral in referrals],
        actor=Event.Actor.FOCAL_POINT,
        what=Event.What.WITHDRAWN,
    )
    emails.notice(expression, event=event, referrals=referrals)
    return referrals


def take_back(expression: ExpressionOfInterest, referrals: list[Referral]) -> None:
    """The inside of a withdrawal, for callers that hold the lock and write the event."""
    for referral in referrals:
        referral.status = Referral.Status.WITHDRAWN
        referral.is_live = False
    Referral.objects.bulk_update(referrals, ["status", "is_live"])
    drop_settled(expression.mails())
    if not expression.referrals.live().exists():
        ExpressionOfInterest.objects.filter(pk=expression.pk).update(withdrawn_at=Now())
    recall_requests(expression, referrals)
    for recipient, concerned in by_address(referrals).items():
        take_turn(expression, emails.withdrawal(expression, recipient=recipient, referrals=concerned))


def recall_requests(expression: ExpressionOfInterest, withdrawn: list[Referral]) -> None:
    """Stops the unsent mails that ask about nothing live any more, and all else that waits for who then knows of nothing."""
    asking = OutgoingEmail.objects.filter(inquiries__referral__in=withdrawn).exclude(inquiries__referral__is_live=True)
    recalled = recall(ids=list(asking.values_list("pk", flat=True)))
    Inquiry.objects.open().filter(email__in=recalled).update(closed_at=Now())
    for recipient in {email.recipient for email in recalled}:
        mails = expression.mails().filter(recipient=recipient)
        if not mails.filter(attempts__gt=0).exists():
            pointless = mails.exclude(inquiries__referral__is_live=True)
            recall(ids=list(pointless.values_list("pk", flat=True)))


@transaction.atomic
def correct(*, expression: ExpressionOfInterest, **details: Unpack[Details]) -> list[str]:
    """Corrects the focal point's own details and tells each address with something live, and theirs.

    Returns the names of changed fields. Raises TooManyCorrectionsError, ErasedLinkError.
    """
    expression = lock(expression)
    if expression.is_erased:
        raise links.ErasedLinkError
    changed = [name for name, value in details.items() if getattr(expression, name) != value]
    if not changed:
        return []
    try:
        limits.take_correction(expression.email)
    except limits.TooManyError as error:
        raise TooManyCorrectionsError from error
    for name, value in details.items():
        setattr(expression, name, value)
    expression.save(update_fields=changed)
    event = Event.objects.create(
        reference=expression.reference, actor=Event.Actor.FOCAL_POINT, what=Event.What.CORRECTED, why=", ".join(changed)
    )
    for recipient in by_address(expression.referrals.live()):
        take_turn(expression, emails.correction(expression, recipient=recipient, event=event))
    emails.notice(expression, event=event)
    return changed


@transaction.atomic
def send_status_link(*, reference: str, email: str) -> OutgoingEmail | None:
    """Mails the status link to the stored address if reference and address belong together. At most one a day."""
    known = ExpressionOfInterest.objects.verified().kept().filter(reference=reference, created_at__gt=Now() - links.STATUS_LIFE)
    expression = known.select_for_update().first()
    if expression is None or expression.address_key != addresses.normalize(email):
        return None
    day = today(expression)
    if OutgoingEmail.objects.filter(key=f"status_link:{expression.reference}:{day}").exists():
        return None
    Event.objects.create(reference=expression.reference, actor=Event.Actor.VISITOR, what=Event.What.STATUS_LINK)
    return emails.status_link(expression, day=day)
