"""Takes the person out of a request and leaves what is counted: initiative, country, dates, status (docs/privacy.md)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.functions import RandomUUID
from django.db import connection, models, transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Now

from coalition.mail.models import ABOUT, OutgoingEmail
from interest import emails
from interest.actions.answering import lock
from interest.actions.following import take_back
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Note, Referral

# The reference within the key of a mail, `kind:reference:…`.
REFERENCE = ABOUT
DETAILS = ["name", "job_title", "institution", "email", "phone", "message"]
WITHOUT_TEXT = {"text": "", "html": "", "frozen": None, "last_text": "", "returned_text": "", "unsubscribe_link": ""}
WITHOUT_ADDRESSES = {"recipient": "", "reply_to": ""}
# "Scheduled" needs a period; the words in which somebody gave it are gone.
PERIOD = Case(When(period="", then=Value("")), default=Value("-"))


@contextmanager
def purging() -> Iterator[None]:
    """One transaction in which answers and events may be changed, for which the database otherwise has a trigger."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL interest.purging = 'on'")
        yield
        cursor.execute("SET LOCAL interest.purging = 'off'")


def erase(*, expression: ExpressionOfInterest, staff: AbstractBaseUser | None = None) -> bool:
    """At the focal point's wish, which staff may carry out. Withdraws what is live: each address that was asked is told.

    At once and for good. Returns whether there was something to erase.
    """
    with purging():
        expression = lock(expression)
        if expression.is_erased:
            return False
        live = list(expression.referrals.live().with_recipients())
        event = Event(
            reference=expression.reference,
            codes=[referral.initiative.code for referral in live],
            actor=Event.Actor.STAFF if staff else Event.Actor.FOCAL_POINT,
            by=staff.get_username() if staff else "",
            what=Event.What.ERASED,
        )
        if expression.is_verified:
            address = expression.email
            blank(expression)
            take_back(expression, live)  # before the addresses that it writes to are gone
            emails.erased(expression, recipient=address, referrals=live)
            empty(ExpressionOfInterest.objects.filter(pk=expression.pk))
        else:
            remove(ExpressionOfInterest.objects.filter(pk=expression.pk))
        event.save()
    return True


def mails_about(expressions: QuerySet[ExpressionOfInterest]) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.about(expressions.values_list("reference", flat=True))


def remove(expressions: QuerySet[ExpressionOfInterest]) -> None:
    """Those that nobody confirmed: nobody was asked, so nothing is counted. Their events stay."""
    mails = mails_about(expressions)
    empty_log(mails)
    mails.delete()
    empty_events(expressions)
    expressions.delete()


def blank(expression: ExpressionOfInterest) -> None:
    """In memory, so that what is still written about it cannot tell the details."""
    for name in DETAILS:
        setattr(expression, name, "")
    expression.erased_at = Now()


def empty(expressions: QuerySet[ExpressionOfInterest]) -> None:
    """Takes every word about the person out of these requests and what belongs to them."""
    empty_mails(mails_about(expressions))
    empty_shared_mails(expressions)
    notes = Note.objects.filter(referral__expression__in=expressions)
    empty_log(notes)
    notes.delete()
    Answer.objects.filter(referral__expression__in=expressions).update(
        office_name="", period=PERIOD, text="", proposed_name="", proposed_email="", direct_name="", direct_email=""
    )
    Inquiry.objects.filter(referral__expression__in=expressions).update(office_name="", address_key="")
    unlike_all_others = Concat(Value("erased:"), Cast("pk", models.CharField()))
    Referral.objects.filter(expression__in=expressions).update(address_key=unlike_all_others)
    empty_events(expressions)
    # Another key, else the same form, sent again, would bring this row back.
    expressions.update(**dict.fromkeys(DETAILS, ""), idempotency_key=RandomUUID(), erased_at=Now())


def empty_mails(mails: QuerySet[OutgoingEmail]) -> None:
    """None of them is sent any more but those that tell of a withdrawal, and these no longer carry the address to reply to.

    The last mail to the person goes too. It is empty once it is sent.
    """
    empty_log(mails)
    withdrawals = mails.filter(kind="withdrawal").exclude(state__in=OutgoingEmail.FINAL)
    going = list(withdrawals.values_list("pk", flat=True))
    withdrawals.update(reply_to=settings.COALITION_EMAIL, frozen=None)
    others = mails.filter(leaves_no_trace=False).exclude(pk__in=going)
    never = {"state": OutgoingEmail.State.CANCELLED, "lease_until": None, "superseded_at": Now()}
    others.exclude(state__in=OutgoingEmail.FINAL).update(**never, **WITHOUT_TEXT)
    others.update(**WITHOUT_TEXT, **WITHOUT_ADDRESSES)


def empty_shared_mails(expressions: QuerySet[ExpressionOfInterest]) -> None:
    """A reminder is about several requests. One that waits still goes out if it is about others too; its text goes afterwards."""
    mails = OutgoingEmail.objects.filter(inquiries__referral__expression__in=expressions)
    shared = mails.exclude(pk__in=mails_about(expressions).values("pk"))
    of_others = Inquiry.objects.filter(email=OuterRef("pk"), referral__expression__erased_at__isnull=True)
    of_others = of_others.exclude(referral__expression__in=expressions)
    waiting = shared.exclude(state__in=OutgoingEmail.FINAL).filter(~Exists(of_others)).values("pk")
    OutgoingEmail.objects.filter(pk__in=waiting).update(state=OutgoingEmail.State.CANCELLED, lease_until=None)
    OutgoingEmail.objects.final().filter(pk__in=shared.values("pk")).update(**WITHOUT_TEXT)


def empty_events(expressions: QuerySet[ExpressionOfInterest]) -> None:
    """Who of the staff did what, and when, stays for the audit. The key of a mail tells the address that was asked."""
    events = Event.objects.filter(reference__in=list(expressions.values_list("reference", flat=True)))
    events.exclude(actor=Event.Actor.STAFF).update(by="")
    events.update(why="")


def empty_log(rows: QuerySet[OutgoingEmail] | QuerySet[Note]) -> None:
    """The admin's log names the rows that staff changed, a mail by its recipient, a note by its text."""
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(rows.model))
    log.filter(object_id__in=[str(pk) for pk in rows.values_list("pk", flat=True)]).update(object_repr="", change_message="")
