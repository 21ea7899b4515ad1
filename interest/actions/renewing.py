"""Somebody else may have a mailed link: every link of a request stops working, and whoever may have one gets a new one."""

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Now

from coalition.mail.models import OutgoingEmail
from interest import emails, links
from interest.actions.answering import by_address, lock
from interest.actions.inquiring import take_turn
from interest.models import Event, ExpressionOfInterest


class ReplacedTodayError(Exception):
    """Each time a mail goes to everybody who is asked, so somebody with a link could flood them."""


@transaction.atomic
def replace_links(*, expression: ExpressionOfInterest, staff: AbstractBaseUser | None = None) -> list[OutgoingEmail]:
    """Makes every link mailed so far invalid. Mails new ones to the focal point, and to each address with something live.

    Returns the mails. Raises ReplacedTodayError, ErasedLinkError; BadLinkError if nobody confirmed the address.
    """
    expression = lock(expression)
    if expression.is_erased:
        raise links.ErasedLinkError
    if not expression.is_verified:
        raise links.BadLinkError
    if expression.events().filter(what=Event.What.LINKS_REPLACED, created_at__gt=Now() - timedelta(days=1)).exists():
        raise ReplacedTodayError
    expression.link_version += 1
    expression.save(update_fields=["link_version"])
    Event.objects.create(
        reference=expression.reference,
        actor=Event.Actor.STAFF if staff else Event.Actor.FOCAL_POINT,
        by=staff.get_username() if staff else "",
        what=Event.What.LINKS_REPLACED,
    )
    to_focal_point = emails.replaced_status_link(expression)
    to_asked = [emails.replaced_answer_link(expression, recipient=asked) for asked in by_address(expression.referrals.live())]
    if not staff:
        for email in to_asked:
            take_turn(expression, email)
    return [to_focal_point, *to_asked]
