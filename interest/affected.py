"""Who must be told when something leaked (GDPR Art. 33: within 72 hours): focal points, contacts and staff, with their addresses.

Answers from rows that are still there. Whose details are erased is named by the reference alone: nobody can be written to.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet

from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest.actions.erasing import REFERENCE
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Note, Subscriber, Subscription


class Affected(NamedTuple):
    who: str
    reference: str
    country: str
    institution: str
    address: str


class Window(NamedTuple):
    """Both ends may be open."""

    since: datetime | None
    until: datetime | None

    def holds(self, column: str) -> Q:
        condition = Q()
        if self.since:
            condition &= Q(**{f"{column}__gte": self.since})
        return condition & Q(**{f"{column}__lt": self.until}) if self.until else condition


Expressions = QuerySet[ExpressionOfInterest]


def focal_points(expressions: Expressions) -> Iterator[Affected]:
    for row in expressions.order_by("reference"):
        yield Affected("focal point", row.reference, row.get_country_display(), row.institution, row.email)


def asked(expressions: Expressions) -> Iterator[Affected]:
    """Contacts, by the addresses that were asked about these."""
    inquiries = Inquiry.objects.filter(referral__expression__in=expressions).exclude(email__recipient="")
    names = ["referral__expression__reference", "contact__organization__name", "email__recipient"]
    for reference, organization, address in inquiries.order_by(*names).values_list(*names).distinct():
        yield Affected("contact", reference, "", organization or "", address)


def named_in_answers(expressions: Expressions) -> Iterator[Affected]:
    answers = Answer.objects.filter(referral__expression__in=expressions).exclude(proposed_email="", direct_email="")
    names = ["referral__expression__reference", "proposed_email", "direct_email"]
    for reference, *addresses in answers.order_by(*names).values_list(*names).distinct():
        yield from (Affected("named in an answer", reference, "", "", address) for address in addresses if address)


def everybody(expressions: Expressions) -> Iterator[Affected]:
    yield from focal_points(expressions)
    yield from asked(expressions)
    yield from named_in_answers(expressions)


def requests(window: Window) -> Iterator[Affected]:
    yield from focal_points(ExpressionOfInterest.objects.filter(window.holds("created_at")))


def with_rows(model: Any, people: Callable[[Expressions], Iterator[Affected]]) -> Callable[[Window], Iterator[Affected]]:
    """For tables whose rows belong to a request and have a time of their own."""

    def found(window: Window) -> Iterator[Affected]:
        of_request = model.objects.filter(window.holds("created_at"), referral__expression=OuterRef("pk"))
        yield from people(ExpressionOfInterest.objects.filter(Exists(of_request)))

    return found


def about_mails(window: Window) -> Iterator[Affected]:
    """The readers, and those whom the mails are about: to a contact they tell who asks. A reminder is about several."""
    mails = OutgoingEmail.objects.filter(window.holds("created_at")).annotate(reference=REFERENCE)
    named = Exists(mails.filter(reference=OuterRef("reference")))
    asked_about = Exists(Inquiry.objects.filter(email__in=mails.values("pk"), referral__expression=OuterRef("pk")))
    yield from focal_points(ExpressionOfInterest.objects.filter(named | asked_about))
    readers = mails.exclude(recipient="").order_by("reference", "recipient").values_list("reference", "recipient").distinct()
    for reference, address in readers:
        yield Affected("reader of a mail", reference if reference.startswith("EOI-") else "", "", "", address)


def about_contacts(_window: Window) -> Iterator[Affected]:
    """All of them: nobody noted since when."""
    for contact in PointOfContact.objects.select_related("organization").order_by("pk"):
        yield Affected("contact", "", "", contact.organization.name, contact.email)


def subscribers(rows: Iterable[Subscriber]) -> Iterator[Affected]:
    for row in rows:
        yield Affected("subscriber", row.reference, "", "", row.email)


def about_subscribers(window: Window) -> Iterator[Affected]:
    yield from subscribers(Subscriber.objects.filter(window.holds("created_at")).order_by("reference"))


def about_subscriptions(window: Window) -> Iterator[Affected]:
    asked_for = Subscription.objects.filter(window.holds("created_at"), subscriber=OuterRef("pk"))
    yield from subscribers(Subscriber.objects.filter(Exists(asked_for)).order_by("reference"))


def staff(users: Iterable[Any]) -> Iterator[Affected]:
    for user in users:
        yield Affected("staff", "", "", user.get_username(), user.email)


def about_staff(_window: Window) -> Iterator[Affected]:
    yield from staff(get_user_model().objects.order_by("pk"))


def about_log(window: Window) -> Iterator[Affected]:
    """Whoever changed something. The log may also name contacts and readers of mails: ask for those tables too."""
    entries = LogEntry.objects.filter(window.holds("action_time"))
    yield from staff(get_user_model().objects.filter(Exists(entries.filter(user=OuterRef("pk")))).order_by("pk"))


def inside(window: Window) -> Iterator[Affected]:
    """Whoever was inside could read all that was there by then, whenever it came in."""
    by_then = Window(None, window.until)
    yield from everybody(ExpressionOfInterest.objects.filter(by_then.holds("created_at")))
    yield from about_subscribers(by_then)


def about_events(window: Window) -> Iterator[Affected]:
    """Requests in which something happened in this time."""
    events = Event.objects.filter(window.holds("created_at"), reference=OuterRef("reference"))
    yield from everybody(ExpressionOfInterest.objects.filter(Exists(events)))


# Each table with personal columns that name whom one can write to.
TABLES: dict[str, Callable[[Window], Iterator[Affected]]] = {
    "interest.ExpressionOfInterest": requests,
    "interest.Referral": requests,
    "interest.Inquiry": with_rows(Inquiry, asked),
    "interest.Answer": with_rows(Answer, everybody),
    "interest.Note": with_rows(Note, everybody),
    "interest.Event": about_events,
    "interest.Subscriber": about_subscribers,
    "interest.Subscription": about_subscriptions,
    "mail.OutgoingEmail": about_mails,
    "initiatives.PointOfContact": about_contacts,
    "auth.User": about_staff,
    "admin.LogEntry": about_log,
    "sessions.Session": about_staff,
}


class UnknownReferenceError(Exception):
    """No request has these references."""


def affected(
    *, window: Window, references: Iterable[str] = (), tables: Iterable[str] = (), watched: bool = False
) -> list[Affected]:
    """By a leaked link or mail: name the reference. By a copied table: name it, and until when. By a time in which somebody
    was inside: all requests that existed by its end; who only watched the traffic saw those in which something happened.
    Each person once for each reference. Raises UnknownReferenceError.
    """
    found: dict[Affected, None] = {}
    if references := list(references):
        named = ExpressionOfInterest.objects.filter(reference__in=references)
        if unknown := sorted(set(references) - set(named.values_list("reference", flat=True))):
            raise UnknownReferenceError(", ".join(unknown))
        found |= dict.fromkeys(everybody(named))
    for table in tables:
        found |= dict.fromkeys(TABLES[table](window))
    if watched:
        found |= dict.fromkeys(about_events(window))
    elif not references and not tables:
        found |= dict.fromkeys(inside(window))
    return list(found)
