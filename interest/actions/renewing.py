"""Somebody else may have a mailed link: every link of a request stops working, and whoever may have one gets a new one."""

from datetime import timedelta
from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Now

from coalition.mail import actions as queue
from coalition.mail.models import OutgoingEmail
from interest import emails, limits, links
from interest.actions.answering import by_address, lock
from interest.actions.inquiring import take_turn
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral


class ReplacedTodayError(Exception):
    """Each time a mail goes to everybody who is asked, so somebody with a link could flood them."""


@transaction.atomic
def replace_links(*, expression: ExpressionOfInterest, staff: AbstractBaseUser | None = None) -> list[OutgoingEmail]:
    """Makes every link mailed so far invalid. Mails new ones to the focal point, and to each address with something live.

    What waits to be sent goes out with links that work. Returns the mails that tell of it. Raises ReplacedTodayError, also for a
    focal point who did it in several requests today; ErasedLinkError; BadLinkError if nobody confirmed the address.
    """
    expression = lock(expression)
    if expression.is_erased:
        raise links.ErasedLinkError
    if not expression.is_verified:
        raise links.BadLinkError
    take_replacement(expression, staff)
    expression.link_version += 1
    expression.save(update_fields=["link_version"])
    Event.objects.create(
        reference=expression.reference,
        actor=Event.Actor.STAFF if staff else Event.Actor.FOCAL_POINT,
        by=staff.get_username() if staff else "",
        what=Event.What.LINKS_REPLACED,
    )
    renew_what_waits(expression)
    to_focal_point = emails.replaced_status_link(expression)
    to_asked = [emails.replaced_answer_link(expression, recipient=asked) for asked in by_address(expression.referrals.live())]
    if not staff:
        for email in to_asked:
            take_turn(expression, email)
    return [to_focal_point, *to_asked]


def take_replacement(expression: ExpressionOfInterest, staff: AbstractBaseUser | None) -> None:
    """Raises ReplacedTodayError."""
    if expression.events().filter(what=Event.What.LINKS_REPLACED, created_at__gt=Now() - timedelta(days=1)).exists():
        raise ReplacedTodayError
    if staff:
        return
    try:
        limits.take_replacement(expression.email)
    except limits.TooManyError as error:
        raise ReplacedTodayError from error


def renew_what_waits(expression: ExpressionOfInterest) -> None:
    """In what was tried already, a second mail takes the place of the first: its bytes may have arrived, so they stay."""
    waiting = OutgoingEmail.objects.filter(pk__in=expression.mails().values("pk"))
    for old, new in queue.rewrite(emails=waiting, change=partial(links.renewed, expression=expression)):
        Inquiry.objects.filter(email=old).update(email=new)
        Referral.objects.filter(email=old).update(email=new)
