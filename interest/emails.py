"""One function for each mail. Its words are in templates/emails/<name>/; it becomes a row of the queue, nothing is sent here."""

import hashlib
import textwrap
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from coalition.mail import addresses
from coalition.mail.actions import write
from coalition.mail.models import OutgoingEmail, Pause
from coalition.mail.words import UNDELIVERED
from initiatives.models import Initiative
from interest import links
from interest.inbox import Waiting
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral

CORRECTED = {"name": _("name"), "job_title": _("job title"), "institution": _("institution"), "phone": _("phone")}


def put(
    name: str,
    context: dict[str, Any],
    *,
    key: str,
    recipient: str,
    reply_to: str,
    language: str,
    unsubscribe_link: str = "",
    leaves_no_trace: bool = False,
) -> OutgoingEmail:
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
        unsubscribe_link=unsubscribe_link,
        leaves_no_trace=leaves_no_trace,
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
    recipient = asks[0].email.recipient
    key = f"reminder:{hash_of(recipient)}:{day}"
    requests = by_request((ask.referral, waits_since(ask), ask.email.key) for ask in asks)
    context = {
        "requests": requests,
        "days": links.answer_life().days,
        "list_link": links.list_link(key) if len(requests) > 1 else "",
        "list_days": links.LIST_LIFE.days,
        "is_acknowledged": all(ask.referral.status == Referral.Status.ACKNOWLEDGED for ask in asks),
    }
    return put_about_several("reminder", context, key=key, recipient=recipient)


def deputy(*, referrals: Sequence[Referral], day: date) -> OutgoingEmail:
    """Asks one address about several requests that somebody else was asked about in vain. Each has a link of its own.

    A reply to it goes to the Coalition, because it is about several focal points.
    """
    recipient = recipient_of(referrals[0])
    key = f"deputy:{hash_of(recipient)}:{day}"
    requests = by_request((referral, referral.asked_at, key) for referral in referrals if referral.asked_at)
    context = {"requests": requests, "days": links.answer_life().days}
    return put_about_several("deputy", context, key=key, recipient=recipient)


def by_request(asked: Iterable[tuple[Referral, datetime, str]]) -> list[dict[str, Any]]:
    """What a mail about several requests says of each, the oldest first: of referrals, since when they wait, and by which mail
    the recipient answers them.
    """
    requests: dict[str, dict[str, Any]] = {}
    for referral, since, key in sorted(asked, key=lambda ask: (ask[1], ask[0].expression_id)):
        expression = referral.expression
        new = {"expression": expression, "since": since, "link": links.answer_link(expression, key), "referrals": []}
        requests.setdefault(expression.reference, new)["referrals"].append(referral)
    return list(requests.values())


def list_link(*, recipient: str, count: int, moment: datetime) -> OutgoingEmail:
    """A link to all that waits for one address. Whoever has one of its links can have this sent, so it tells of no request."""
    key = f"list:{hash_of(recipient)}:{moment:%Y-%m-%d-%H%M%S%f}"
    context = {"count": count, "link": links.list_link(key), "days": links.LIST_LIFE.days}
    return put_about_several("list", context, key=key, recipient=recipient)


def put_about_several(name: str, context: dict[str, Any], *, key: str, recipient: str) -> OutgoingEmail:
    """To somebody who is asked. A reply goes to the Coalition."""
    language = settings.LANGUAGE_CODE
    return put(name, context, key=key, recipient=recipient, reply_to=settings.COALITION_EMAIL, language=language)


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
        "sent": [referral for referral in referrals if referral.is_live],
        "left_out": [referral for referral in referrals if not referral.is_live],
        "link": links.status_link(expression),
        "quoted_message": quoted(expression.message),
    }
    return put_to_focal_point("receipt", expression, context, key=f"receipt:{expression.reference}")


def workday(*, day: date, total: int, works: Sequence[Waiting], undelivered: int, pause: Pause | None) -> OutgoingEmail:
    """Tells staff with what their day begins. Of whoever asks it names the reference and the country only."""
    context = {
        "day": day,
        "total": total,
        "works": works,
        "undelivered": undelivered,
        "undelivered_label": UNDELIVERED,
        "paused_since": pause and pause.since,
        "workplace": settings.SITE_URL + reverse("admin:index"),
        "outbox": settings.SITE_URL + reverse("admin:mail_outgoingemail_changelist"),
    }
    mailbox = settings.COALITION_EMAIL
    language = settings.LANGUAGE_CODE
    return put("workday", context, key=workday_key(day), recipient=mailbox, reply_to=mailbox, language=language)


def workday_key(day: date) -> str:
    return f"workday:{day}"


def answer(expression: ExpressionOfInterest, *, answers: Sequence[Answer], submission: uuid.UUID) -> OutgoingEmail:
    """Tells the focal point what was answered with one form. Names a person only where that person allowed it."""
    said: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        said.setdefault((answer.words, answer.public_text), []).append(answer)
    context = {
        "answers": [([answer.referral.initiative for answer in same], same[0], quoted(text)) for (_, text), same in said.items()],
        "offices": sorted({answer.office for answer in answers}),
        "by_staff": answers[0].by_staff,
        "direct": next((answer for answer in answers if answer.direct_email), None),
        "is_asked": any(answer.kind == Answer.Kind.NEED_INFORMATION for answer in answers),
        "link": links.status_link(expression),
    }
    return put_to_focal_point("answer", expression, context, key=f"answer:{expression.reference}:{submission}")


