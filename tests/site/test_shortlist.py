"""The shortlist on a slow line: every press counts, and the number shown is the number kept."""

import re
import time

import pytest
from playwright.sync_api import expect

from interest.views import shortlists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CODES = ["1101", "1103", "1104", "1105"]


@pytest.fixture
def slow_list(page, live_server, settings, catalogue, monkeypatch):
    """The list of initiatives, where each press takes its time."""
    settings.SITE_URL = live_server.url
    change = shortlists.change_shortlist

    def slow(request):
        time.sleep(0.3)
        return change(request)

    monkeypatch.setattr(shortlists, "change_shortlist", slow)
    page.goto(live_server.url + "/initiatives/")
    return page


def press(page, codes):
    for code in codes:
        page.locator(f"#initiative-{code} button[name=add]").click()


def expect_kept(page, codes):
    for code in codes:
        expect(page.locator(f"#initiative-{code} button[name=remove]").first).to_be_visible()
    expect(page.locator(".gc-header [data-shortlist-count]")).to_have_text(str(len(codes)))
    kept = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "shortlist")
    assert kept.split(".") == codes


def test_quick_presses_on_a_slow_line_lose_nothing(slow_list):
    press(slow_list, CODES)
    expect_kept(slow_list, CODES)


def test_address_of_the_form_in_the_bar_holds_the_codes(slow_list):
    press(slow_list, CODES)
    expect_kept(slow_list, CODES)
    slow_list.locator(f"#initiative-{CODES[1]} button[name=remove]").first.click()
    kept = [CODES[0], *CODES[2:]]
    expect_kept(slow_list, kept)

    query = "&".join(f"initiative={code}" for code in kept)
    form = slow_list.locator("a[data-register]")
    expect(form).to_have_attribute("href", re.compile(rf"/interest/register/\?{query}$"))


def test_a_press_that_fails_on_the_line_takes_the_others_along(slow_list):
    slow_list.route("**/interest/", lambda route: route.abort() if is_fetch_of(route.request, "1103") else route.continue_())
    press(slow_list, CODES)
    expect_kept(slow_list, CODES)


def is_fetch_of(request, code):
    return request.resource_type == "fetch" and f"add={code}" in (request.post_data or "")


def test_answer_that_comes_late_does_not_move_the_page_or_the_focus(slow_list):
    press(slow_list, ["1101"])
    field = slow_list.locator("footer a").last
    field.focus()
    place = slow_list.evaluate("scrollY")
    expect_kept(slow_list, ["1101"])
    assert slow_list.evaluate("scrollY") == place
    expect(field).to_be_focused()


def test_focus_stays_on_the_button_for_who_uses_the_keyboard(slow_list):
    slow_list.locator("#initiative-1101 button[name=add]").focus()
    slow_list.keyboard.press("Enter")
    expect(slow_list.locator("#initiative-1101 button[name=remove]")).to_be_focused()
