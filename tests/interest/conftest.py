"""A focal point who fills in the form and follows the links in the mails, and whom the portal asks for them."""

import re
import uuid

import pytest
from django.urls import reverse

from coalition.mail.models import OutgoingEmail
from interest.models import ExpressionOfInterest
from tests import factories
from tests.interest.calendar import Calendar

HERE = {"HTTP_ORIGIN": "http://testserver"}


def answers(*codes, **values):
    """What a browser posts when the form is filled in."""
    return {
        "initiatives": list(codes),
        "name": "Aigul Focal-Point",
        "job_title": "Head of Division",
        "institution": "Ministry of Internal Affairs",
        "country": "KZ",
        "email": "aigul@mvd.example",
        "phone": "+7 7172 000000",
        "message": "We need training for 30 officers.\nIn Russian, please.",
        "understood": "on",
        "website": "",
        "key": str(uuid.uuid4()),
    } | values


def submit(client, *codes, **values):
    return client.post(reverse("interest:register"), answers(*codes, **values))


def mail_of(kind, **values):
    return OutgoingEmail.objects.get(kind=kind, **values)


def link_in(text, purpose):
    """The path of the one link of this purpose in a mail."""
    [path] = re.findall(rf"http://testserver(/interest/{purpose}/\S+)", text)
    return path


def registered(client, *codes, **values):
    """An expression that waits for its confirmation."""
    known = set(ExpressionOfInterest.objects.values_list("pk", flat=True))
    submit(client, *codes, **values)
    return ExpressionOfInterest.objects.exclude(pk__in=known).get()


def confirmed(client, *codes, **values):
    """An expression whose link was opened and whose button was pressed."""
    expression = registered(client, *codes, **values)
    mail = mail_of("verification", key=f"verify:{expression.reference}")
    client.post(link_in(mail.text, "verify"))
    expression.refresh_from_db()
    return expression


@pytest.fixture
def unodc(db):
    organization = factories.organization("unodc", name="United Nations Office on Drugs and Crime", acronym="UNODC")
    organization.default_contact = factories.contact(
        organization, "Canary Default", email="canary.default@unodc.example", section="Laboratory and Scientific Service"
    )
    organization.save()
    return organization


@pytest.fixture
def who(db):
    organization = factories.organization("who", name="World Health Organization", acronym="WHO")
    organization.default_contact = factories.contact(organization, "Canary Healer", email="canary.healer@who.example")
    organization.save()
    return organization


@pytest.fixture
def catalogue(unodc, who):
    """1103 and 1104 are UNODC's, 2206A is WHO's, 3224 has a contact of its own at UNODC, 3111 nobody's."""
    own = factories.contact(unodc, "Canary Own", email="canary.own@unodc.example", phone="+43 1 canary")
    return {
        "1103": factories.initiative("1103", lead=unodc, title="Precursor control, O'Brien & partners"),
        "1104": factories.initiative("1104", lead=unodc, partner=who),
        "2206A": factories.initiative("2206A", lead=who),
        "3224": factories.initiative("3224", lead=unodc, contacts=[own]),
        "3111": factories.initiative("3111"),
    }


def said(kind="", **values):
    """What a browser posts for one initiative, or for all, of the answer form."""
    return {"kind": kind, "text": "", "period": "", "proposed_name": "", "proposed_email": ""} | values


def answer_form(parts, **values):
    """What a browser posts from the answer page: `parts` by code, or `all`."""
    fields = {f"{part}-{name}": value for part, content in parts.items() for name, value in content.items()}
    return {"key": str(uuid.uuid4())} | fields | values


def answer_link(recipient="canary.default@unodc.example", kind="contact"):
    """From the newest mail of this kind to the contact."""
    mail = OutgoingEmail.objects.filter(kind=kind, recipient=recipient).latest("pk")
    return link_in(mail.text, "answer")


def send_answer(client, parts, link=None, *, follow=False, **values):
    return client.post(link or answer_link(), answer_form(parts, **values), follow=follow)


def status_link(kind="receipt"):
    return link_in(OutgoingEmail.objects.filter(kind=kind).latest("pk").text, "status")


@pytest.fixture
def calendar(monkeypatch, settings):
    settings.ANSWER_LINK_DAYS = 10_000  # what is sent in the past must open today
    return Calendar(monkeypatch)
