"""All that happened to one referral, in the order of time, for staff. What the focal point may see is in `correspondence`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from coalition.mail import words
from coalition.mail.models import OutgoingEmail
from interest.models import Answer, Event, Inquiry, Referral


@dataclass(frozen=True)
class Entry:
    """`what` happened and `who` did it; `text` is what a person wrote, `more` what the portal has to say about it."""

    when: datetime
    kind: str
    what: str
    who: str = ""
    text: str = ""
    more: str = ""
    email: OutgoingEmail | None = None


def story(referral: Referral) -> list[Entry]:
    entries = [*happened(referral), *mailed(referral), *said(referral), *noted(referral)]
    return sorted(entries, key=lambda entry: entry.when)


def happened(referral: Referral) -> Iterator[Entry]:
    """What an answer or a note tells itself is left out, unless somebody gave a reason for the record."""
    told = {Event.What.ANSWERED, Event.What.REPLIED, Event.What.NOTED}
    for event in referral.expression.events():
        concerned = referral.initiative.code in event.codes or not event.codes
        if concerned and (event.why or event.what not in told):
            yield Entry(event.created_at, "event", event.get_what_display(), actor_of(event), more=event.why)


def actor_of(event: Event) -> str:
    """Staff by their names. For others `by` is the key of a mail, which tells a reader nothing."""
    return f"{event.get_actor_display()} {event.by}" if event.actor == Event.Actor.STAFF else event.get_actor_display()


def mails_about(referral: Referral) -> QuerySet[OutgoingEmail]:
    """Those of its expression, without those that asked about other initiatives only."""
    mails = referral.expression.mails()
    others = Inquiry.objects.filter(email__in=mails).exclude(email__inquiries__referral=referral)
    return mails.exclude(pk__in=others.values("email")).defer("text", "html", "frozen")


def mailed(referral: Referral) -> Iterator[Entry]:
    for email in mails_about(referral):
        state = f"{words.state(email)}. {words.reason(email)}"
        yield Entry(
            email.created_at, "mail", email.subject, _("Mail to %(address)s") % {"address": email.recipient}, "", state, email
        )


def said(referral: Referral) -> Iterator[Entry]:
    for answer in referral.answers.all():
        yield Entry(answer.created_at, "answer", answer.words, speaker(answer), answer.text, proposed(answer))


def speaker(answer: Answer) -> str:
    if answer.is_reply:
        return answer.get_author_display()
    who = f"{answer.contact.name} ({answer.office})" if answer.contact else answer.office
    return _("%(who)s, written down by staff") % {"who": who} if answer.by_staff else who


def proposed(answer: Answer) -> str:
    proposal = f"{answer.proposed_name} {answer.proposed_email}".strip()
    return _("Ask instead: %(proposal)s") % {"proposal": proposal} if proposal else ""


def noted(referral: Referral) -> Iterator[Entry]:
    for note in referral.notes.select_related("author"):
        yield Entry(note.created_at, "note", _("Note"), note.author.get_username() if note.author else "", note.text)


@dataclass(frozen=True)
class Address:
    """One of those who were asked: the first and the last mail that asked, and whether an answer may still come from there."""

    first: Inquiry
    last: Inquiry
    is_open: bool
    has_failed: bool


def addresses_asked(referral: Referral) -> list[Address]:
    """Uses what `with_correspondence` fetched."""
    groups: dict[tuple[int | None, str], list[Inquiry]] = {}
    for inquiry in referral.inquiries.all():
        groups.setdefault((inquiry.contact_id, inquiry.address_key), []).append(inquiry)
    return [
        Address(group[0], group[-1], any(i.closed_at is None for i in group), group[-1].email.has_failed)
        for group in groups.values()
    ]
