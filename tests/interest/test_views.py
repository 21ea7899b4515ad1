"""The form and the pages behind mailed links."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.apps import apps
from django.core import mail
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest.models import ExpressionOfInterest
from tests import factories
from tests.interest.conftest import answers, confirmed, link_in, mail_of, registered, submit

pytestmark = pytest.mark.django_db
REGISTER = "/interest/register/"


def everything_stored():
    return {model: list(model.objects.order_by("pk").values()) for model in apps.get_models()}


def text_of(response):
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def test_form_without_any_initiative_says_how_to_find_some(client):
    page = text_of(client.get(REGISTER))

    assert "Nothing on your shortlist yet" in page
    assert "<textarea" not in page


def test_form_lists_the_initiatives_that_the_address_names(client, catalogue):
    client.cookies["shortlist"] = "2206A"

    page = text_of(client.get(REGISTER + "?initiative=1103&initiative=9999"))

    assert re.findall(r'name="initiatives" value="(\w+)"', page) == ["1103"]


def test_form_with_errors_keeps_every_answer_and_links_to_the_fields(client, catalogue):
    client.cookies["shortlist"] = "1103.1104"

    page = text_of(submit(client, "1104", name="", email="a@localhost", message="Typed words", country="KZ"))

    assert "2 answers need your attention" in page
    assert 'href="#id_name"' in page
    assert 'href="#id_email"' in page
    assert 'value="a@localhost"' in page
    assert "Typed words" in page
    assert '<option value="KZ" selected>' in page
    assert re.findall(r'name="initiatives" value="(\w+)"([^>]*checked)?', page)[0] == ("1103", "")
    assert "<title>Error:" in page
    assert not ExpressionOfInterest.objects.exists()


def test_form_keeps_its_key_when_it_comes_back(client, catalogue):
    form = answers("1103", name="")

    assert f'name="key" value="{form["key"]}"' in text_of(client.post(REGISTER + "?initiative=1103", form))


def test_form_names_the_kind_of_each_answer_for_autofill(client, catalogue):
    page = client.get(REGISTER + "?initiative=1103").content.decode()

    for token in ("name", "organization-title", "organization", "country", "email", "tel"):
        assert f'autocomplete="{token}"' in page


def test_form_filled_in_by_a_program_comes_back_with_every_answer(client, catalogue):
    response = submit(client, "1103", website="http://spam.example", message="Typed words")
    page = text_of(response)

    assert response.status_code == 200
    assert not ExpressionOfInterest.objects.exists()
    assert not OutgoingEmail.objects.exists()
    assert "please send the form once more" in page
    assert "Typed words" in page
    assert "spam.example" not in page


def test_form_needs_a_csrf_token(catalogue):
    assert Client(enforce_csrf_checks=True).post(REGISTER, answers("1103")).status_code == 403


def test_answer_is_the_same_for_known_unknown_and_blocked_addresses(catalogue):
    confirmed(Client(), "1103", email="known@mvd.example")
    for number in range(12):  # the first goes, nine wait, two are held
        submit(Client(), "1103", email="block@mvd.example", message=str(number))

    def seen(address):
        client = Client()
        first = submit(client, "1103", email=address)
        second = client.get(first.url)
        headers = {name: value for name, value in first.items() if name != "Set-Cookie"}
        return first.status_code, headers, first.content, second.content.replace(address.encode(), b""), second.status_code

    assert seen("known@mvd.example") == seen("fresh@mvd.example") == seen("block@mvd.example")


def test_check_your_mail_says_what_happens_next(client, catalogue):
    page = text_of(submit(client, "1103", email="aigul@mvd.example").client.get("/interest/register/sent/"))

    for shown in ("aigul@mvd.example", "72 hours", "spam or junk", "register again", "coalition@example.org"):
        assert shown in page


def test_check_your_mail_says_where_a_demonstration_keeps_its_mail(client, settings):
    settings.EMAIL_FILE_PATH = settings.BASE_DIR / "var" / "mail"
    page = text_of(client.get("/interest/register/sent/"))
    assert "<code>var/mail/</code>" in page
    assert reverse("admin:mail_outgoingemail_changelist") in page

    settings.DEMONSTRATION = False
    assert "var/mail" not in text_of(client.get("/interest/register/sent/"))


def test_get_head_and_prefetch_of_mailed_links_change_nothing(client, catalogue):
    registered(client, "1103", "2206A")
    verify = link_in(mail_of("verification").text, "verify")
    confirmed(client, "1104", email="other@mvd.example")
    status = link_in(mail_of("receipt").text, "status")
    before = everything_stored()

    for path in (verify, status):
        for method, headers in [
            (client.get, {}),
            (client.head, {}),
            (client.get, {"HTTP_SEC_PURPOSE": "prefetch"}),
            (client.options, {}),
        ]:
            method(path, **headers)
    Client(enforce_csrf_checks=True).post(verify)

    assert any(before.values())
    assert everything_stored() == before
    assert client.post(verify).status_code == 302
    assert everything_stored() != before


def test_second_click_leads_to_the_same_page(client, catalogue):
    registered(client, "1103")
    link = link_in(mail_of("verification").text, "verify")

    assert client.post(link).url == client.post(link).url
    assert "Your address is confirmed already" in text_of(client.get(link))


def test_status_page_tells_what_was_left_out_and_why(client, catalogue):
    earlier = confirmed(client, "1103")
    confirmed(client, "1103")

    receipt = OutgoingEmail.objects.filter(kind="receipt").latest("pk")
    page = text_of(client.get(link_in(receipt.text, "status")))

    assert "Nothing new was sent." in page
    assert f"You registered for this before, with {earlier.reference}." in page


def test_pages_escape_what_the_user_typed(client, catalogue):
    typed = dict.fromkeys(["name", "job_title", "institution", "message"], "<script>alert(1)</script>")
    confirmed(client, "1103", **typed)

    for path in (link_in(mail_of("verification").text, "verify"), link_in(mail_of("receipt").text, "status")):
        assert b"<script>" not in client.get(path).content
    assert b"<script>" not in submit(client, "1103", **typed, email="").content


def test_status_page_says_how_long_it_waits_and_what_failed(client, catalogue):
    confirmed(client, "1103", "2206A")
    OutgoingEmail.objects.filter(recipient="canary.healer@who.example").update(state="permanent_failure")
    queue.send_due()

    page = text_of(client.get(link_in(mail_of("receipt").text, "status")))

    assert re.search(r"Sent to United Nations [^.]+ on \d+ \w+ \d{4}, \d\d:\d\d UTC. No answer is known yet\.", page)
    assert "The mail to World Health Organization (WHO) could not be delivered." in page
    assert "canary" not in page.lower()
    OutgoingEmail.objects.filter(kind="contact", state="sent").update(accepted_at=Now() - timedelta(days=31))
    assert "No answer is known for 31 days." in text_of(client.get(link_in(mail_of("receipt").text, "status")))


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_few_queries_for_any_number_of_initiatives(client, unodc, django_assert_max_num_queries, count):
    codes = [factories.initiative(f"110{number}", lead=unodc).code for number in range(1, count + 1)]
    registered(client, *codes)
    verify = link_in(mail_of("verification").text, "verify")

    with django_assert_max_num_queries(2):  # expression, referrals
        client.get(verify)
    client.post(verify)
    status = link_in(mail_of("receipt").text, "status")
    with django_assert_max_num_queries(5):  # expression, referrals with all that is shown of them, answers, inquiries, events
        client.get(status)
    with django_assert_max_num_queries(2):  # initiatives to tick, initiatives shown
        client.get(REGISTER + "?" + "&".join(f"initiative={code}" for code in codes))
    # Initiatives, ticked ones; savepoint 2, lock, known one; form: savepoint 2, lock, two counted, taken; insert 3, referrals,
    # event; turn of the mail: lock, two counted, booked; mail 2.
    with django_assert_max_num_queries(23):
        submit(client, *codes, message="Another")


@pytest.mark.parametrize("field", ["name", "job_title", "institution", "phone", "message", "email"])
@pytest.mark.parametrize(
    "payload",
    [
        "\r\nBcc: b@evil.example",
        "\nBcc: b@evil.example\n\nText",
        "%0d%0aBcc: b@evil.example",
        "\r\n.\r\nMAIL FROM:<b@evil.example>",
    ],
)
def test_no_answer_can_add_a_header_or_a_recipient(client, catalogue, field, payload):
    if field in {"name", "job_title", "institution"}:
        payload = payload.replace("@", ".")  # which such a field refuses anyway
    submit(client, "1103", **{field: answers()[field] + payload})
    for email in OutgoingEmail.objects.filter(kind="verification"):
        client.post(link_in(email.text, "verify"))
    queue.send_due()

    assert len(mail.outbox) == (0 if field in {"email", "phone"} else 3)
    for message in mail.outbox:
        assert sorted(message.message().keys()) == [
            "Auto-Submitted",
            "Content-Type",
            "Date",
            "From",
            "MIME-Version",
            "Message-ID",
            "Reply-To",
            "Subject",
            "To",
        ]
        assert "evil" not in "".join(message.recipients() + message.reply_to) + message.subject
