"""One function for each mail. Its words are in templates/emails/<name>/; it becomes a row of the queue, nothing is sent here."""

import hashlib
import textwrap
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from coalition.mail import addresses
from coalition.mail.actions import write
from coalition.mail.models import OutgoingEmail
from interest import links
from interest.models import ExpressionOfInterest, Referral


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
        "hours": links.VERIFICATION_LIFE.days * 24,
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


def contact(expression: ExpressionOfInterest, *, referrals: Sequence[Referral]) -> OutgoingEmail:
    """Asks the one address of these referrals about all of them. Answers go straight to the focal point.

    It names no contact and no organization but the recipient's own. Contacts have told nobody their language: English.
    """
    context = {
        "expression": expression,
        "initiatives": [referral.initiative for referral in referrals],
        "organizations": sorted({referral.contact.organization.name for referral in referrals if referral.contact}),
        "quoted_message": quoted(expression.message),
    }
    recipient = recipient_of(referrals[0])
    address = addresses.normalize(recipient)
    return put(
        "contact",
        context,
        key=f"contact:{expression.reference}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
        recipient=recipient,
        reply_to=expression.email,
        language=settings.LANGUAGE_CODE,
    )


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
