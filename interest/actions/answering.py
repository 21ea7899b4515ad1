"""Contacts answer, staff answer for those who are silent, and focal points give what a contact wants to know (design §5.4)."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypedDict

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from coalition.mail import actions as queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import emails, limits
from interest.actions.inquiring import take_turn
from interest.links import Asked
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral, ReferralQuerySet, office_name_of

ANSWERS_PER_DAY = 5
STATUS_AFTER = {
    Answer.Kind.ACKNOWLEDGED: Referral.Status.ACKNOWLEDGED,
    Answer.Kind.NEED_INFORMATION: Referral.Status.NEED_INFORMATION,
    Answer.Kind.REPLY: Referral.Status.WAITING,
    Answer.Kind.NOTED: Referral.Status.NOTED,
    Answer.Kind.SCHEDULED: Referral.Status.SCHEDULED,
    Answer.Kind.NOT_SUITABLE: Referral.Status.NOT_SUITABLE,
    Answer.Kind.WRONG_PERSON: Referral.Status.WRONG_PERSON,
}


class AnsweredContent(TypedDict, total=False):
    """What is said about one initiative: fields of an answer."""

    kind: str
    period: str
    text: str
    proposed_name: str
    proposed_email: str


class TooManyAnswersError(Exception):
    """The focal point gets a mail for every answer, so somebody with the link could flood them."""


class TooManyRepliesError(Exception):
    """Those who asked get a mail for every reply, so a focal point, or somebody with the link, could flood them."""


class NothingToAnswerError(Exception):
    """All that the form is about was withdrawn, or answered, or is asked of somebody else now."""


@dataclass(frozen=True)
class Submission:
    """One form that was sent, by whom. `key` came with the form; the same words sent twice have the same `identity`."""

    key: uuid.UUID
    author: Answer.Author
    contents: Mapping[str, AnsweredContent]
    by: str = ""
    address: str = ""
    why: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> uuid.UUID:
        content = {code: sorted(said.items()) for code, said in self.contents.items()}
        return uuid.uuid5(self.key, json.dumps([self.author, self.by, self.why, content, self.more], sort_keys=True))

    def speaks_for(self, referrals: Iterable[Referral]) -> dict[int, PointOfContact | None]:
        """For which contact the answer to each referral speaks: the one at whose address it was asked, else the one asked now."""
        if self.author == Answer.Author.FOCAL_POINT:
            return {}
        if not self.address:
            return {referral.pk: referral.contact for referral in referrals}
        asked = Inquiry.objects.to_address(self.address).filter(referral__in=referrals).select_related("contact__organization")
        return {inquiry.referral_id: inquiry.contact for inquiry in asked}

    def office_name(self, referral: Referral, contact: PointOfContact | None) -> str:
        """What the office is called now for which it speaks; for a reply, the one that was asked (from `with_recipients`)."""
        if self.author == Answer.Author.FOCAL_POINT:
            return referral.asked_name or office_name_of(referral.contact)
        return office_name_of(contact)


def lock(expression: ExpressionOfInterest) -> ExpressionOfInterest:
    """Whoever changes what belongs to an expression waits here, so that an answer and a withdrawal meet in some order."""
    return ExpressionOfInterest.objects.select_for_update().get(pk=expression.pk)


def answerable(referrals: ReferralQuerySet, *, takes_late: bool) -> ReferralQuerySet:
    """Live ones; also withdrawn ones if their words are to be kept though they come too late."""
    withdrawn = Q(status=Referral.Status.WITHDRAWN, expression__erased_at__isnull=True)
    return referrals.filter(Q(is_live=True) | withdrawn) if takes_late else referrals.live()


def record(
    expression: ExpressionOfInterest, referrals: ReferralQuerySet, submission: Submission, *, takes_late: bool = False
) -> list[Answer]:
    """Writes an answer for each of these referrals, and the new status of the live ones. Nothing if the same form came in before.

    Raises NothingToAnswerError.
    """
    identity = submission.identity
    if Answer.objects.filter(submission=identity, referral__expression=expression).exists():
        return []
    found = answerable(referrals, takes_late=takes_late)
    chosen = list(found.filter(initiative__code__in=submission.contents).with_recipients())
    if not chosen:
        raise NothingToAnswerError
    speaks_for = submission.speaks_for(chosen)
    answers = Answer.objects.bulk_create(
        Answer(
            referral=referral,
            submission=identity,
            author=submission.author,
            contact=speaks_for.get(referral.pk),
            office_name=submission.office_name(referral, speaks_for.get(referral.pk)),
            **submission.contents[referral.initiative.code],
            **(submission.more if referral.is_live else {}),
        )
        for referral in chosen
    )
    for answer in live(answers):
        answer.referral.status = STATUS_AFTER[Answer.Kind(answer.kind)]
    Referral.objects.bulk_update(chosen, ["status"])
    drop_settled(expression.mails())
    is_reply = submission.author == Answer.Author.FOCAL_POINT
    Event.objects.create(
        reference=expression.reference,
        codes=[referral.initiative.code for referral in chosen],
        actor=submission.author,
        by=submission.by,
        what=Event.What.REPLIED if is_reply else Event.What.ANSWERED,
        why=submission.why,
    )
    return answers


def drop_settled(mails: QuerySet[OutgoingEmail]) -> None:
    """Mails that were not delivered are no work any more once all that they ask is settled; and are again if it is no more."""
    waits = Exists(Inquiry.objects.open().filter(email=OuterRef("pk"), referral__in=Referral.objects.unsettled()))
    asking = Inquiry.objects.filter(email__in=mails.order_by())
    asked = OutgoingEmail.objects.filter(pk__in=asking.values("email"))
    queue.supersede(emails=asked.undelivered().filter(~waits))
    failed = asked.filter(state__in=OutgoingEmail.FAILED) | asked.returned()
    failed.filter(waits, superseded_at__isnull=False).update(superseded_at=None)


def live(answers: Iterable[Answer]) -> list[Answer]:
    """Those about which the focal point still wants to hear."""
    return [answer for answer in answers if answer.referral.is_live]


@transaction.atomic
def answer(*, asked: Asked, key: uuid.UUID, contents: Mapping[str, AnsweredContent], shares_address: bool) -> list[Answer]:
    """A contact answers by link; `contents` says what about which code. Other codes stay as they are; the last answer counts.

    What was withdrawn meanwhile gets its answer for the record, and the focal point no mail about it. The asked address is told,
    because somebody else may have the link. Returns what was recorded: nothing the second time. Raises NothingToAnswerError,
    TooManyAnswersError.
    """
    expression = lock(asked.expression)
    referrals = expression.referrals.asked_by(asked.email)
    more = direct_address(asked, referrals) if shares_address else {}
    submission = Submission(key, Answer.Author.CONTACT, contents, by=asked.email.key, address=asked.email.recipient, more=more)
    answers = record(expression, referrals, submission, takes_late=True)
    if answers:
        refuse_flood(expression, by=asked.email)
        tell_focal_point(expression, answers, submission)
        emails.recorded(expression, asking=asked.email, answers=answers, submission=submission.identity)
    return answers


def tell_focal_point(expression: ExpressionOfInterest, answers: list[Answer], submission: Submission) -> None:
    if wanted := live(answers):
        emails.answer(expression, answers=wanted, submission=submission.identity)


def refuse_flood(expression: ExpressionOfInterest, *, by: OutgoingEmail) -> None:
    """Counts the answers by links to one address after the last was recorded, so that a form sent twice is one. What was recorded
    goes with the caller's transaction. Raises TooManyAnswersError.
    """
    # Every key of a mail to somebody who is asked holds this.
    address = emails.hash_of(by.recipient)
    answered = expression.events().filter(what=Event.What.ANSWERED, by__contains=f":{address}")
    today = answered.filter(created_at__gt=Now() - timedelta(days=1))
    if today.count() > ANSWERS_PER_DAY:
        raise TooManyAnswersError


def direct_address(asked: Asked, referrals: ReferralQuerySet) -> dict[str, str]:
    """The address that was asked, and whose it is. Kept as it is now: the contact's row may later be another person's."""
    own = Inquiry.objects.to_address(asked.email.recipient).filter(referral__in=referrals).exclude(contact=None)
    inquiry = own.select_related("contact").first()
    return {
        "direct_email": asked.email.recipient,
        "direct_name": inquiry.contact.name if inquiry and inquiry.contact else "",
    }


@transaction.atomic
def answer_for(
    *, referral: Referral, staff: AbstractBaseUser, key: uuid.UUID, content: AnsweredContent, why: str
) -> list[Answer]:
    """Staff write down what a silent contact said elsewhere; `why` tells where. Raises NothingToAnswerError."""
    expression = lock(referral.expression)
    contents = {referral.initiative.code: content}
    submission = Submission(key, Answer.Author.STAFF, contents, by=staff.get_username(), why=why)
    answers = record(expression, expression.referrals.all(), submission)
    if answers:
        emails.answer(expression, answers=answers, submission=submission.identity)
    return answers


def by_address(referrals: Iterable[Referral]) -> dict[str, list[Referral]]:
    """Groups referrals by the addresses that are asked about them; one that two people are asked about comes twice."""
    groups: dict[str, dict[int, Referral]] = {}
    spellings: dict[str, str] = {}
    asked = Inquiry.objects.open().filter(referral__in=referrals).select_related("email")
    known = {referral.pk: referral for referral in referrals}
    for inquiry in asked:
        recipient = spellings.setdefault(inquiry.address_key, inquiry.email.recipient)
        groups.setdefault(recipient, {})[inquiry.referral_id] = known[inquiry.referral_id]
    return {recipient: list(group.values()) for recipient, group in groups.items()}


@transaction.atomic
def reply(*, expression: ExpressionOfInterest, key: uuid.UUID, texts: Mapping[str, str]) -> list[Answer]:
    """The focal point gives what contacts want to know: `texts` has a text for each code. One mail to each address.

    Returns what was recorded: nothing the second time. Raises NothingToAnswerError if nobody waits for information any more,
    TooManyRepliesError.
    """
    expression = lock(expression)
    contents: dict[str, AnsweredContent] = {code: {"kind": Answer.Kind.REPLY, "text": text} for code, text in texts.items()}
    submission = Submission(key, Answer.Author.FOCAL_POINT, contents)
    waiting = expression.referrals.filter(status=Referral.Status.NEED_INFORMATION)
    answers = record(expression, waiting, submission)
    if answers:
        refuse_many_replies(expression)
    replies = {answer.referral_id: answer for answer in answers}
    for recipient, referrals in by_address([answer.referral for answer in answers]).items():
        said = [replies[referral.pk] for referral in referrals]
        take_turn(expression, emails.reply(expression, recipient=recipient, replies=said, submission=submission.identity))
    return answers


def refuse_many_replies(expression: ExpressionOfInterest) -> None:
    """After the replies were recorded, so that a form sent twice is one; they go with the caller's transaction."""
    try:
        limits.take_reply(expression.email)
    except limits.TooManyError as error:
        raise TooManyRepliesError from error


def today(expression: ExpressionOfInterest) -> str:
    """By the database's clock."""
    now = ExpressionOfInterest.objects.annotate(now=Now()).values_list("now", flat=True).get(pk=expression.pk)
    return f"{now:%Y-%m-%d}"


@transaction.atomic
def send_answer_link(*, asked: Asked) -> OutgoingEmail | None:
    """Mails a new link to the address that had the old one, if something is still asked of it. At most one a day."""
    expression = lock(asked.expression)
    if not expression.referrals.live().asked_by(asked.email).exists():
        return None
    day = today(expression)
    key = emails.key_of("answer_link", expression, asked.email.recipient, day)
    if OutgoingEmail.objects.filter(key=key).exists():
        return None
    Event.objects.create(
        reference=expression.reference, actor=Event.Actor.CONTACT, by=asked.email.key, what=Event.What.ANSWER_LINK
    )
    return emails.answer_link(expression, recipient=asked.email.recipient, day=day)
