"""Makes and reads the links that are mailed. Nothing secret is stored: a link is a row's reference and link version, signed.

The reference stands for the row's id, because counting numbers in addresses tell how many there are. Each purpose has its own
salt, so one kind of link cannot be turned into another. Life and revocation are read from the row.
"""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest, Now
from django.urls import reverse

from coalition.mail.models import OutgoingEmail
from interest.models import ExpressionOfInterest, Inquiry, Subscriber, Subscription

VERIFICATION_LIFE = timedelta(hours=72)
STATUS_LIFE = timedelta(days=730)
# Who opened the page on the last day and took time to write must not lose the words.
TIME_TO_WRITE = timedelta(days=1)
NO_GRACE = timedelta(0)


class Asked(NamedTuple):
    """What an answer link stands for: a request, and the mail by which one address got the link."""

    expression: ExpressionOfInterest
    email: OutgoingEmail


class LinkError(Exception):
    """Why a link does not work any more. `expression` is set where it is known and safe to show."""

    status = 404
    reason = "bad"

    def __init__(self, expression: ExpressionOfInterest | None = None) -> None:
        super().__init__()
        self.expression = expression


class BadLinkError(LinkError):
    """Damaged, made up, or for a row that is gone."""


class RevokedLinkError(LinkError):
    """Replaced by a newer one: the row's link version was raised."""

    status = 410
    reason = "revoked"


class ErasedLinkError(LinkError):
    """The personal details are erased, and nothing more can be done."""

    status = 410
    reason = "erased"


class ExpiredLinkError(LinkError):
    """Older than its life."""

    status = 410
    reason = "expired"


class UsedLinkError(LinkError):
    """The address was confirmed with it, long ago. It no longer opens the status page: the mail may have been passed on since."""

    status = 410
    reason = "used"


class ExpiredAnswerLinkError(ExpiredLinkError):
    """Its mail is too old. A new one can be sent to the same address. Nothing of the request may be shown."""

    reason = "answer_expired"


def signer(purpose: str) -> Signer:
    return Signer(salt=f"interest.{purpose}", sep=".")


def path(purpose: str, expression: ExpressionOfInterest) -> str:
    token = signer(purpose).sign(f"{expression.reference}.{expression.link_version}")
    return reverse(f"interest:{purpose}", args=[token])


def verification_link(expression: ExpressionOfInterest) -> str:
    return settings.SITE_URL + path("verify", expression)


def status_path(expression: ExpressionOfInterest) -> str:
    return path("status", expression)


def status_link(expression: ExpressionOfInterest) -> str:
    return settings.SITE_URL + status_path(expression)


def answer_life() -> timedelta:
    return timedelta(days=settings.ANSWER_LINK_DAYS)


def answer_path(expression: ExpressionOfInterest, key: str) -> str:
    """Bound to the mail with this key, `kind:reference:address hash…`, so that each mail's link has a life of its own."""
    token = signer("answer").sign(f"{key.replace(':', '.')}.{expression.link_version}")
    return reverse("interest:answer", args=[token])


def answer_link(expression: ExpressionOfInterest, key: str) -> str:
    return settings.SITE_URL + answer_path(expression, key)


def read(purpose: str, token: str, *, life: timedelta) -> tuple[ExpressionOfInterest, bool]:
    """The row that a token names, and whether its life is over by the database's clock. Raises a LinkError."""
    try:
        reference, version = signer(purpose).unsign(token).split(".")
        expression = ExpressionOfInterest.objects.annotate(now=Now()).get(reference=reference)
    except (BadSignature, ExpressionOfInterest.DoesNotExist) as error:
        raise BadLinkError from error
    if expression.is_erased:
        raise ErasedLinkError
    if version != str(expression.link_version):
        raise RevokedLinkError
    return expression, expression.now - expression.created_at > life


def was_sent_lately(expression: ExpressionOfInterest) -> bool:
    """The mail may wait for its turn, or be held by staff: what its reader has of the link begins when it is sent."""
    mails = OutgoingEmail.objects.filter(key__startswith=f"verify:{expression.reference}")  # a second copy too
    return mails.filter(accepted_at__gt=Now() - VERIFICATION_LIFE).exists()


def read_verification(token: str) -> ExpressionOfInterest:
    """Raises a LinkError. A link that was used goes on working for its life, so that a second click explains itself."""
    expression, is_over = read("verify", token, life=VERIFICATION_LIFE)
    if is_over and not was_sent_lately(expression):
        raise UsedLinkError if expression.is_verified else ExpiredLinkError(expression)
    return expression


