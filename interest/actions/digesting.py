"""Tells subscribers what changed: one mail a day for an address, with all that its subscriptions have to say.

Which changes somebody knows is written in the transaction that queues the mail. So a run may come late, twice, twice at once or
not at all for weeks, and may be killed at any moment: no change is told twice, and none is left out.
"""

import logging
import time

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import translation

from coalition.mail.models import OutgoingEmail
from initiatives import changes
from initiatives.news import News, news
from interest import subscriber_emails
from interest.actions.subscribing import TODAY, unsubscribe
from interest.models import Subscriber, Subscription

logger = logging.getLogger(__name__)


def send_digests(*, seconds: float | None = None) -> int:
    """Writes the digests that are due, or as many as can be written in so many seconds. Returns how many."""
    end = None if seconds is None else time.monotonic() + seconds
    changes.record()
    written = 0
    for pk in list(Subscriber.objects.due().order_by("pk").values_list("pk", flat=True)):
        try:
            written += digest(pk) is not None
        except (ValidationError, DatabaseError):
            # It is tried again in the next round, and stops no other.
            logger.exception("The digest of subscriber %s could not be written.", pk)
        if end is not None and time.monotonic() > end:
            break
    return written


@transaction.atomic
def digest(pk: int) -> OutgoingEmail | None:
    """The mail of one subscriber, if there is something to tell. Another round that is at it right now is left to it."""
    due = Subscriber.objects.due().filter(pk=pk).annotate(today=TODAY)  # type: ignore[no-redef]  # declared in the model
    subscriber = due.select_for_update(skip_locked=True, of=("self",)).first()
    if subscriber is None:
        return None
    if subscriber.is_unreachable():
        unsubscribe(subscriber=subscriber, portal=True)
        return None
    upto = changes.last_number()
    subscriptions = list(subscriber.subscriptions.due().select_for_update())
    with translation.override(subscriber.language):
        found = [news_for(subscription, upto) for subscription in subscriptions]
    email = write(subscriber, subscriptions, found, upto)
    for subscription, of_this in zip(subscriptions, found, strict=True):
        subscription.number, subscription.codes, subscription.looked_on = upto, of_this.codes, subscriber.today
    Subscription.objects.bulk_update(subscriptions, ["number", "codes", "looked_on"])
    Subscriber.objects.filter(pk=pk).update(digested_on=subscriber.today)
    return email


def news_for(subscription: Subscription, upto: int) -> News:
    return news(subscription.followed, known=subscription.codes, after=subscription.number, upto=upto)


def write(subscriber: Subscriber, subscriptions: list[Subscription], found: list[News], upto: int) -> OutgoingEmail | None:
    told = [(subscription, of_this) for subscription, of_this in zip(subscriptions, found, strict=True) if of_this]
    if not told:
        return None
    since = min(subscription.looked_on for subscription, _of_this in told if subscription.looked_on)
    news_told = [of_this for _subscription, of_this in told]
    return subscriber_emails.digest(subscriber, news=news_told, since=since, day=subscriber.today, upto=upto)
