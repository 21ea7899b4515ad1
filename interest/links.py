"""Makes and reads the links that are mailed. Nothing secret is stored: a link is a row's reference and link version, signed.

The reference stands for the row's id, because counting numbers in addresses tell how many there are. Each purpose has its own
salt, so one kind of link cannot be turned into another. Life and revocation are read from the row.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Case, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce, Greatest, Now
from django.urls import reverse
from django.utils import translation

from coalition.mail.models import OutgoingEmail
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral, Subscriber, Subscription

VERIFICATION_LIFE = timedelta(hours=72)
STATUS_LIFE = timedelta(days=730)
# A list opens all that one address is asked, so its link, and the answer links on its page, do not live long.
LIST_LIFE = timedelta(days=3)
# The links that end with the version of their expression, wherever the site is.
VERSIONED = re.compile(r"/interest/(?P<purpose>verify|status|answer)/(?P<token>[\w.:-]+)/")
LISTING = ("list", "reminder")
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


class ExpiredListLinkError(ExpiredLinkError):
    """Its mail is too old, or a newer list was mailed since. A new one can be sent to the same address."""

    reason = "list_expired"


def signer(purpose: str) -> Signer:
    return Signer(salt=f"interest.{purpose}", sep=".")


def path(purpose: str, expression: ExpressionOfInterest) -> str:
    token = signer(purpose).sign(f"{expression.reference}.{expression.link_version}")
    return reverse(f"interest:{purpose}", args=[token])


def in_mail(language: str, path: Callable[..., str], *args: object) -> str:
    """The whole address of a page in the language of the mail's reader, whoever causes the mail."""
    with translation.override(language):
        return settings.SITE_URL + path(*args)


def verification_link(expression: ExpressionOfInterest) -> str:
    return in_mail(expression.language, path, "verify", expression)


def status_path(expression: ExpressionOfInterest) -> str:
    return path("status", expression)


def status_link(expression: ExpressionOfInterest) -> str:
    return in_mail(expression.language, status_path, expression)


def renewed(text: str, expression: ExpressionOfInterest) -> str:
    """The same text in which every link to this expression works, though its version was raised. All other links stay."""

    def renew(found: re.Match[str]) -> str:
        purpose, token = found["purpose"], found["token"]
        try:
            *names, _version = signer(purpose).unsign(token).split(".")
        except BadSignature:
            return found[0]
        if expression.reference not in names:
            return found[0]
        return found[0].replace(token, signer(purpose).sign(".".join([*names, str(expression.link_version)])))

    return VERSIONED.sub(renew, text)


def answer_life() -> timedelta:
    return timedelta(days=settings.ANSWER_LINK_DAYS)


def answer_path(expression: ExpressionOfInterest, key: str) -> str:
    """Bound to the mail with this key, `kind:reference:address hash…`, so that each mail's link has a life of its own.

    The key of a mail about several requests, `kind:address hash…`, is followed by the reference of the one that is meant.
    """
    parts = key.split(":")
    names = parts if expression.reference in parts else [*parts, expression.reference]
    token = signer("answer").sign(".".join([*names, str(expression.link_version)]))
    return reverse("interest:answer", args=[token])


def answer_link(expression: ExpressionOfInterest, key: str) -> str:
    return in_mail(settings.LANGUAGE_CODE, answer_path, expression, key)


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


def shown_at(reference: str) -> Case:
    """When the link of a mail was mailed last: with it, or with a later reminder of what the mail asked the same address.

    Nothing brings a link from a list to life again.
    """
    reminders = Inquiry.objects.filter(email__kind="reminder", email__accepted_at__isnull=False)
    of_this = reminders.filter(
        referral__expression__reference=reference,
        referral__inquiries__email=OuterRef("pk"),
        referral__inquiries__address_key=F("address_key"),
    )
    last = of_this.order_by("-email__accepted_at").values("email__accepted_at")[:1]
    mailed = Coalesce("accepted_at", "created_at")
    return Case(When(kind__in=LISTING, then=mailed), default=Greatest(mailed, Subquery(last)))


