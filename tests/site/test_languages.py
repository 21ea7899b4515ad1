"""Every page in every language, and nothing on it that nobody can translate (design §7.8)."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import DjangoTranslation
from django_countries import countries

from coalition.local import messages
from tests.pages import VOID
from tests.site import addresses

OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
RIGHT_TO_LEFT = {"ar"}
# What is read aloud or shown although it is no text of an element.
READ = {"alt", "title", "placeholder", "aria-label"}
NO_WORDS = re.compile(r"\b[0-9]{4}[A-Z]\b|\bEOI-[0-9A-Z-]+|\S+@\S+|https?://\S+|\b[A-Z]{2,}(?:-[A-Z]+)*\b")
WORD = re.compile(r"[^\W\d_]{2,}")
# The words that a template has beside messages, markup and queries of addresses.
NOT_MARKED = re.compile(
    r"{% blocktranslate.*?{% endblocktranslate %}|{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>|&\w+;|[?&]?\b\w+=\w*", re.DOTALL
)


@pytest.fixture(autouse=True)
def english():
    """A request leaves its language behind, and addresses are made in the language of the moment."""
    with translation.override("en"):
        yield


def in_language(code: str, found: dict[str, str]) -> dict[str, str]:
    """Those that have other languages."""
    return {name: f"/{code}{path}" for name, path in found.items() if not path.startswith("/api/")}


@pytest.mark.parametrize("code", OTHERS)
def test_every_page_opens_in_every_language(client, expression, code):
    for name, path in in_language(code, addresses.pages()).items():
        response = client.get(path)
        direction = "rtl" if code in RIGHT_TO_LEFT else "ltr"
        assert (response.status_code, f'lang="{code}" dir="{direction}"' in response.content.decode()) == (200, True), name
        assert response.headers["Content-Language"] == code, name


def test_the_switch_keeps_the_page_and_its_filters(client, catalogue):
    html = client.get("/fr/initiatives/?search=training&topic=opioids").content.decode()
    switch = re.findall(r'<a class="gc-languages__link" href="([^"]+)" lang="(\w+)"', html)
    query = "initiatives/?search=training&amp;topic=opioids"
    assert switch == [(f"/{query}", "en"), *[(f"/{code}/{query}", code) for code in OTHERS]]


def test_every_language_names_all_of_them_to_search_engines(client, catalogue):
    for prefix in ["", *[f"/{code}" for code in OTHERS]]:
        html = client.get(f"{prefix}/initiatives/1101/").content.decode()
        told = re.findall(r'<link rel="alternate" hreflang="(\w+)" href="([^"]+)"', html)
        assert told == [
            ("en", f"{settings.SITE_URL}/initiatives/1101/"),
            *[(code, f"{settings.SITE_URL}/{code}/initiatives/1101/") for code in OTHERS],
        ]


def test_a_page_for_one_person_is_named_to_no_search_engine(client, expression):
    html = client.get(addresses.public()["interest:status"]).content.decode()
    assert "hreflang" in html  # the switch
    assert '<link rel="alternate" hreflang' not in html


@pytest.mark.parametrize("path", ["/fr/no-such-page/", "/api/v1/docs/"])
def test_an_address_with_one_language_leads_to_the_home_page_of_the_others(client, catalogue, path):
    html = client.get(path).content.decode()
    assert '<a class="gc-languages__link" href="/ar/" lang="ar"' in html


def test_every_language_has_its_messages():
    assert sorted(OTHERS) == messages.languages()


class Unmarked(HTMLParser):
    """Collects what stands outside of the brackets that mark a translated message, in the language of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.depth = 0
        self.language = ""
        self.found: list[str] = []
        self.feed(html)

    def is_exempt(self, tag: str, attributes: dict[str, str | None]) -> bool:
        """Texts of the catalogue are marked with their language, what a person typed with an open direction.

        Nothing can be marked within <title>, and feeds are named after what they follow.
        """
        self.language = self.language or attributes.get("lang") or ""
        other = attributes.get("lang", self.language) != self.language or "hreflang" in attributes
        return other or tag in {"bdi", "script", "code", "title", "link"} or attributes.get("dir") == "auto"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        is_exempt = self.is_exempt(tag, known) or any(exempt for _tag, exempt in self.open)
        for name in READ & set(known):
            if not is_exempt:
                self.note(re.sub(r"⟦.*⟧", "", known[name] or "", flags=re.DOTALL))
        if tag not in VOID:
            self.open.append((tag, is_exempt))

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        outside = ""
        for sign in data:
            self.depth += (sign == "⟦") - (sign == "⟧")
            outside += sign if self.depth == 0 else " "
        if not any(exempt for _tag, exempt in self.open):
            self.note(outside)

    def note(self, text: str) -> None:
        if WORD.search(NO_WORDS.sub("", text)):
            self.found.append(" ".join(text.split()))


@pytest.fixture
def marked(monkeypatch):
    """Every message comes in brackets instead of a translation."""

    def one(self: DjangoTranslation, message: str) -> str:
        return f"⟦{message.rsplit(chr(4), 1)[-1]}⟧"

    def several(self: DjangoTranslation, singular: str, plural: str, number: int) -> str:
        return one(self, singular if number == 1 else plural)

    # Names of countries are kept once they are made.
    monkeypatch.setattr(countries, "_iter_cache", {}, raising=False)
    monkeypatch.setattr(DjangoTranslation, "gettext", one)
    monkeypatch.setattr(DjangoTranslation, "ngettext", several)


def test_every_word_of_every_page_can_be_translated(client, expression, marked):
    unmarked = {
        name: found
        for name, path in in_language("fr", addresses.pages()).items()
        if (found := Unmarked(client.get(path).content.decode()).found)
    }
    assert unmarked == {}


def test_every_word_of_every_mail_can_be_translated():
    templates = sorted(Path(settings.BASE_DIR, "templates/emails").rglob("*.*"))
    unmarked = {path.name: found for path in templates if (found := WORD.findall(NOT_MARKED.sub("", path.read_text())))}
    assert (len(templates) > 30, unmarked) == (True, {})


def test_no_message_is_without_a_translation():
    """As `make check` says it, with the words: a missing one, a lost placeholder, a missing plural, an old django.mo."""
    assert list(messages.faults()) == []
