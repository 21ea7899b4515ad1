"""What a visit costs on the line: bytes that reach Chromium, headers too, with files compressed and named as in production."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser

from coalition import settings as production
from tests.site import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Bytes: with an empty cache, and once more with what the first visit left in it.
FIRST_VISIT, REPEAT_VISIT = 100_000, 20_000
# A briefing is a document to print: the fullest has the texts of 50 initiatives. One of a dozen is held to the limit of a page.
FULLEST_BRIEFING = 35_000
# The longest of their kind, where the list of addresses has a short one.
LONGEST = {
    "briefing-of-a-dozen": "/initiatives/briefing/?" + "&".join(f"code={code}" for code in range(1103, 1115)),
    "longest-organization": "/organizations/unodc/",
    "longest-sub-working-group": "/sub-working-groups/3.2/",
}


@pytest.fixture
def site(expression, settings, tmp_path) -> Iterator[str]:
    """WhiteNoise answers for the files, not Django's own server for developers."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = production.STORAGES
    call_command("collectstatic", interactive=False, verbosity=0)
    server = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    server.start()
    server.is_ready.wait()
    settings.SITE_URL = f"http://127.0.0.1:{server.port}"
    yield settings.SITE_URL
    server.terminate()


def visits(browser: Browser, address: str) -> tuple[int, int]:
    """The bytes of a first visit, and of another one after it."""
    with browser.new_context() as context:
        page = context.new_page()
        network = context.new_cdp_session(page)
        received: list[int] = []
        network.on("Network.loadingFinished", lambda answer: received.append(int(answer["encodedDataLength"])))
        network.send("Network.enable")
        sums = []
        for _visit in ("first", "repeat"):
            received.clear()
            page.goto(address, wait_until="load")
            sums.append(sum(received))
            page.goto("about:blank")
    return sums[0], sums[1]


def test_no_page_costs_more_than_a_slow_line_bears(browser, site):
    # In Arabic, which takes the most bytes; what has no Arabic address is measured as it is.
    found = addresses.pages() | LONGEST
    pages = {name: address if address.startswith("/api/") else f"/ar{address}" for name, address in found.items()}
    assert len(pages) > 12
    cost = {name: visits(browser, site + address) for name, address in pages.items()}
    assert min(repeat for _first, repeat in cost.values()) > 1_000  # nothing measured proves nothing
    assert min(first - repeat for first, repeat in cost.values()) > 10_000  # the style sheet came once
    limits = dict.fromkeys(cost, REPEAT_VISIT) | {"initiatives:briefing": FULLEST_BRIEFING}
    assert {name: (first, repeat) for name, (first, repeat) in cost.items() if first > FIRST_VISIT or repeat > limits[name]} == {}
