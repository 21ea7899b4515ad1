"""The mails to those who follow what changes: one function for each, as in `emails`."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from coalition.mail.models import OutgoingEmail
from initiatives.news import News, entries
from interest import links
from interest.emails import put
from interest.models import Subscriber, Subscription

# With more entries and fields than this a digest lists the codes; the page of changes has the rest. It keeps what a mail weighs
# under the 102 kB from which on Gmail cuts mails off.
SHORT_DIGEST = 100


def subscribe(subscription: Subscription, *, day: date) -> OutgoingEmail:
    """Asks to confirm a subscription. Anybody can have this sent to anybody, so it holds not one word that they typed."""
    context = {
        "subscription": subscription,
        "link": links.confirmation_link(subscription),
        "hours": links.VERIFICATION_LIFE // timedelta(hours=1),
    }
    return put_to_subscriber("subscribe", subscription.subscriber, context, subscription.reference, day)


def subscriptions(subscriber: Subscriber, *, day: date) -> OutgoingEmail:
    """The link to the page of all subscriptions of an address, to that address. At most one a day."""
    return put_to_subscriber("subscriptions", subscriber, {"link": links.subscriptions_link(subscriber)}, day)


def digest(subscriber: Subscriber, *, news: Sequence[News], since: date, day: date, upto: int) -> OutgoingEmail:
    """All that is new for one subscriber, `upto` a change, in one mail. Nothing is left out: a long one names every code."""
    found = entries(news)
    context = {
        "news": news,
        "entries": found,
        **{how: [entry for entry in found if entry.how == how] for how in ("came", "changed", "gone")},
        "is_long": sum(1 + len(entry.differences) for entry in found) > SHORT_DIGEST,
        "since": since,
        "link": links.subscriptions_link(subscriber),
    }
    unsubscribe = links.unsubscribe_link(subscriber)
    return put_to_subscriber("digest", subscriber, context, day, upto, unsubscribe_link=unsubscribe)


def put_to_subscriber(
    name: str, subscriber: Subscriber, context: dict[str, Any], *more: object, unsubscribe_link: str = ""
) -> OutgoingEmail:
    return put(
        name,
        context,
        key=":".join([name, subscriber.reference, *map(str, more)]),
        recipient=subscriber.email,
        reply_to=settings.COALITION_EMAIL,
        language=subscriber.language,
        unsubscribe_link=unsubscribe_link,
    )