def read_status(token: str) -> ExpressionOfInterest:
    """Raises a LinkError."""
    expression, is_over = read("status", token, life=STATUS_LIFE)
    if is_over:
        raise ExpiredLinkError
    return expression


def read_answer(token: str, *, grace: timedelta = NO_GRACE) -> Asked:
    """Raises a LinkError. Viewing and answering are free for the link's life, by whoever holds it."""
    asked, is_over = read_answer_of_any_age(token, grace=grace)
    if is_over:
        raise ExpiredAnswerLinkError
    return asked


def shown_at() -> Greatest:
    """When the link of a mail was mailed last: with it, or with a later reminder of what the mail asked the same address."""
    reminders = Inquiry.objects.filter(email__kind="reminder", email__accepted_at__isnull=False)
    of_this = reminders.filter(referral__inquiries__email=OuterRef("pk"), referral__inquiries__address_key=F("address_key"))
    last = of_this.order_by("-email__accepted_at").values("email__accepted_at")[:1]
    return Greatest(Coalesce("accepted_at", "created_at"), Subquery(last))


def read_answer_of_any_age(token: str, *, grace: timedelta = NO_GRACE) -> tuple[Asked, bool]:
    """What the token names, and whether its life is over by the database's clock. Raises a LinkError."""
    try:
        key, version = signer("answer").unsign(token).rsplit(".", 1)
        ages = OutgoingEmail.objects.annotate(age=Now() - shown_at()).defer("text", "html", "frozen")
        email = ages.get(key=key.replace(".", ":"))
        expression = ExpressionOfInterest.objects.get(reference=email.key.split(":")[1])
    except (BadSignature, OutgoingEmail.DoesNotExist, ExpressionOfInterest.DoesNotExist) as error:
        raise BadLinkError from error
    if expression.is_erased:
        raise ErasedLinkError
    if version != str(expression.link_version):
        raise RevokedLinkError
    return Asked(expression, email), email.age > answer_life() + grace


# -- Subscriptions ---------------------------------------------------------------------------------------------------------------


class StoppedLinkError(LinkError):
    """Nothing is subscribed with this link any more: it was stopped, or was never confirmed and is forgotten."""

    status = 410
    reason = "stopped"


class ExpiredSubscriptionLinkError(ExpiredLinkError):
    """Nobody confirmed the subscription in time. It can be asked for again."""

    reason = "not_subscribed"


def confirmation_path(subscription: Subscription) -> str:
    return reverse("interest:confirm", args=[signer("confirm").sign(f"{subscription.reference}.1")])


def confirmation_link(subscription: Subscription) -> str:
    return settings.SITE_URL + confirmation_path(subscription)


def subscriber_path(purpose: str, subscriber: Subscriber) -> str:
    token = signer(purpose).sign(f"{subscriber.reference}.{subscriber.link_version}")
    return reverse(f"interest:{purpose}", args=[token])


def subscriptions_link(subscriber: Subscriber) -> str:
    return settings.SITE_URL + subscriber_path("subscriptions", subscriber)


def unsubscribe_link(subscriber: Subscriber) -> str:
    """For the program that shows the mail (RFC 8058). It stops everything, and shows nothing of what it was."""
    return settings.SITE_URL + subscriber_path("unsubscribe", subscriber)


def read_confirmation(token: str) -> Subscription:
    """Raises a LinkError. A link that was used goes on working as long as the subscription, so that a click explains itself."""
    try:
        reference, _version = signer("confirm").unsign(token).split(".")
    except (BadSignature, ValueError) as error:
        raise BadLinkError from error
    found = Subscription.objects.select_related("subscriber").filter(reference=reference)
    subscription = found.annotate(age=Now() - F("created_at")).first()
    if subscription is None:
        raise StoppedLinkError
    sent = OutgoingEmail.objects.filter(key__startswith=f"subscribe:{subscription.subscriber.reference}:{reference}:")
    was_sent_lately = sent.filter(accepted_at__gt=Now() - VERIFICATION_LIFE).exists()
    if not subscription.confirmed_at and subscription.age > VERIFICATION_LIFE and not was_sent_lately:
        raise ExpiredSubscriptionLinkError
    return subscription


def read_subscriber(purpose: str, token: str) -> Subscriber:
    """Raises a LinkError. It works for as long as something is subscribed."""
    try:
        reference, version = signer(purpose).unsign(token).split(".")
    except (BadSignature, ValueError) as error:
        raise BadLinkError from error
    subscriber = Subscriber.objects.filter(reference=reference).first()
    if subscriber is None:
        raise StoppedLinkError
    if version != str(subscriber.link_version):
        raise RevokedLinkError
    return subscriber
