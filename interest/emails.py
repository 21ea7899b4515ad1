"""One function for each mail. Its words are in templates/emails/<name>/; it becomes a row of the queue, nothing is sent here."""

import hashlib
import textwrap
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from coalition.mail import addresses
from coalition.mail.actions import write
from coalition.mail.models import OutgoingEmail
from interest import links
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral


def put(name: str, context: dict[str, Any], *, key: str, recipient: str, reply_to: str, language: str) -> OutgoingEmail:
    """Renders the three templates of a mail in the reader's language and queues it."""
    context |= {"site_url": settings.SITE_URL, "coalition_email": settings.COALITION_EMAIL}
    with translation.override(language):
        subject, text, html = (
            render_to_string(f"emails/{name}/{part}", context) for part in ("subject.txt", "body.txt", "body.html")
        )
    return write(
        kind=name,
        key=key,
        recipient=recipient,
        reply_to=reply_to,
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html.strip() + "\n",
        language=language,
    )


def verification(expression: ExpressionOfInterest, *, count: int) -> OutgoingEmail:
    """Asks a person to confirm their address. Anybody can have this sent to anybody, so it holds not one word that they typed."""
    context = {
        "reference": expression.reference,
        "count": count,
        "link": links.verification_link(expression),
        "hours": links.VERIFICATION_LIFE // timedelta(hours=1),
    }
    return put(
        "verification",
        context,
        key=f"verify:{expression.reference}",
        recipient=expression.email,
        reply_to=settings.COALITION_EMAIL,
        language=expression.language,
    )


def recipient_of(referral: Referral) -> str:
    return referral.contact.email if referral.contact else settings.COALITION_EMAIL


def quoted(message: str) -> str:
    """As mail programs quote, so that nobody takes a stranger's words for ours."""
    return textwrap.indent(message, "> ", lambda _line: True)


def key_of(kind: str, expression: ExpressionOfInterest, recipient: str, *more: object) -> str:
    """Of a mail about a request to one of the addresses that were asked, which the key names without telling it."""
    return ":".join([kind, expression.reference, hash_of(recipient), *map(str, more)])


def hash_of(recipient: str) -> str:
    return hashlib.sha256(addresses.normalize(recipient).encode()).hexdigest()[:16]


def contact(
    expression: ExpressionOfInterest,
    *,
    referrals: Sequence[Referral],
    step: Inquiry.Step = Inquiry.Step.FIRST,
    more: Sequence[object] = (),
    asked_on: date | None = None,
) -> OutgoingEmail:
    """Asks the one address of these referrals about all of them. Replies to the mail go straight to the focal point.

    It names no contact and no organization but the recipient's own. Contacts have told nobody their language: English.
    `step` is why it is asked, in words; `more` tells this mail from an earlier one to the same address. A deputy reads that
    somebody else was `asked_on` a day.
    """
    recipient = recipient_of(referrals[0])
    context = {
        "initiatives": [referral.initiative for referral in referrals],
        "organizations": sorted({referral.contact.organization.name for referral in referrals if referral.contact}),
        "quoted_message": quoted(expression.message),
        "step": step,
        "asked_on": asked_on,
        "is_acknowledged": any(referral.status == Referral.Status.ACKNOWLEDGED for referral in referrals),
    }
    key = key_of("contact", expression, recipient, *more)
    return put_to_contact("contact", expression, context, key=key, recipient=recipient)


def reminder(*, asks: Sequence[Inquiry], day: date) -> OutgoingEmail:
    """Reminds one address of all that these inquiries asked it about. It shows the links of their mails again, one a request.

    The referrals come from `silent`. A reply to it goes to the Coalition, because it may be about several focal points.
    """
    requests: dict[str, dict[str, Any]] = {}
    for ask in sorted(asks, key=lambda ask: (waits_since(ask), ask.referral.expression_id)):
        expression = ask.referral.expression
        link = links.answer_link(expression, ask.email.key)
        new = {"expression": expression, "since": waits_since(ask), "link": link, "referrals": []}
        requests.setdefault(expression.reference, new)["referrals"].append(ask.referral)
    recipient = asks[0].email.recipient
    return put(
        "reminder",
        {"requests": list(requests.values()), "days": links.answer_life().days},
        key=f"reminder:{hash_of(recipient)}:{day}",
        recipient=recipient,
        reply_to=settings.COALITION_EMAIL,
        language=settings.LANGUAGE_CODE,
    )


