"""Every public page in a real Chromium: no accessibility violation, nothing blocked by the policy, no sideways scrolling."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.site import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = [320, 390, 1280]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in results for node in found["nodes"]]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("prefix", ["", "/ar"], ids=["English", "Arabic"])
def test_every_page_is_accessible_and_fits(page, live_server, settings, expression, prefix):
    settings.SITE_URL = live_server.url
    pages = addresses.pages() | {"not there": "/initiatives/9999/"}
    assert len(pages) > 12
    faults = {}
    for name, address in pages.items():
        if prefix and address.startswith("/api/"):
            continue
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.complaints.clear()
            page.goto(live_server.url + prefix + address)
            found = ["sideways"] if overflow(page) > 0 else []
            found += [text for text in page.complaints if "404 (Not Found)" not in text or name != "not there"]
            # The accessibility tree differs between a phone and a desk, hardly between two phones.
            found += violations(page) if width != 390 else []
            if found:
                faults[f"{name} at {width}"] = found
    assert faults == {}
