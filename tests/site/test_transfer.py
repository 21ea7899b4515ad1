"""What a visit costs on the line: bytes that reach Chromium, headers too, with files compressed and named as in production."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser

from coalition import settings as production
from initiatives.exports import briefing
from initiatives.models import Initiative
from tests.site import addresses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Bytes: with an empty cache, and once more with what the first visit left in it.
FIRST_VISIT, REPEAT_VISIT = 100_000, 20_000
# Each part takes a quarter of a minute, and the parts can run beside each other.
PARTS = 4


def longest_briefing() -> str:
    """As many initiatives as a briefing holds; those with the longest texts, and the longest of all first."""

    def length(initiative: Initiative) -> int:
        return sum(len(getattr(initiative, name)) for name in ["summary", *Initiative.SECTIONS])

    longest = sorted(Initiative.objects.published(), key=length, reverse=True)[: briefing.MOST]
    return "/initiatives/briefing/?" + "&".join(f"code={initiative.code}" for initiative in longest)


def pages() -> dict[str, str]:
    """In Arabic, which takes the most bytes; what has no Arabic address is measured as it is."""
    found = addresses.pages() | {
        # Where the list of addresses has a short one of their kind.
        "longest-briefing": longest_briefing(),
        "longest-organization": "/organizations/unodc/",
        "longest-sub-working-group": "/sub-working-groups/3.2/",
    }
    return {name: address if address.startswith("/api/") else f"/ar{address}" for name, address in found.items()}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=production.STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def site(files, expression, settings) -> Iterator[str]:
    """WhiteNoise answers for the files, not Django's own server for developers."""
    settings.STATIC_ROOT = files
    settings.STORAGES = production.STORAGES
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
        page.goto(address, wait_until="load")
        page.goto("about:blank")
        first = sum(received)
        received.clear()
        page.goto(address, wait_until="load")
        return first, sum(received)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_costs_more_than_a_slow_line_bears(browser, site, part):
    here = list(pages().items())[part::PARTS]
    assert len(here) > 12
    cost = {name: visits(browser, site + address) for name, address in here}
    assert min(repeat for _first, repeat in cost.values()) > 1_000  # nothing measured proves nothing
    assert min(first - repeat for first, repeat in cost.values()) > 10_000  # the style sheet came once
    too_much = {name: both for name, both in cost.items() if both[0] > FIRST_VISIT or both[1] > REPEAT_VISIT}
    assert too_much == {}
