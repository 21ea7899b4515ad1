"""The main pages by the Tab key: every stop has a name and a ring, and nothing that sticks to the edge hides it (WCAG 2.4.11)."""

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/",
    "/initiatives/",
    "/initiatives/?view=table&support=training",
    "/initiatives/1101/",
    "/initiatives/compare/?code=1101&code=2101&code=3224",
    "/initiatives/coverage/",
    "/countries/kz/",
    "/interest/",
    "/interest/register/?initiative=1101",
]
# Where the focus is: its ring, its name, and how many of three points of it are not covered by something else.
STOP = """() => {
  const stop = document.activeElement;
  if (stop === document.body) return null;
  const label = stop.labels?.[0];
  const box = stop.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
  const covers = (y) => {
    const top = document.elementFromPoint(x, y);
    return top && top !== stop && !stop.contains(top) && !top.contains(stop) && top.closest("label") !== label;
  };
  const rings = [getComputedStyle(stop), ...(label ? [getComputedStyle(label, "::before")] : [])];
  return {
    what: stop.outerHTML.slice(0, 120),
    named: Boolean((stop.ariaLabel || label?.textContent || stop.textContent || stop.value || "").trim()),
    ring: rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    seen: [box.top + 2, (box.top + box.bottom) / 2, box.bottom - 2].some((y) => y >= 0 && y <= innerHeight && !covers(y)),
  };
}"""


def faults(page: Page) -> tuple[int, list[str]]:
    """How many stops there are, and what is wrong with them."""
    found, stops = [], 0
    while True:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return stops, found
        stops += 1
        found += [f"{fault}: {stop['what']}" for fault in ("named", "ring", "seen") if not stop[fault]]


@pytest.fixture
def site(live_server, settings, catalogue) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.mark.parametrize(("prefix", "width"), [("", 1280), ("/ar", 390)], ids=["English at a desk", "Arabic on a phone"])
def test_every_stop_of_the_tab_key_is_named_and_in_sight(browser, site, prefix, width):
    with browser.new_context(viewport={"width": width, "height": 700}, reduced_motion="reduce") as context:
        context.add_cookies([{"name": "shortlist", "value": "1101.1103", "url": site}])
        page = context.new_page()
        wrong = {}
        for address in PAGES:
            page.goto(site + prefix + address)
            stops, found = faults(page)
            assert stops > 10
            wrong |= {address: found} if found else {}
        assert wrong == {}
