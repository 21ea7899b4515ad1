"""What an editor needs to know before somebody else is asked: what went wrong, and who may be the right one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from coalition.mail import words
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact
from interest.actions import DETAILS, Scope
from interest.actions.redirecting import GONE
from interest.models import Answer, Inquiry, Referral


@dataclass(frozen=True)
class Reason:
    """Why a contact is to be repaired; with the mail that was refused, or what somebody wrote."""

    words: str
    text: str = ""
    email: OutgoingEmail | None = None


def declined(waiting: Iterable[Referral]) -> list[Answer]:
    """The answers “wrong person” that still wait for a decision. Uses what `with_answers` fetched."""
    open_ones = (referral for referral in waiting if referral.status == Referral.Status.WRONG_PERSON)
    last = ([a for a in referral.answers.all() if a.kind == Answer.Kind.WRONG_PERSON][-1:] for referral in open_ones)
    return [answer for found in last for answer in found]


def reasons(inquiry: Inquiry, waiting: Sequence[Referral]) -> Iterator[Reason]:
    codes = {referral.pk: referral.initiative.code for referral in waiting}
    said: dict[Any, list[Answer]] = {}
    for answer in declined(waiting):
        said.setdefault(answer.submission, []).append(answer)
    for answers in said.values():
        yield wrong_person(answers, codes)
    for email in undelivered(inquiry, waiting):
        yield Reason(_("A mail could not be delivered. %(reason)s") % {"reason": words.reason(email)}, email=email)
    if contact := inquiry.contact:
        if not contact.is_active:
            yield Reason(_("Staff deactivated this contact."))
        elif inquiry.is_outdated:
            yield Reason(_("Staff changed the address of this contact. It is now %(address)s.") % {"address": contact.email})
    else:
        yield Reason(_("No contact is known for this, so the Coalition’s own mailbox was asked."))


def wrong_person(answers: list[Answer], codes: dict[int, str]) -> Reason:
    answer = answers[0]
    values = {
        "codes": ", ".join(codes[answer.referral_id] for answer in answers),
        "who": answer.contact or answer.office,
        "day": date_format(answer.created_at, "DATE_FORMAT"),
        "proposal": f"{answer.proposed_name} {answer.proposed_email}".strip(),
    }
    sentence = _("%(who)s answered on %(day)s about %(codes)s: wrong person.") % values
    return Reason(f"{sentence} {_('Ask instead: %(proposal)s.') % values}" if values["proposal"] else sentence, text=answer.text)


def undelivered(inquiry: Inquiry, waiting: Iterable[Referral]) -> QuerySet[OutgoingEmail]:
    """The mails about what waits that did not reach the address."""
    asking = Inquiry.objects.open().filter(referral__in=waiting, address_key=inquiry.address_key)
    return OutgoingEmail.objects.undelivered().filter(inquiries__in=asking).distinct().defer("text", "html", "frozen")


def to_tick(inquiry: Inquiry, waiting: Sequence[Referral]) -> list[Referral]:
    """All that waits where nobody is any more; else what nobody answered and what the page was opened for.

    What was acknowledged stays. Who has another address keeps what they did not call somebody else's.
    """
    if inquiry.is_outdated:
        keeps = inquiry.contact and inquiry.contact.is_active
        return [referral for referral in waiting if not (keeps and referral.status == Referral.Status.WRONG_PERSON)]
    open_ones = {Referral.Status.WAITING, Referral.Status.WRONG_PERSON}
    concerned = initiatives_concerned(inquiry, waiting)
    return [referral for referral in waiting if referral.status in open_ones and referral.initiative_id in concerned]


def initiatives_concerned(inquiry: Inquiry, waiting: Sequence[Referral]) -> set[int]:
    """Those about which a contact said “wrong person”; the Coalition's mailbox holds what has nothing to do with each other."""
    if inquiry.contact is None:
        return {inquiry.referral.initiative_id}
    declined_ones = {referral.initiative_id for referral in waiting if referral.status == Referral.Status.WRONG_PERSON}
    return declined_ones or {referral.initiative_id for referral in waiting}


def proposal(inquiry: Inquiry, waiting: Sequence[Referral]) -> dict[str, Any]:
    """What the form begins with: the contact's new address, else who was named as the right person, else the next contact."""
    old, scope = inquiry.contact, scope_to_begin(inquiry, waiting)
    ticked = list(waiting) if scope in GONE else to_tick(inquiry, waiting)
    begin: dict[str, Any] = {"referrals": [referral.pk for referral in ticked]}
    if old:
        begin |= {"organization": old.organization_id} | {name: getattr(old, name) for name in DETAILS if name != "title"}
    if old and inquiry.is_outdated and old.is_active:
        return begin | {"scope": Scope.ONCE, "contact": old.pk}
    begin["scope"] = scope
    named = next((answer for answer in reversed(declined(ticked)) if answer.proposed_name or answer.proposed_email), None)
    if named is None:
        following = next_contact(inquiry, ticked)
        return begin | {"contact": following.pk if following else None}
    if known := known_contact(named):
        return begin | {"contact": known.pk}
    return begin | {"name": named.proposed_name, "email": named.proposed_email}


def scope_to_begin(inquiry: Inquiry, waiting: Sequence[Referral]) -> Scope:
    """Nobody is deactivated by default who may answer for something else, or is only slow."""
    if declined(waiting) or inquiry.contact is None:
        return Scope.THESE
    return Scope.TAKES_OVER if inquiry.is_outdated or undelivered(inquiry, waiting).exists() else Scope.ONCE


def known_contact(answer: Answer) -> PointOfContact | None:
    if not answer.proposed_email:
        return None
    return PointOfContact.objects.active().filter(email__iexact=answer.proposed_email).first()


def next_contact(inquiry: Inquiry, waiting: Sequence[Referral]) -> PointOfContact | None:
    """The one whom the catalogue names next for all that waits; nobody if it names several."""
    asked = Initiative.contacts_to_ask_about({referral.initiative_id for referral in waiting})
    firsts = {next((c for c in contacts if c.email.lower() != inquiry.address_key), None) for contacts in asked.values()}
    return firsts.pop() if len(firsts) == 1 else None
