"""Pages in Arabic: what is marked as English is English, and what has its own direction keeps it (design §6)."""

import re
from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from tests.pages import VOID
from tests.site import addresses

ARABIC = re.compile(r"[\u0621-\u064a]")


class MarkedAsEnglish(HTMLParser):
    """Collects Arabic that a screen reader would read with an English voice, and that would stand in the wrong order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.languages: list[str] = []
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.languages.append(dict(attributes).get("lang") or (self.languages or [""])[-1])

    def handle_endtag(self, tag: str) -> None:
        self.languages.pop()

    def handle_data(self, data: str) -> None:
        if self.languages and self.languages[-1] == "en" and ARABIC.search(data):
            self.found.append(data.strip())


@pytest.mark.django_db
def test_nothing_in_arabic_is_marked_as_english(client, expression):
    wrong = {
        name: found
        for name, path in addresses.pages().items()
        if not path.startswith("/api/") and (found := MarkedAsEnglish(client.get(f"/ar{path}").content.decode()).found)
    }
    assert wrong == {}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_english_title_begins_where_the_page_begins_and_an_address_is_typed_from_the_left(page, live_server, catalogue):
    page.goto(f"{live_server.url}/ar/initiatives/1101/")
    expect(page.get_by_role("heading", level=1)).to_have_css("text-align", "end")
    expect(page.get_by_role("heading", level=1)).to_have_css("direction", "ltr")
    page.goto(f"{live_server.url}/ar/interest/subscribe/")
    expect(page.locator("input[type=email]")).to_have_css("direction", "ltr")
