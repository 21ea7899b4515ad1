"""Every public page in a real Chromium: no accessibility violation, nothing blocked by the policy, no sideways scrolling."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.site import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = [320, 390, 1280]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser():
    # Playwright's loop lives in this thread, and Django refuses queries where it sees one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def violations(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in results for node in found["nodes"]]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_every_page_is_accessible_and_fits(page, live_server, settings, expression):
    settings.SITE_URL = live_server.url
    pages = addresses.pages() | {"nothing found": "/initiatives/?search=xyzzy", "not there": "/initiatives/9999/"}
    pages |= {"filtered": "/initiatives/?search=training&topic=opioids&country=KZ&support=nonsense"}
    pages |= {"filled shortlist": "/interest/?initiative=1103&initiative=2206A"}
    assert len(pages) > 12
    faults = {}
    for name, address in pages.items():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.complaints.clear()
            page.goto(live_server.url + address)
            found = ["sideways" for _ in range(1) if overflow(page) > 0]
            found += [text for text in page.complaints if "404 (Not Found)" not in text or name != "not there"]
            # The accessibility tree differs between a phone and a desk, hardly between two phones.
            found += violations(page) if width != 390 else []
            if found:
                faults[f"{name} at {width}"] = found
    assert faults == {}
