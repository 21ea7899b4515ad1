"""Whether a contact says once more what was said already: sent anew from the page before, it would only be a second mail."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from interest.actions.answering import STATUS_AFTER, AnsweredContent, Submission, direct_address
from interest.links import Asked
from interest.models import Answer, Referral


def is_repeated(
    *, asked: Asked, referrals: Iterable[Referral], key: uuid.UUID, contents: Mapping[str, AnsweredContent], shares_address: bool
) -> bool:
    """Whether each of these is the last word about its initiative already, by the same contact.

    `referrals` are what the address is asked, from `with_answers`; the others are what `answer` takes, which itself knows a form
    that came in before by its key: that one is not repeated.
    """
    last = {referral: last_answer(referral) for referral in referrals if referral.initiative.code in contents}
    said = {referral: answer for referral, answer in last.items() if answer and says(answer, contents[referral.initiative.code])}
    if not said or len(said) < len(contents):
        return False
    asks = asked.expression.referrals.asked_by(asked.email)
    more = direct_address(asked, asks) if shares_address else {}
    submission = Submission(key, Answer.Author.CONTACT, contents, by=asked.email.key, address=asked.email.recipient, more=more)
    if submission.identity in {answer.submission for answer in said.values()}:
        return False
    contacts = submission.speaks_for(said)
    return all(
        answer.contact == contacts.get(referral.pk) and (not referral.is_live or stands(answer, referral, more))
        for referral, answer in said.items()
    )


def last_answer(referral: Referral) -> Answer | None:
    return next(reversed(referral.answers.all()), None)


def says(answer: Answer, content: AnsweredContent) -> bool:
    return answer.author == Answer.Author.CONTACT and all(getattr(answer, name) == value for name, value in content.items())


def stands(answer: Answer, referral: Referral, more: Mapping[str, Any]) -> bool:
    """Whether nobody asked anew since, and the focal point was told the same address."""
    return referral.status == STATUS_AFTER[Answer.Kind(answer.kind)] and answer.direct_email == more.get("direct_email", "")
