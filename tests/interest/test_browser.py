"""The journey in a real Chromium on a phone: with a pointer, without JavaScript, and by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from coalition.mail.models import OutgoingEmail
from interest.models import Referral
from tests.interest.conftest import answer_link, confirmed, status_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
TYPED = {
    "name": "Aigul Focal-Point",
    "job_title": "Head of Division",
    "institution": "Ministry of Internal Affairs",
    "email": "aigul@mvd.example",
    "message": "For 30 officers.",
}


def mailed_link(live_server, kind, purpose):
    text = OutgoingEmail.objects.filter(kind=kind).latest("pk").text
    return re.search(rf"{live_server.url}/interest/{purpose}/\S+", text)[0]


def put_on_shortlist(page, live_server, *codes):
    for code in codes:
        page.goto(f"{live_server.url}/initiatives/{code}/")
        page.locator("main button[name=add]:visible").first.click()
        page.locator("main button[name=remove]:visible").first.wait_for()


def fill_in(page):
    for name, words in TYPED.items():
        page.fill(f"#id_{name}", words)
    page.select_option("#id_country", "KZ")
    page.check("#id_understood")


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(browser, request):
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def test_journey_on_a_phone(phone, live_server, settings, catalogue):
    settings.SITE_URL = live_server.url
    put_on_shortlist(phone, live_server, "1103", "1104", "2206A")

    phone.goto(live_server.url + "/interest/")
    phone.get_by_role("link", name="Register interest in these 3").click()
    phone.get_by_label("1104").uncheck()
    phone.locator("main button[type=submit]").click()
    expect(phone.get_by_role("heading", name="6 answers need your attention")).to_be_visible()
    expect(phone.get_by_label("1104")).not_to_be_checked()
    fill_in(phone)
    phone.locator("main button[type=submit]").click()
    expect(phone.get_by_role("heading", name="Check your mail")).to_be_visible()

    phone.goto(mailed_link(live_server, "verification", "verify"))
    assert not Referral.objects.live().exists()
    phone.get_by_role("button", name="Confirm my address and send").click()

    expect(phone.get_by_text("Being sent")).to_have_count(2)
    assert sorted(Referral.objects.live().values_list("initiative__code", flat=True)) == ["1103", "2206A"]


def test_back_button_brings_the_form_again_to_correct_the_address(phone, live_server, catalogue):
    put_on_shortlist(phone, live_server, "1103")
    phone.goto(live_server.url + "/interest/")
    phone.get_by_role("link", name="Register interest in this one").click()
    fill_in(phone)
    phone.fill("#id_email", "aigul@mdv.example")
    phone.locator("main button[type=submit]").click()

    expect(phone.get_by_text("aigul@mdv.example")).to_be_visible()
    phone.go_back()
    phone.fill("#id_email", "aigul@mvd.example")
    phone.locator("main button[type=submit]").click()

    expect(phone.get_by_text("aigul@mvd.example")).to_be_visible()
    recipients = OutgoingEmail.objects.order_by("pk").values_list("recipient", flat=True)
    assert list(recipients) == ["aigul@mdv.example", "aigul@mvd.example"]


def tab_to(page, selector):
    """Presses Tab until what the selector names has the focus."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"The keyboard does not reach {selector}.")


def test_journey_by_keyboard_alone(page, live_server, settings, catalogue):
    settings.SITE_URL = live_server.url
    page.goto(live_server.url + "/initiatives/1103/")
    tab_to(page, "main button[name=add]")
    page.keyboard.press("Enter")
    page.locator("main button[name=remove]:visible").first.wait_for()
    page.goto(live_server.url + "/interest/")
    tab_to(page, "main a.usa-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/register/**")
    for name in ("name", "job_title", "institution"):
        tab_to(page, f"#id_{name}")
        page.keyboard.type(TYPED[name])
    tab_to(page, "#id_country")
    page.keyboard.type("Kaz")
    tab_to(page, "#id_email")
    page.keyboard.type(TYPED["email"])
    tab_to(page, "#id_understood")
    page.keyboard.press("Space")
    tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/register/sent/")

    page.goto(mailed_link(live_server, "verification", "verify"))
    tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/status/**")

    assert Referral.objects.live().get().expression.country.code == "KZ"
    assert page.complaints == []


def test_contact_answers_and_focal_point_replies_on_a_phone(phone, client, live_server, catalogue):
    expression = confirmed(client, "1103", "1104")

    phone.goto(live_server.url + answer_link())
    phone.locator("main button[type=submit]").click()
    expect(phone.get_by_role("heading", name="One answer needs your attention")).to_be_visible()
    phone.get_by_label("Need information").first.check()
    phone.locator("#id_all-text").fill("How many officers?")
    phone.get_by_text("Another answer to 1104").click()
    phone.locator("#id_1104-kind").get_by_label("Acknowledged").check()
    phone.locator("main button[type=submit]").click()
    expect(phone.get_by_text("Your answer is recorded")).to_be_visible()

    phone.goto(live_server.url + status_link())
    expect(phone.get_by_text("How many officers?").first).to_be_visible()
    phone.get_by_role("link", name="Give information 1103").click()
    phone.get_by_label("Your reply to").fill("Thirty.")
    phone.locator("main button[type=submit]").click()
    expect(phone.get_by_text("Your reply is recorded")).to_be_visible()
    phone.get_by_role("link", name="Withdraw 1104").click()
    expect(phone.get_by_label("1103")).not_to_be_checked()
    expect(phone.get_by_label("1104")).to_be_checked()
    phone.get_by_role("button", name="Withdraw what is ticked").click()
    expect(phone.get_by_text("You withdrew it.")).to_be_visible()

    assert dict(expression.referrals.values_list("initiative__code", "status")) == {"1103": "waiting", "1104": "withdrawn"}
    for path in (answer_link(kind="reply"), status_link()):
        phone.set_viewport_size({"width": 320, "height": 640})
        phone.goto(live_server.url + path)
        assert phone.evaluate("document.documentElement.scrollWidth") == 320