def recorded(
    expression: ExpressionOfInterest, *, asking: OutgoingEmail, answers: Sequence[Answer], submission: uuid.UUID
) -> OutgoingEmail:
    """Tells the asked address, word for word, what was answered with its link, which somebody else may have.

    The link in it is the same again: an answer makes no link live longer.
    """
    told = [(answer, quoted(answer.text)) for answer in answers]
    context = {
        "expression": expression,
        "answers": [(answer, text) for answer, text in told if answer.referral.is_live],
        "late": [(answer, text) for answer, text in told if not answer.referral.is_live],
        "is_shared": any(answer.direct_email for answer in answers),
        "link": links.answer_link(expression, asking.key),
    }
    key = key_of("recorded", expression, asking.recipient, submission)
    return put_about_several("recorded", context, key=key, recipient=asking.recipient)


def recorded_list(*, asking: OutgoingEmail, answers: Sequence[Answer], submission: uuid.UUID) -> OutgoingEmail:
    """The same for one answer to several requests. It names no person and no institution."""
    requests: dict[str, dict[str, Any]] = {}
    for answer in answers:
        expression = answer.referral.expression
        new = {"expression": expression, "is_late": True, "initiatives": []}
        request = requests.setdefault(expression.reference, new)
        request["initiatives"].append(answer.referral.initiative)
        request["is_late"] = request["is_late"] and not answer.referral.is_live
    context = {
        "requests": list(requests.values()),
        "answer": answers[0].get_kind_display(),
        "link": links.list_link(asking.key),
    }
    key = f"recorded_list:{hash_of(asking.recipient)}:{submission}"
    return put_about_several("recorded_list", context, key=key, recipient=asking.recipient)


def reply(expression: ExpressionOfInterest, *, recipient: str, replies: Sequence[Answer], submission: uuid.UUID) -> OutgoingEmail:
    """Hands what the focal point wrote to whoever wanted to know it, below what was asked."""
    asked = Answer.objects.filter(referral__in=[reply.referral_id for reply in replies], kind=Answer.Kind.NEED_INFORMATION)
    questions = dict(asked.order_by("pk").values_list("referral", "text"))
    texts: dict[tuple[str, str], list[Initiative]] = {}
    for reply in replies:
        texts.setdefault((questions.get(reply.referral_id, ""), reply.text), []).append(reply.referral.initiative)
    context = {
        "texts": [
            {"initiatives": same, "question": question, "quoted_question": quoted(question), "text": text, "quoted": quoted(text)}
            for (question, text), same in texts.items()
        ]
    }
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


def notice(expression: ExpressionOfInterest, *, event: Event, referrals: Sequence[Referral] = ()) -> OutgoingEmail:
    """Tells the focal point what was done through the status page, whose link somebody else may have."""
    fields = event.why.split(", ") if event.what == Event.What.CORRECTED else []
    context = {
        "event": event,
        "fields": [CORRECTED[name] for name in fields],
        "initiatives": [referral.initiative for referral in referrals],
        "link": links.status_link(expression),
    }
    return put_to_focal_point("notice", expression, context, key=f"notice:{expression.reference}:{event.pk}")


def answer_link(expression: ExpressionOfInterest, *, recipient: str, day: str) -> OutgoingEmail:
    """A new link for one that is too old. At most one a day, because anybody who has the old link can ask for it."""
    return new_answer_link(expression, recipient, day, is_replaced=False)


def replaced_answer_link(expression: ExpressionOfInterest, *, recipient: str) -> OutgoingEmail:
    """A new link for those that were made invalid, once for each version of the links."""
    return new_answer_link(expression, recipient, version_of(expression), is_replaced=True)


def new_answer_link(expression: ExpressionOfInterest, recipient: str, once: str, *, is_replaced: bool) -> OutgoingEmail:
    key = key_of("answer_link", expression, recipient, once)
    return put_to_contact("answer_link", expression, {"is_replaced": is_replaced}, key=key, recipient=recipient)


def version_of(expression: ExpressionOfInterest) -> str:
    """Unlike any day, which stands in the same place of a key."""
    return f"v{expression.link_version}"


def status_link(expression: ExpressionOfInterest, *, day: str) -> OutgoingEmail:
    """The link to the status page once more, to the stored address. At most one a day."""
    return new_status_link(expression, day, is_replaced=False)


def replaced_status_link(expression: ExpressionOfInterest) -> OutgoingEmail:
    """The new link to the status page, to the stored address, once for each version of the links."""
    return new_status_link(expression, version_of(expression), is_replaced=True)


def new_status_link(expression: ExpressionOfInterest, once: str, *, is_replaced: bool) -> OutgoingEmail:
    context = {"link": links.status_link(expression), "is_replaced": is_replaced}
    return put_to_focal_point("status_link", expression, context, key=f"status_link:{expression.reference}:{once}")


def erased(expression: ExpressionOfInterest, *, recipient: str, referrals: Sequence[Referral]) -> OutgoingEmail:
    """The last mail to a focal point whose details are gone: it names nobody, and its row forgets the address once it is sent."""
    return put(
        "erased",
        {"expression": expression, "initiatives": [referral.initiative for referral in referrals]},
        key=f"erased:{expression.reference}",
        recipient=recipient,
        reply_to=settings.COALITION_EMAIL,
        language=expression.language,
        leaves_no_trace=True,
    )


def put_to_focal_point(name: str, expression: ExpressionOfInterest, context: dict[str, Any], *, key: str) -> OutgoingEmail:
    """To the address that was confirmed. A reply to it goes to the Coalition."""
    return put(
        name,
        context | {"expression": expression},
        key=key,
        recipient=expression.email,
        reply_to=settings.COALITION_EMAIL,
        language=expression.language,
    )
