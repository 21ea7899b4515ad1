"""The webhook of the mail provider, fed with what Brevo and Mailgun really post."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime

import pytest
from django.db.models.functions import Now

from coalition.mail import words
from coalition.mail.models import OutgoingEmail
from tests.mail.conftest import queued

pytestmark = pytest.mark.django_db
SECRET = "events:a-long-enough-secret-word"
SIGNING_KEY = "key-of-mailgun"
NOON = 1_795_348_800  # 22 November 2026, 12:00 UTC


def at(minute):
    return datetime.fromtimestamp(NOON + 60 * minute, tz=UTC)


@pytest.fixture(autouse=True)
def provider(settings):
    settings.EMAIL_PROVIDER = "brevo"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}
    return settings


@pytest.fixture
def email():
    email = queued()
    OutgoingEmail.objects.filter(pk=email.pk).update(state="sent", accepted_at=Now(), attempts=1)
    return email


def post(client, content, *, secret=SECRET):
    credentials = base64.b64encode(secret.encode()).decode()
    return client.post(
        "/mail/events/", json.dumps(content), content_type="application/json", headers={"Authorization": f"Basic {credentials}"}
    )


def brevo(email, event, *, minute=0, **more):
    return {
        "event": event,
        "email": email.recipient,
        "id": 26224,
        "date": "2026-11-22 13:00:00",
        "ts": NOON + 60 * minute,
        "message-id": email.message_id,
        "ts_event": NOON + 60 * minute,
        "subject": email.subject,
        "sending_ip": "192.0.2.7",
        "ts_epoch": (NOON + 60 * minute) * 1000,
        "tags": [],
    } | more


def mailgun(email, event, *, severity="permanent", key=SIGNING_KEY):
    stamp, token = str(NOON), "c" * 50
    return {
        "signature": {
            "token": token,
            "timestamp": stamp,
            "signature": hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest(),
        },
        "event-data": {
            "event": event,
            "severity": severity,
            "timestamp": float(NOON),
            "id": "CPgfbmQMTCKtHW6uIWtuVe",
            "log-level": "error",
            "recipient": email.recipient,
            "reason": "bounce",
            "message": {
                "headers": {"to": email.recipient, "message-id": email.message_id.strip("<>"), "subject": "x"},
                "size": 11,
            },
            "delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": "Not delivering to bounced address"},
            "tags": [],
            "user-variables": {},
        },
    }


def told(email):
    email.refresh_from_db()
    return (email.state, email.delivered_at, email.returned_at, email.returned_text, email.complained_at)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("request", ("sent", None, None, "", None)),
        ("deferred", ("sent", None, None, "", None)),
        ("soft_bounce", ("sent", None, None, "", None)),
        ("unique_opened", ("sent", None, None, "", None)),
        ("something new", ("sent", None, None, "", None)),
        ("delivered", ("sent", at(0), None, "", None)),
        ("hard_bounce", ("sent", None, at(0), "550 no \ufffd", None)),
        ("blocked", ("sent", None, at(0), "550 no \ufffd", None)),
        ("invalid_email", ("sent", None, at(0), "550 no \ufffd", None)),
        ("spam", ("sent", None, None, "", at(0))),
    ],
)
def test_event_of_brevo(client, email, event, expected):
    other = queued()

    assert post(client, brevo(email, event, reason="550 no \ufffd\x00")).status_code == 200

    assert told(email) == expected
    assert told(other) == ("queued", None, None, "", None)


@pytest.mark.parametrize(
    ("event", "severity", "expected"),
    [
        ("delivered", "", ("sent", at(0), None, "", None)),
        ("failed", "temporary", ("sent", None, None, "", None)),
        ("failed", "permanent", ("sent", None, at(0), "5.1.1 no such user", None)),
        ("complained", "", ("sent", None, None, "", at(0))),
    ],
)
def test_event_of_mailgun(client, email, settings, event, severity, expected):  # noqa: PLR0917
    settings.EMAIL_PROVIDER = "mailgun"

    assert post(client, mailgun(email, event, severity=severity)).status_code == 200

    assert told(email) == expected


STORY = [("delivered", 1, ""), ("hard_bounce", 2, "first"), ("hard_bounce", 3, "second"), ("deferred", 4, "")]


@pytest.mark.parametrize("order", list(itertools.permutations(STORY)))
def test_events_in_any_order_and_twice_tell_the_same(client, email, order):
    for event, minute, why in [*order, *order]:
        post(client, brevo(email, event, minute=minute, reason=why))

    assert told(email) == ("sent", at(1), at(3), "second", None)
    assert email.has_failed
    assert list(OutgoingEmail.objects.undelivered()) == [email]


@pytest.mark.parametrize("order", [("hard_bounce", "delivered"), ("delivered", "hard_bounce")])
def test_delivery_after_a_return_counts_more(client, email, order):
    minutes = {"hard_bounce": 1, "delivered": 2}
    for event in order:
        post(client, brevo(email, event, minute=minutes[event]))

    email.refresh_from_db()
    assert not email.has_failed
    assert not OutgoingEmail.objects.undelivered().exists()


def test_event_that_comes_before_the_result_is_written_is_kept(client):
    email = queued()
    OutgoingEmail.objects.filter(pk=email.pk).update(state="sending", lease_until=Now())

    post(client, brevo(email, "hard_bounce"))

    assert told(email)[0] == "sending"
    assert email.has_failed


def test_event_about_a_mail_that_is_not_ours_changes_nothing(client, email, caplog):
    assert post(client, brevo(email, "hard_bounce", **{"message-id": "<other@x.example>"})).status_code == 200
    assert post(client, brevo(email, "hard_bounce", **{"message-id": None})).status_code == 200

    assert told(email) == ("sent", None, None, "", None)
    assert caplog.text.count("not ours, or is gone: bounced") == 2


@pytest.mark.parametrize("secret", ["events:wrong", "", "events"])
def test_webhook_refuses_whoever_does_not_know_the_secret(client, email, secret):
    assert post(client, brevo(email, "hard_bounce"), secret=secret).status_code == 400
    assert told(email) == ("sent", None, None, "", None)


def test_webhook_refuses_a_signature_that_is_not_mailguns(client, email, provider):
    provider.EMAIL_PROVIDER = "mailgun"

    assert post(client, mailgun(email, "failed", key="other")).status_code == 400
    assert told(email) == ("sent", None, None, "", None)


def test_webhook_is_not_there_without_a_provider(client, email, provider):
    provider.EMAIL_PROVIDER = ""

    assert post(client, brevo(email, "hard_bounce")).status_code == 404
    assert client.get("/mail/events/").status_code == 404


def test_staff_read_what_became_of_it(client, admin_client, email):
    post(client, brevo(email, "delivered", minute=0))
    email.refresh_from_db()
    assert words.reason(email).endswith("It reached its reader’s mail server on 22 November 2026, 12:00.")

    post(client, brevo(email, "hard_bounce", minute=1, reason="550 who?"))
    post(client, brevo(email, "spam", minute=2))

    page = admin_client.get("/admin/mail/outgoingemail/?to_do=undelivered").content.decode()
    assert "It came back on 22 November 2026, 12:01, so its reader does not have it: “550 who?”." in page
    assert "Its reader reported it as spam on 22 November 2026, 12:02." in page
