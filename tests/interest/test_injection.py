"""Whatever is typed into any text field, a mail has its own headers only and goes to its own reader only (reliability C6, T3b).

The bytes are those that a real SMTP server got. What a form refuses is tried too, as if it had come in another way.
"""

import re
import uuid
from email import policy
from email.parser import BytesParser
from itertools import count

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.db import DataError, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coalition.mail import addresses, layout, messages
from initiatives.models import Initiative
from interest import emails
from interest.forms import DetailsForm, RegisterForm
from interest.forms.answering import content_fields
from interest.models import Answer, Event, ExpressionOfInterest, Referral
from tests import factories
from tests.mail.conftest import smtp, smtp_stopped  # noqa: F401  fixtures

pytestmark = [pytest.mark.smtp, pytest.mark.django_db]
HEADERS = ["Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted"]
PART_HEADERS = ["Content-Type", "MIME-Version", "Content-Transfer-Encoding"]
ADDRESS, CONTACT = "aigul@mvd.example", "canary.default@unodc.example"
REGISTER = ["name", "job_title", "institution", "phone", "message", "email"]
HOSTILE = [
    "\r\nBcc: thief@evil.example",
    "\nBcc: thief@evil.example\n\n",
    "\rTo: thief@evil.example\r",
    "\r\n\r\nA second block: of headers\r\n\r\n",
    "\r\n.\r\nMAIL FROM:<thief@evil.example>\r\n",
    "\n.\nQUIT\n",
    "\x00",
    "\x0b\x0c\x1b\x85\u2028\u2029",
    "%0d%0aBcc:%20thief@evil.example",
    "=?utf-8?q?=0D=0ABcc:_thief@evil.example?=",
    "=0D=0ABcc: thief@evil.example",
    "--===============0000000000000000000==",
    "\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "{{ link }}{% include 'emails/_footer.txt' %}",
    "aigul@mvd.example, thief@evil.example",
    '"a b"@evil.example',
    "<thief@evil.example>",
    "\u202egnirts",
    "-- \n",
    "w" * 1100,
    " " * 1100,
]
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12)), max_size=4).map("".join)
numbers = count(1)


@pytest.fixture
def request_of(unodc):
    """Everything that mails are written from, in memory: the one thing that changes is what was typed."""
    initiative = factories.initiative("1103", lead=unodc)
    expression = ExpressionOfInterest.objects.create(
        reference="EOI-2026-AAAAAA", country="KZ", email=ADDRESS, idempotency_key=uuid.uuid4(), name="x"
    )
    return Referral(expression=expression, initiative=Initiative.objects.get(pk=initiative.pk), contact=unodc.default_contact)


def typed(field, text):
    """What the field makes of the text; the text itself if it refuses it."""
    try:
        return field.clean(text)
    except ValidationError:
        return text


def fill(referral, form, names, text):
    """Types the text into all these fields. An address that the form refuses is not mailed to, which `clean` tests."""
    expression = referral.expression
    expression.reference = f"EOI-2026-{next(numbers):06}"
    for name in names:
        setattr(expression, name, typed(form.base_fields[name], text))
    expression.email = expression.email if addresses.is_usable(expression.email) else ADDRESS


def contact(referral, text):
    fill(referral, RegisterForm, REGISTER, text)
    return emails.contact(referral.expression, referrals=[referral])


def receipt(referral, text):
    fill(referral, RegisterForm, REGISTER, text)
    referral.is_live = True
    return emails.receipt(referral.expression, referrals=[referral])


def correction(referral, text):
    fill(referral, DetailsForm, ["name", "job_title", "institution", "phone"], text)
    return emails.correction(referral.expression, recipient=CONTACT, event=Event(pk=next(numbers)))


def answer(referral, text):
    fill(referral, RegisterForm, [], text)
    said = {name: typed(field, text) for name, field in content_fields().items()}
    made = Answer(referral=referral, author="contact", kind="scheduled", direct_name=text, direct_email=ADDRESS, **said)
    return emails.answer(referral.expression, answers=[made], submission=uuid.uuid4())


def reply(referral, text):
    fill(referral, RegisterForm, [], text)
    said = Answer(referral=referral, author="focal_point", kind="reply", text=typed(content_fields()["text"], text))
    return emails.reply(referral.expression, recipient=CONTACT, replies=[said], submission=uuid.uuid4())


WRITERS = [contact, receipt, correction, answer, reply]


def sound(raw, email):
    """Exactly our headers, exactly our two parts, exactly our words."""
    head, _, body = raw.partition(b"\r\n\r\n")
    assert re.findall(rb"^([^\s:]+):", head, re.MULTILINE) == [name.encode() for name in HEADERS]
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert (message["To"], message["Reply-To"], message["Subject"]) == (email.recipient, email.reply_to, email.subject)
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.keys() for part in parts] == [PART_HEADERS, PART_HEADERS]
    assert (message.defects, (message.epilogue or "").strip(), (message.preamble or "").strip()) == ([], "", "")
    plain, html = (part.get_payload(decode=True).decode() for part in parts)
    assert plain.split() == layout.wrap(email.text).split()
    assert html.split() == email.html.split()
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322 §2.1.1


@pytest.mark.parametrize("writer", WRITERS)
def test_no_text_changes_headers_or_reader(request, request_of, smtp, writer):  # noqa: F811
    connection = get_connection()
    request.addfinalizer(connection.close)
    sent = count()

    @settings(max_examples=400, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(texts)
    def try_out(text):
        try:
            with transaction.atomic():
                email = writer(request_of, text)
        except DataError:
            assert "\x00" in text  # which the database does not store, so nothing is mailed
            return
        email.frozen = messages.build(email)
        smtp.accepted.clear()
        assert connection.send_messages([messages.FrozenMessage(email)]) == 1
        [(recipients, raw)] = smtp.accepted
        assert recipients == [email.recipient]
        assert raw == email.frozen
        sound(raw, email)
        next(sent)

    for text in HOSTILE:
        try_out = example(text)(try_out)
    try_out()
    assert next(sent) >= 300