def read_answer_of_any_age(token: str, *, grace: timedelta = NO_GRACE) -> tuple[Asked, bool]:
    """What the token names, and whether its life is over by the database's clock. Raises a LinkError."""
    try:
        *names, version = signer("answer").unsign(token).split(".")
        reference = next((name for name in names if name.startswith("EOI-")), "")
        key = ":".join(names[:-1] if names[-1] == reference else names)
        ages = OutgoingEmail.objects.annotate(age=Now() - shown_at(reference)).defer("text", "html", "frozen")
        email = ages.get(key=key)
        expression = ExpressionOfInterest.objects.get(reference=reference)
    except (BadSignature, OutgoingEmail.DoesNotExist, ExpressionOfInterest.DoesNotExist) as error:
        raise BadLinkError from error
    if expression.is_erased:
        raise ErasedLinkError
    if version != str(expression.link_version):
        raise RevokedLinkError
    is_listed = email.kind in LISTING
    life = LIST_LIFE if is_listed else answer_life()
    return Asked(expression, email), email.age > life + grace or (is_listed and is_replaced(email))


# -- Lists of all that one address is asked ------------------------------------------------------------------------------------


def list_path(key: str) -> str:
    """Bound to the mail with this key, `kind:address hash:…`."""
    return reverse("interest:requests", args=[signer("requests").sign(key.replace(":", "."))])


def list_link(key: str) -> str:
    return in_mail(settings.LANGUAGE_CODE, list_path, key)


def read_list_of_any_age(token: str, *, grace: timedelta = NO_GRACE) -> tuple[OutgoingEmail, bool]:
    """The mail that brought the link, and whether its life is over. Raises BadLinkError."""
    try:
        key = signer("requests").unsign(token).replace(".", ":")
        ages = OutgoingEmail.objects.annotate(age=Now() - Coalesce("accepted_at", "created_at"))
        email = ages.defer("text", "html", "frozen").exclude(recipient="").get(key=key)
    except (BadSignature, OutgoingEmail.DoesNotExist) as error:
        raise BadLinkError from error
    return email, email.age > LIST_LIFE + grace or is_replaced(email)


def read_list(token: str, *, grace: timedelta = NO_GRACE) -> OutgoingEmail:
    """The mail that brought the link, for the requests asked of its address. Raises a LinkError."""
    email, is_over = read_list_of_any_age(token, grace=grace)
    if is_over:
        raise ExpiredListLinkError
    return email


def is_replaced(email: OutgoingEmail) -> bool:
    """Whether a list that was asked for later takes the place of this one; or somebody replaced the links of a request on it,
    because a stranger may have one: the list would show that stranger the new ones.
    """
    newer = OutgoingEmail.objects.filter(key__startswith=f"list:{email.key.split(':')[1]}:", pk__gt=email.pk, again_of=None)
    asked = Referral.objects.live().asked_by(email).values("expression__reference")
    replaced = Event.objects.filter(what=Event.What.LINKS_REPLACED, created_at__gt=email.created_at, reference__in=asked)
    return newer.exists() or replaced.exists()


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
    return in_mail(subscription.subscriber.language, confirmation_path, subscription)


def subscriber_path(purpose: str, subscriber: Subscriber) -> str:
    token = signer(purpose).sign(f"{subscriber.reference}.{subscriber.link_version}")
    return reverse(f"interest:{purpose}", args=[token])


def subscriptions_link(subscriber: Subscriber) -> str:
    return in_mail(subscriber.language, subscriber_path, "subscriptions", subscriber)


def unsubscribe_link(subscriber: Subscriber) -> str:
    """For the program that shows the mail (RFC 8058). It stops everything, and shows nothing of what it was."""
    return in_mail(subscriber.language, subscriber_path, "unsubscribe", subscriber)


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
