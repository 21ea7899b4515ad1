"""`make screenshots`: pictures of every page of the site as it is now, for the README and for a look at all of them."""

from pathlib import Path

import pytest
from django.core.management import call_command

from tests.site import addresses
from tests.site.conftest import verified_expression

pytestmark = [pytest.mark.screenshots, pytest.mark.django_db(transaction=True)]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDTHS = {390: 844, 1280: 800}
# The rest is made too, under DATA_DIR, to be looked at; these are committed.
COMMITTED = {"home", "catalogue", "initiative", "register", "status", "coverage", "comparison", "arabic"}
EXTRA = {
    "catalogue": "/initiatives/?search=laboratories&support=training",
    "initiative": "/initiatives/3224/",
    "arabic": "/ar/initiatives/?topic=opioids",
}


@pytest.fixture
def demonstration(catalogue):
    call_command("load_demonstration", verbosity=0)
    return verified_expression(codes=["1107", "1110", "1113", "3224"])


def test_screenshots(page, live_server, settings, demonstration):
    settings.SITE_URL = live_server.url
    settings.DEMONSTRATION = False
    shots = {name.split(":")[-1]: address for name, address in addresses.pages().items()} | EXTRA
    shots["register"] = "/interest/register/?initiative=1103&initiative=1113"
    everything = settings.DATA_DIR / "screenshots"
    for folder in (FOLDER, everything):
        folder.mkdir(parents=True, exist_ok=True)
    for name, address in shots.items():
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.goto(live_server.url + address)
            page.screenshot(path=everything / f"{name}-{width}.png", full_page=True)
            if name in COMMITTED:
                page.screenshot(path=FOLDER / f"{name}-{width}.png")
