"""What was written about an expression, in the order of time, as the focal point may see and print it."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral

REQUESTS = {
    Inquiry.Step.FIRST: gettext_lazy("The request was mailed to %(office)s."),
    Inquiry.Step.REMINDER: gettext_lazy("%(office)s was reminded of the request."),
    Inquiry.Step.DEPUTY: gettext_lazy("The request was mailed to %(office)s as well, because no answer was known."),
    Inquiry.Step.REPLACEMENT: gettext_lazy("The request was mailed to %(office)s instead."),
}
ACKNOWLEDGED = gettext_lazy("The request was mailed to %(office)s as well, because no full answer had come.")


@dataclass(frozen=True)
class Entry:
    when: datetime
    words: str
    codes: list[str]
    text: str = ""


def correspondence(expression: ExpressionOfInterest, referrals: Iterable[Referral]) -> list[Entry]:
    """`referrals` come from `with_correspondence`. Names offices, and a person only where that person allowed it."""
    referrals = list(referrals)
    entries = [*own_steps(expression, referrals), *requests(referrals), *answers(referrals)]
    return sorted(entries, key=lambda entry: entry.when)


def own_steps(expression: ExpressionOfInterest, referrals: list[Referral]) -> Iterator[Entry]:
    codes = [referral.initiative.code for referral in referrals]
    yield Entry(expression.created_at, _("You sent the form."), codes, expression.message)
    if expression.verified_at:
        yield Entry(expression.verified_at, _("You confirmed your address."), [])
    words = {
        Event.What.WITHDRAWN: _("You withdrew your interest."),
        Event.What.CORRECTED: _("You corrected your details."),
        Event.What.LINKS_REPLACED: _("All links were replaced."),
    }
    for event in expression.events().filter(what__in=words):
        yield Entry(event.created_at, words[Event.What(event.what)], event.codes)


def requests(referrals: list[Referral]) -> Iterator[Entry]:
    """The mails that asked somebody, once the mail server has taken them."""
    mails: dict[tuple[datetime, str], list[str]] = {}
    for referral in referrals:
        for inquiry in referral.inquiries.all():
            if inquiry.email.accepted_at:
                words = ACKNOWLEDGED if inquiry.asks_for_more else REQUESTS[Inquiry.Step(inquiry.step)]
                told = words % {"office": inquiry.office}
                mails.setdefault((inquiry.email.accepted_at, told), []).append(referral.initiative.code)
    for (when, told), codes in mails.items():
        yield Entry(when, told, codes)


def answers(referrals: list[Referral]) -> Iterator[Entry]:
    """One entry for what was said about several initiatives with one form in the same words."""
    said: dict[tuple[uuid.UUID, str, str], list[tuple[Answer, str]]] = {}
    for referral in referrals:
        for answer in referral.answers.all():
            words = described(answer, referral)
            said.setdefault((answer.submission, words, answer.public_text), []).append((answer, referral.initiative.code))
    for (_submission, words, text), group in said.items():
        yield Entry(group[0][0].created_at, words, [code for _answer, code in group], text)


def told_directly(referrals: Iterable[Referral]) -> list[Answer]:
    """The answers whose name and address the focal point may see. The last word of each contact, about whatever, decides.

    `referrals` are all of an expression, from `with_answers`. Staff who write an answer down can neither agree nor take it back.
    """
    said = sorted((answer for referral in referrals for answer in referral.answers.all()), key=lambda answer: answer.pk)
    own = [answer for answer in said if answer.author == Answer.Author.CONTACT]
    agreed = {answer.contact_id: answer.direct_email for answer in own}
    return [answer for answer in own if answer.direct_email and answer.direct_email == agreed[answer.contact_id]]


def described(answer: Answer, referral: Referral) -> str:
    """Who answered what, in a line."""
    if answer.is_reply:
        return _("You gave information to %(office)s.") % {"office": answer.office}
    values = {"office": answer.office, "answer": answer.words}
    if answer.by_staff:
        return _("The Coalition’s staff wrote down the answer of %(office)s: %(answer)s.") % values
    return _("%(office)s answered: %(answer)s.") % values
