"""Every public page in a real Chromium: no accessibility violation, nothing blocked by the policy, no sideways scrolling."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.site import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The accessibility tree differs between a phone and a desk, hardly between two phones.
PHONES, DESK = [320, 390], [1280]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in results for node in found["nodes"]]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.usefixtures("expression")
@pytest.mark.parametrize("widths", [PHONES, DESK], ids=["phones", "desk"])
@pytest.mark.parametrize("prefix", ["", "/ar"], ids=["English", "Arabic"])
def test_every_page_is_accessible_and_fits(page, live_server, settings, prefix, widths):
    settings.SITE_URL = live_server.url
    pages = addresses.pages() | {"not there": "/initiatives/9999/"}
    assert len(pages) > 12
    faults = {}
    for name, address in pages.items():
        if prefix and address.startswith("/api/"):
            continue
        page.complaints.clear()
        page.set_viewport_size({"width": widths[0], "height": 800})
        page.goto(live_server.url + prefix + address)
        found = violations(page)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"sideways at {width}"] if overflow(page) > 0 else []
        found += [text for text in page.complaints if "404 (Not Found)" not in text or name != "not there"]
        if found:
            faults[name] = found
    assert faults == {}
