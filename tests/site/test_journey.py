"""The main job in a real browser, on the real catalogue: ten initiatives, four offices, their answers, and a change of mind."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative
from interest.models import ExpressionOfInterest, Referral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def wanted(catalogue):
    """Ten initiatives by the address of the contact who is asked: three, three, two and two."""
    call_command("load_demonstration", verbosity=0)
    codes = dict(Initiative.objects.published().values_list("pk", "code"))
    by_address = {}
    for pk, contacts in Initiative.contacts_to_ask_about(list(codes)).items():
        if contacts:
            by_address.setdefault(contacts[0].email, []).append(codes[pk])
    most = sorted(by_address, key=lambda address: (-len(by_address[address]), address))[:4]
    return {address: sorted(by_address[address])[:count] for address, count in zip(most, [3, 3, 2, 2], strict=True)}


def path_in(email, purpose):
    return re.search(rf"/interest/{purpose}/\S+", email.text)[0]


def register(page, site, codes):
    for code in codes:
        page.goto(f"{site}/initiatives/{code}/")
        page.locator("main button[name=add]:visible").first.click()
        expect(page.locator("main button[name=remove]:visible").first).to_be_visible()
    page.goto(f"{site}/interest/")
    page.get_by_role("link", name="Register interest in these 10").click()
    for name, typed in {"name": "Aigul Sample", "job_title": "Head", "institution": "Ministry", "email": "a@mvd.example"}.items():
        page.fill(f"#id_{name}", typed)
    page.select_option("#id_country", "KZ")
    page.check("#id_understood")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.goto(site + path_in(OutgoingEmail.objects.get(kind="verification"), "verify"))
    page.get_by_role("button", name="Confirm my address and send").click()
    expect(page.get_by_text("Being sent")).to_have_count(10)


def answer(page, site, address, kind):
    page.goto(site + path_in(OutgoingEmail.objects.get(kind="contact", recipient=address), "answer"))
    page.get_by_role("radio", name=re.compile(f"^{kind}")).first.check()
    page.locator("main button[type=submit]").click()
    expect(page.get_by_text("Your answer is recorded")).to_be_visible()


def test_ten_initiatives_of_four_organizations(page, live_server, settings, wanted):
    site = settings.SITE_URL = live_server.url
    codes = sorted(code for group in wanted.values() for code in group)
    assert len(codes) == 10
    register(page, site, codes)

    asked = OutgoingEmail.objects.filter(kind="contact")
    assert sorted(asked.values_list("recipient", flat=True)) == sorted(wanted)
    assert sorted(Referral.objects.live().values_list("initiative__code", flat=True)) == codes
    for email in asked:
        assert {code for code in codes if re.search(rf"^\s*{code}\b", email.text, re.MULTILINE)} == set(wanted[email.recipient])
    queue.send_due()
    first, second, *_silent = wanted
    answer(page, site, first, "Acknowledged")
    answer(page, site, second, "Noted")
    assert OutgoingEmail.objects.filter(kind="answer", recipient="a@mvd.example").count() == 2

    status = site + path_in(OutgoingEmail.objects.get(kind="receipt"), "status")
    page.goto(status)
    for label, count in [("Acknowledged", 3), ("Noted, no resources now", 3), ("Waiting for an answer", 4)]:
        expect(page.locator(".gc-status").get_by_text(label, exact=True)).to_have_count(count)
    page.get_by_role("link", name="Withdraw your interest").click()
    page.get_by_role("button", name="Withdraw all 10").click()
    expect(page.get_by_role("heading", name="Withdrawn")).to_be_visible()

    assert not Referral.objects.live().exists()
    assert ExpressionOfInterest.objects.get().withdrawn_at
    assert page.complaints == []
