"""What the mail provider tells us after it took a mail: delivered, came back, reported as spam.

Mail goes to the provider by SMTP, so that it is our bytes and our Message-ID (docs/adr/0008-delivery-events.md). Providers whose
events name that Message-ID can be listened to.
"""

import logging
from collections.abc import Callable
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.conf import settings
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Greatest, Now
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from coalition.mail import replies
from coalition.mail.models import OutgoingEmail

logger = logging.getLogger(__name__)
VIEWS: dict[str, Callable[..., Any]] = {
    "brevo": BrevoTrackingWebhookView.as_view,
    "mailgun": MailgunTrackingWebhookView.as_view,
}
# Delays are not among them: after one comes another event.
COLUMNS = {
    EventType.DELIVERED: "delivered_at",
    EventType.BOUNCED: "returned_at",
    EventType.REJECTED: "returned_at",
    EventType.FAILED: "returned_at",
    EventType.COMPLAINED: "complained_at",
}
# Brevo goes on trying after it, and reports a hard bounce if that is no use.
FOR_NOW = "soft_bounce"


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """The provider's webhook. Anymail checks ANYMAIL_WEBHOOK_SECRET, and what else the provider offers: 400 if it is wrong."""
    if not settings.EMAIL_PROVIDER:
        raise Http404
    return VIEWS[settings.EMAIL_PROVIDER]()(request)  # type: ignore[no-any-return]


@receiver(tracking)
def record(event: AnymailTrackingEvent, **_kwargs: Any) -> None:
    """Events come late, twice and in any order: of each kind the last moment is kept, whichever is told first."""
    column = COLUMNS.get(event.event_type)
    if column is None or (event.esp_event or {}).get("event") == FOR_NOW:
        return
    email = OutgoingEmail.objects.filter(message_id=f"<{str(event.message_id).strip(' <>')}>")
    changes: dict[str, Any] = {column: Greatest(column, event.timestamp or Now())}
    if column == "returned_at":
        changes["returned_text"] = latest_text(event)
    if not email.update(**changes):
        logger.warning("The mail provider told of a mail that is not ours, or is gone: %s", event.event_type)


def latest_text(event: AnymailTrackingEvent) -> Any:
    """The provider's words, unless those we have belong to a later event."""
    words = str(event.mta_response or event.description or event.reject_reason or event.event_type).replace("\x00", "")
    is_latest = Q(returned_at__isnull=True) | Q(returned_at__lte=event.timestamp or Now())
    return Case(When(is_latest, then=Value(words[: replies.WORDS_LENGTH])), default="returned_text", output_field=CharField())
