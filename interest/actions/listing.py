"""Whoever has many requests waiting sees them in one list, and may give several the same answer (docs/adr/0009)."""

import uuid
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from coalition.mail.models import OutgoingEmail
from interest import emails, limits
from interest.actions.answering import (
    AnsweredContent,
    NothingToAnswerError,
    Submission,
    record,
    refuse_flood,
    tell_focal_point,
)
from interest.models import Answer, Event, ExpressionOfInterest, Referral, ReferralQuerySet

# What one answer may still be given to: nothing that somebody answered, or that is another's turn.
LISTED = (*Referral.UNANSWERED, Referral.Status.WITHDRAWN)


def waiting_for(email: OutgoingEmail) -> ReferralQuerySet:
    """What waits for an answer from the address of this mail, in whichever request."""
    found = Referral.objects.unanswered().asked_by(email).with_recipients().select_related("expression")
    return found.order_by("expression_id", "initiative__code")


@transaction.atomic
def send_list(*, email: OutgoingEmail) -> OutgoingEmail | None:
    """Mails the address of this mail a link to all that waits for it, if something does, and not too often.

    The links of earlier lists stop working with it.
    """
    references = sorted(set(waiting_for(email).values_list("expression__reference", flat=True)))
    if not references:
        return None
    try:
        limits.take_list(email.recipient)
    except limits.TooManyError:
        return None
    # One mail is one event; of the requests on the list it names the first.
    Event.objects.create(reference=references[0], actor=Event.Actor.CONTACT, by=email.key, what=Event.What.LIST_LINK)
    return emails.list_link(recipient=email.recipient, count=len(references), moment=timezone.now())


@transaction.atomic
def answer_together(
    *, email: OutgoingEmail, key: uuid.UUID, chosen: Mapping[str, Collection[str]], content: AnsweredContent
) -> list[Answer]:
    """The same answer to several requests, whose codes are `chosen` by their reference, with the link to a list in this mail.

    It takes the place of no other answer. One mail to each focal point, and one to the asked address. Returns what was recorded:
    nothing the second time. Raises NothingToAnswerError, TooManyAnswersError.
    """
    asked = Referral.objects.asked_by(email).filter(expression__reference__in=chosen)
    # All in one order, so that two forms never wait for each other.
    locked = ExpressionOfInterest.objects.filter(pk__in=asked.values("expression")).order_by("pk").select_for_update()
    recorded: list[Answer] = []
    known = False
    for expression in locked:
        contents = dict.fromkeys(chosen[expression.reference], content)
        submission = Submission(key, Answer.Author.CONTACT, contents, by=email.key, address=email.recipient)
        try:
            answers = record_listed(expression, email, submission)
        except NothingToAnswerError:
            continue
        known = True
        recorded += answers
    if not known:
        raise NothingToAnswerError
    if recorded:
        emails.recorded_list(asking=email, answers=recorded, submission=uuid.uuid5(key, str(recorded[0].referral)))
    return recorded


def record_listed(expression: ExpressionOfInterest, email: OutgoingEmail, submission: Submission) -> list[Answer]:
    """Raises NothingToAnswerError, TooManyAnswersError."""
    referrals = expression.referrals.asked_by(email).filter(status__in=LISTED)
    answers = record(expression, referrals, submission, takes_late=True)
    if answers:
        refuse_flood(expression, by=email)
        tell_focal_point(expression, answers, submission)
    return answers
