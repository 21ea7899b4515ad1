"""The shortlist on a slow line: every press counts, and the number shown is the number kept."""

import time

import pytest

from interest.views import shortlists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_quick_presses_on_a_slow_line_lose_nothing(page, live_server, settings, catalogue, monkeypatch):
    settings.SITE_URL = live_server.url
    change = shortlists.change_shortlist

    def slow(request):
        time.sleep(0.3)
        return change(request)

    monkeypatch.setattr(shortlists, "change_shortlist", slow)
    page.goto(live_server.url + "/initiatives/")
    for code in ("1101", "1103", "1104", "1105"):
        page.locator(f"#initiative-{code} button[name=add]").click()
    page.locator("#initiative-1105 button[name=remove]").wait_for()
    kept = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "shortlist")
    assert kept.split(".") == ["1101", "1103", "1104", "1105"]
    assert page.locator(".gc-header [data-shortlist-count]").inner_text() == "4"
