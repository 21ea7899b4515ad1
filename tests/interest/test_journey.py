"""From the shortlist to the mails, as a focal point goes through it: by the links on the pages and in the mails."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest.models import ExpressionOfInterest, Referral
from tests.interest.conftest import HERE, answers, confirmed, link_in, mail_of, submit

pytestmark = pytest.mark.django_db


def test_journey_from_the_shortlist_to_the_status_page(client, catalogue):
    for code in ("1103", "1104", "2206A"):
        client.post(reverse("interest:shortlist"), {"add": code}, **HERE)
    form = client.get(reverse("interest:register"))
    assert re.findall(r'value="(\w+)" [^>]*checked', form.content.decode()) == ["1103", "1104", "2206A"]

    sent = client.post(reverse("interest:register"), answers("1103", "1104", "2206A"), follow=True)
    assert sent.redirect_chain == [(reverse("interest:registered"), 302)]
    assert "aigul@mvd.example" in sent.content.decode()
    assert client.cookies["shortlist"].value == ""

    queue.send_due()
    [verification] = mail.outbox
    assert verification.to == ["aigul@mvd.example"]
    page = client.get(link_in(verification.body, "verify"))
    expression = ExpressionOfInterest.objects.get()
    for shown in (expression.reference, "1103", "1104", "2206A", "Confirm my address and send"):
        assert shown in page.content.decode()

    status = client.post(link_in(verification.body, "verify"), follow=True)
    assert status.status_code == 200
    assert status.content.decode().count("Being sent") == 3

    queue.send_due()
    assert [(message.to, message.reply_to) for message in mail.outbox[1:]] == [
        (["canary.default@unodc.example"], ["aigul@mvd.example"]),
        (["canary.healer@who.example"], ["aigul@mvd.example"]),
        (["aigul@mvd.example"], ["coalition@example.org"]),
    ]
    status = client.get(link_in(mail.outbox[-1].body, "status")).content.decode()
    assert status.count("Waiting for an answer") == 3
    assert "United Nations Office on Drugs and Crime (UNODC), Laboratory and Scientific Service" in status
    assert "not a guarantee of participation" in status
    assert "coalition@example.org" in status


def test_registering_one_initiative_leaves_the_rest_of_the_shortlist(client, catalogue):
    client.cookies["shortlist"] = "1103.2206A"
    assert client.get(reverse("interest:register") + "?initiative=1103").content.decode().count('name="initiatives"') == 1

    submit(client, "1103")

    assert client.cookies["shortlist"].value == "2206A"


def test_three_subjects_are_clearly_different(client, catalogue):
    expression = confirmed(client, "1103")

    assert {email.kind: email.subject for email in OutgoingEmail.objects.all()} == {
        "verification": f"Please confirm your e-mail address ({expression.reference})",
        "contact": f"Please answer: request from Kazakhstan about one initiative ({expression.reference})",
        "receipt": f"Your interest was passed on: receipt {expression.reference}",
    }


def test_verification_mail_holds_not_one_word_of_the_user(client, catalogue):
    submit(
        client,
        "1103",
        name="Evil evil.example",
        job_title="TITLEWORD",
        institution="INSTITUTIONWORD",
        phone="+99 555 0100",
        message="MESSAGEWORD",
    )
    email = mail_of("verification")

    for part in (email.subject, email.text, email.html):
        for word in ("evil", "TITLEWORD", "INSTITUTIONWORD", "555 0100", "MESSAGEWORD", "Kazakhstan", "aigul"):
            assert word not in part
    assert "72 hours" in email.text
    assert "Then do nothing: without the button nothing is sent to anybody." in email.text


def test_contact_mail_read_literally(client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A")
    email = mail_of("contact", recipient="canary.default@unodc.example")

    assert email.reply_to == "aigul@mvd.example"
    assert (
        email.text
        == f"""Dear colleague,

A focal point from Kazakhstan is interested in 2 initiatives of the Global Coalition to Address Synthetic Drug Threats. \
You are the point of contact for this at: United Nations Office on Drugs and Crime.

Please answer here, for all at once or for each one, without an account:

http://testserver{link_in(email.text, "answer")}

The link works for 30 days, and for whoever has it. A reply to this mail goes straight to aigul@mvd.example; \
this site does not learn of it.

REFERENCE
{expression.reference}

INITIATIVES
1103  Precursor control, O'Brien & partners
      http://testserver/initiatives/1103/
1104  Title of 1104
      http://testserver/initiatives/1104/

WHO ASKS
Name: Aigul Focal-Point
Job title: Head of Division
Institution: Ministry of Internal Affairs
Country: Kazakhstan
E-mail: aigul@mvd.example
Phone: +7 7172 000000

THEIR MESSAGE
> We need training for 30 officers.
> In Russian, please.

PLEASE NOTE
* This person’s e-mail address was confirmed; their office was not.
* An expression of interest is not a guarantee of participation. The person was told so.

{"-- "}
Global Coalition to Address Synthetic Drug Threats
http://testserver · coalition@example.org
"""
    )
    for part in (email.subject, email.text, email.html):
        for foreign in ("canary", "Canary", "2206A", "World Health", "WHO"):
            assert foreign not in part.replace("WHO ASKS", "")
    for shown in ("1103", "1104", "O&#x27;Brien &amp; partners", "aigul@mvd.example", "not a guarantee", "their office was not"):
        assert shown in email.html


def test_contact_mail_escapes_what_the_user_typed(client, catalogue):
    confirmed(client, "1103", name="<b>Bold</b>", message="<script>alert(1)</script>")
    email = mail_of("contact")

    assert "Name: <b>Bold</b>" in email.text
    assert "<script" not in email.html
    assert "<b>" not in email.html


def test_receipt_names_offices_but_no_contact(client, catalogue):
    confirmed(client, "1103", "3111")
    email = mail_of("receipt")

    assert "to United Nations Office on Drugs and Crime (UNODC), Laboratory and Scientific Service" in email.text
    assert "to the Coalition’s own mailbox" in email.text
    for part in (email.text, email.html):
        assert "canary" not in part.lower()


def test_initiative_without_a_contact_goes_to_the_coalition(client, catalogue):
    confirmed(client, "3111")
    email = mail_of("contact")

    assert email.recipient == "coalition@example.org"
    assert "No point of contact is known for this" in email.text
    assert Referral.objects.with_the_coalition().get().initiative.code == "3111"


def test_own_contact_comes_before_the_default_contact(client, catalogue):
    confirmed(client, "3224")

    assert mail_of("contact").recipient == "canary.own@unodc.example"


def test_registration_works_without_broker_and_mail_server(client, catalogue, settings, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("A web request opened a connection.")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    confirmed(client, "1103")

    assert OutgoingEmail.objects.filter(state="queued").count() == 3


def test_links_in_mails_start_with_the_site_address_whatever_the_host_header(client, catalogue, settings):
    settings.ALLOWED_HOSTS = ["*"]
    poison = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
    client.post(reverse("interest:register"), answers("1103"), **poison)
    client.post(link_in(mail_of("verification").text, "verify"), **poison)

    assert OutgoingEmail.objects.count() == 3
    for email in OutgoingEmail.objects.all():
        assert "evil" not in email.text + email.html