def waits_since(ask: Inquiry) -> datetime:
    """When this address was asked, or was given what it wanted to know."""
    return max(moment for moment in (ask.email.accepted_at, ask.referral.asked_at) if moment)


def put_to_contact(
    name: str, expression: ExpressionOfInterest, context: dict[str, Any], *, key: str, recipient: str
) -> OutgoingEmail:
    """Every mail to somebody who is asked carries an answer link of its own, and a reply to it goes to the focal point."""
    context |= {
        "expression": expression,
        "link": links.answer_link(expression, key),
        "days": links.answer_life().days,
    }
    reply_to = expression.email or settings.COALITION_EMAIL  # nobody is there any more once the details are erased
    return put(name, context, key=key, recipient=recipient, reply_to=reply_to, language=settings.LANGUAGE_CODE)


def receipt(expression: ExpressionOfInterest, *, referrals: Sequence[Referral]) -> OutgoingEmail:
    """Tells the focal point what was sent to which office, and where to follow it."""
    context = {
        "expression": expression,
        "sent": [referral for referral in referrals if referral.is_live],
        "left_out": [referral for referral in referrals if not referral.is_live],
        "link": links.status_link(expression),
        "quoted_message": quoted(expression.message),
    }
    return put(
        "receipt",
        context,
        key=f"receipt:{expression.reference}",
        recipient=expression.email,
        reply_to=settings.COALITION_EMAIL,
        language=expression.language,
    )


def answer(expression: ExpressionOfInterest, *, answers: Sequence[Answer], submission: uuid.UUID) -> OutgoingEmail:
    """Tells the focal point what was answered with one form. Names a person only where that person allowed it."""
    said = [(answer, quoted(answer.public_text)) for answer in answers]
    context = {
        "expression": expression,
        "answers": said,
        "offices": sorted({answer.office for answer in answers}),
        "by_staff": answers[0].by_staff,
        "direct": next((answer for answer in answers if answer.direct_email), None),
        "is_asked": any(answer.kind == Answer.Kind.NEED_INFORMATION for answer in answers),
        "link": links.status_link(expression),
    }
    return put(
        "answer",
        context,
        key=f"answer:{expression.reference}:{submission}",
        recipient=expression.email,
        reply_to=settings.COALITION_EMAIL,
        language=expression.language,
    )


def reply(expression: ExpressionOfInterest, *, recipient: str, replies: Sequence[Answer], submission: uuid.UUID) -> OutgoingEmail:
    """Hands what the focal point wrote to whoever wanted to know it."""
    texts: dict[str, list[Any]] = {}
    for reply in replies:
        texts.setdefault(reply.text, []).append(reply.referral.initiative)
    context = {"texts": [(initiatives, text, quoted(text)) for text, initiatives in texts.items()]}
    key = key_of("reply", expression, recipient, submission)
    return put_to_contact("reply", expression, context, key=key, recipient=recipient)


def withdrawal(expression: ExpressionOfInterest, *, recipient: str, referrals: Sequence[Referral]) -> OutgoingEmail:
    """Tells one address what is no longer wanted. An initiative is withdrawn once, so its code makes the key."""
    context = {"initiatives": [referral.initiative for referral in referrals]}
    key = key_of("withdrawal", expression, recipient, referrals[0].initiative.code)
    return put_to_contact("withdrawal", expression, context, key=key, recipient=recipient)


def correction(expression: ExpressionOfInterest, *, recipient: str, event: Event) -> OutgoingEmail:
    """Tells one address who the focal point is now."""
    return put_to_contact(
        "correction", expression, {}, key=key_of("correction", expression, recipient, event.pk), recipient=recipient
    )


def answer_link(expression: ExpressionOfInterest, *, recipient: str, day: str) -> OutgoingEmail:
    """A new link for one that is too old. At most one a day, because anybody who has the old link can ask for it."""
    return put_to_contact(
        "answer_link", expression, {}, key=key_of("answer_link", expression, recipient, day), recipient=recipient
    )


def status_link(expression: ExpressionOfInterest, *, day: str) -> OutgoingEmail:
    """The link to the status page once more, to the stored address. At most one a day."""
    return put(
        "status_link",
        {"expression": expression, "link": links.status_link(expression)},
        key=f"status_link:{expression.reference}:{day}",
        recipient=expression.email,
        reply_to=settings.COALITION_EMAIL,
        language=expression.language,
    )
