"""What somebody sees who has pressed something and waits: on a slow line, at the width of a phone."""

import pytest
from playwright.sync_api import Page, Route, expect

from interest.models import ExpressionOfInterest
from tests.interest.test_browser import fill_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Playwright asks a page nothing while the next one is on its way, so the page itself reports what it shows.
REPORT = """new MutationObserver(() => document.querySelectorAll("[data-slow]:not([hidden])").forEach((words) =>
  console.info(words.dataset.slow, document.querySelectorAll("[aria-busy=true]").length, words.checkVisibility())
)).observe(document, { subtree: true, attributeFilter: ["hidden"] })"""


@pytest.fixture
def phone(page: Page, live_server, settings, catalogue) -> Page:
    settings.SITE_URL = live_server.url
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_init_script(REPORT)
    page.goto(live_server.url + "/interest/register/?initiative=1101")
    return page


def hold(page: Page, address: str, method: str = "GET") -> list[Route]:
    """What is asked of this address waits here until the test lets it go on."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route) if route.request.method == method else route.continue_())
    return held


def test_form_says_that_it_is_being_sent_and_a_second_press_does_nothing(phone):
    held = hold(phone, "**/interest/register/**", "POST")
    fill_in(phone)
    with phone.expect_console_message(lambda message: message.text == "press 1 true"):
        phone.get_by_role("button", name="Register interest").click(no_wait_after=True)
    phone.keyboard.press("Enter")
    held[0].continue_()
    expect(phone.get_by_role("heading", name="Check your mail")).to_be_visible()
    assert len(held) == 1
    assert ExpressionOfInterest.objects.count() == 1


def test_press_for_the_shortlist_says_that_it_was_heard(phone, live_server):
    phone.goto(live_server.url + "/initiatives/1101/")
    held = hold(phone, "**/interest/", "POST")
    button = phone.locator("main button[name=add]")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    words = phone.locator("[data-slow=press]")
    expect(words).to_be_visible()
    expect(phone.locator("#gc-status")).to_have_text(words.inner_text())
    held[0].continue_()
    expect(phone.locator("main button[name=remove]")).to_be_visible()
    expect(words).to_be_hidden()
    expect(phone.locator("[aria-busy]")).to_have_count(0)


def test_file_that_takes_its_time_is_announced(phone, live_server):
    phone.goto(live_server.url + "/initiatives/1101/")
    held = hold(phone, "**/export.csv?*")
    with phone.expect_console_message(lambda message: message.text == "file 1 true"):
        phone.get_by_role("link", name="CSV", exact=True).click(no_wait_after=True)
    with phone.expect_download():
        held[0].continue_()
    expect(phone.locator("[data-slow=file]")).to_be_hidden()


def test_nothing_is_said_without_javascript(browser, live_server, settings, catalogue):
    settings.SITE_URL = live_server.url
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url + "/initiatives/1101/")
        expect(page.locator("[data-slow]")).to_have_count(2)
        expect(page.locator("[data-slow]:visible")).to_have_count(0)
