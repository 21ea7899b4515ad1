"""Somebody wants to be told what changes: asks for it, confirms it by the mailed link, changes it, stops it."""

import logging
import secrets
from collections.abc import Collection

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import DateField
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from coalition.mail import actions as queue
from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail, OutgoingEmailQuerySet
from initiatives import changes
from interest import limits, links, subscriber_emails
from interest.actions.erasing import empty_mails
from interest.actions.pursuing import database_day
from interest.actions.registering import REFERENCE_SIGNS, lock_address
from interest.models import Event, Subscriber, Subscription

logger = logging.getLogger(__name__)
TODAY = TruncDate(Now(), output_field=DateField())


def new_reference() -> str:
    return f"SUB-{timezone.now():%Y}-" + "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(6))


def note_event(subscription: Subscription, what: Event.What, *, by: AbstractBaseUser | None = None, portal: bool = False) -> None:
    actor = Event.Actor.STAFF if by else Event.Actor.PORTAL if portal else Event.Actor.VISITOR
    Event.objects.create(reference=subscription.reference, actor=actor, by=by.get_username() if by else "", what=what)


@transaction.atomic
def subscribe(*, email: str, query: str, frequency: str, language: str, network: str = "") -> Subscription:
    """Writes an unconfirmed subscription and the mail that asks to confirm it. What was confirmed before stays as it is.

    The same form again, however often, is one subscription and one mail a day. Raises limits.TooManyError.
    """
    address_key = addresses.normalize(email)
    lock_address(address_key)
    limits.take_form("subscriptions", network)
    subscriber, _is_new = Subscriber.objects.get_or_create(
        address_key=address_key, defaults={"email": email, "language": language, "reference": new_reference()}
    )
    subscription, is_new = Subscription.objects.get_or_create(
        subscriber=subscriber, query=query, defaults={"frequency": frequency, "reference": new_reference()}
    )
    if subscription.confirmed_at:
        write_link(subscriber)  # that it is subscribed already is told to its owner only
        return subscription
    if subscription.frequency != frequency:
        subscription.frequency = frequency
        subscription.save(update_fields=["frequency"])
    if is_new:
        note_event(subscription, Event.What.SUBSCRIPTION_ASKED)
    ask_for_confirmation(subscription)
    return subscription


def ask_for_confirmation(subscription: Subscription) -> None:
    """Writes the mail unless it was written today. One that must wait too long for its turn is held for staff, who see it."""
    day = database_day()
    if mails_about(subscription).filter(key__endswith=f":{day}").exists():
        return
    wait = limits.book_mail(subscription.subscriber.email, about=subscription.reference)
    email = subscriber_emails.subscribe(subscription, day=day)
    if wait > limits.LONGEST_WAIT:
        logger.warning("Held a mail for %s: too many wait already for one address that nobody confirms.", subscription)
        OutgoingEmail.objects.filter(pk=email.pk).update(state=OutgoingEmail.State.HELD)
    elif wait:
        OutgoingEmail.objects.filter(pk=email.pk).update(next_attempt_at=Now() + wait)


def mails_about(subscription: Subscription) -> OutgoingEmailQuerySet:
    """Those that ask to confirm it."""
    return OutgoingEmail.objects.filter(
        key__startswith=f"subscribe:{subscription.subscriber.reference}:{subscription.reference}:"
    )


@transaction.atomic
def confirm(*, subscription: Subscription) -> Subscription:
    """Begins a subscription with what is there now. The second time it changes nothing. Raises links.StoppedLinkError."""
    locked = Subscription.objects.select_related("subscriber").select_for_update(of=("self",))
    found = locked.annotate(now=Now(), today=TODAY).filter(pk=subscription.pk).first()
    if found is None:
        raise links.StoppedLinkError
    if found.confirmed_at:
        return found
    found.number = changes.catch_up()
    found.codes = sorted(found.followed.initiatives().order_by().values_list("code", flat=True))
    found.confirmed_at, found.looked_on = found.now, found.today
    found.save(update_fields=["number", "codes", "confirmed_at", "looked_on"])
    note_event(found, Event.What.SUBSCRIBED)
    queue.supersede(emails=mails_about(found))
    let_next_mail_go(found)
    return found


def let_next_mail_go(subscription: Subscription) -> None:
    """Whoever confirms wanted that mail, so the next one that waits for its turn need not wait any longer."""
    limits.give_back(subscription.reference)
    waiting = OutgoingEmail.objects.filter(state=OutgoingEmail.State.QUEUED, next_attempt_at__gt=Now(), kind="subscribe")
    following = waiting.filter(key__startswith=f"subscribe:{subscription.subscriber.reference}:").order_by(
        "next_attempt_at", "pk"
    )
    if email := following.first():
        limits.bring_forward(email.key.split(":")[2])
        OutgoingEmail.objects.filter(pk=email.pk, state=OutgoingEmail.State.QUEUED).update(next_attempt_at=Now())


@transaction.atomic
def send_subscriptions_link(*, email: str) -> OutgoingEmail | None:
    """Mails the link to the page of all subscriptions, if the address has confirmed one. At most one a day."""
    subscriber = Subscriber.objects.select_for_update().filter(address_key=addresses.normalize(email)).first()
    return write_link(subscriber) if subscriber else None


def write_link(subscriber: Subscriber) -> OutgoingEmail | None:
    if not subscriber.subscriptions.confirmed().exists():
        return None
    return subscriber_emails.subscriptions(subscriber, day=database_day())


@transaction.atomic
def change_frequency(*, subscription: Subscription, frequency: str) -> None:
    if Subscription.objects.filter(pk=subscription.pk).exclude(frequency=frequency).update(frequency=frequency):
        note_event(subscription, Event.What.SUBSCRIPTION_CHANGED)


@transaction.atomic
def unsubscribe(
    *,
    subscriber: Subscriber,
    references: Collection[str] | None = None,
    staff: AbstractBaseUser | None = None,
    portal: bool = False,
) -> int:
    """Ends these subscriptions, or all. With the last one the address is forgotten, at once. Returns how many ended."""
    if not Subscriber.objects.select_for_update().filter(pk=subscriber.pk).exists():
        return 0
    ending = subscriber.subscriptions.all() if references is None else subscriber.subscriptions.filter(reference__in=references)
    chosen = list(ending)
    for subscription in chosen:
        note_event(subscription, Event.What.UNSUBSCRIBED, by=staff, portal=portal)
    Subscription.objects.filter(pk__in=[subscription.pk for subscription in chosen]).delete()
    if not subscriber.subscriptions.exists():
        empty_mails(subscriber.mails())
        Subscriber.objects.filter(pk=subscriber.pk).delete()
    return len(chosen)
