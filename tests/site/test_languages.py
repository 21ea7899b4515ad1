"""Every page in every language, and nothing on it that nobody can translate (design §7.8)."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.translation.trans_real import DjangoTranslation
from django_countries import countries
from playwright.sync_api import expect

from coalition.local import messages
from initiatives import countries as country_pages
from initiatives.countries import Country, find
from tests import factories
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


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_switch_keeps_the_part_of_the_page(page, live_server, catalogue):
    page.goto(f"{live_server.url}/fr/about/?from=mail#classification")
    page.get_by_role("link", name="Español").click()
    expect(page).to_have_url(f"{live_server.url}/es/about/?from=mail#classification")


def test_the_address_alone_decides_the_language(client, catalogue):
    """Neither the browser's wish nor a cookie: what is cached is the same for everybody (docs/adr/0011)."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    response = client.get("/about/", headers={"Accept-Language": "fr"})
    assert response.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/v1/initiatives/9999/", "No Initiative matches the given query."),
        ("/api/v1/initiatives/?topic=nonsense", "We do not know “nonsense”."),
    ],
)
def test_the_api_speaks_english_to_everybody(client, catalogue, path, words):
    client.get("/ar/")
    for wanted in ("en", "fr", "ar"):
        assert words in client.get(path, headers={"Accept-Language": wanted}).content.decode(), wanted


def test_every_language_names_all_of_them_to_search_engines(client, catalogue):
    for prefix in ["", *[f"/{code}" for code in OTHERS]]:
        html = client.get(f"{prefix}/initiatives/1101/").content.decode()
        told = re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)"', html)
        assert told == [
            ("en", f"{settings.SITE_URL}/initiatives/1101/"),
            ("x-default", f"{settings.SITE_URL}/initiatives/1101/"),
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
    assert sorted(map(translation.to_locale, OTHERS)) == messages.languages()


def test_a_feed_says_that_the_texts_of_the_catalogue_are_english(client, catalogue):
    told = ElementTree.fromstring(client.get("/fr/initiatives/feed.atom").content)
    language, atom = "{http://www.w3.org/XML/1998/namespace}lang", "{http://www.w3.org/2005/Atom}"
    assert (told.get(language), {entry.get(language) for entry in told.findall(f"{atom}entry")}) == ("fr", {"en"})


# -- Names, numbers and dates ----------------------------------------------------------------------------------------------------


def said(template: str, **values: object) -> str:
    return Template(template).render(Context(values))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "1 May 2026; 1 May 2026, 14:05; 12,345; a, b"),
        ("fr", "1er mai 2026; 1er mai 2026 à 14\xa0h\xa005; 12\xa0345; a, b"),
        ("es", "1 de mayo de 2026; 1 de mayo de 2026 a las 14:05; 12\xa0345; a, b"),
        ("ar", "1 مايو 2026; 1 مايو 2026، 14:05; 12,345; a، b"),
    ],
)
def test_dates_numbers_and_lists_are_written_as_in_the_language(code, words):
    values = {"moment": datetime(2026, 5, 1, 14, 5, tzinfo=UTC), "number": 12345, "items": ["a", "b"]}
    template = '{{ moment|date:"DATE_FORMAT" }}; {{ moment|date:"DATETIME_FORMAT" }}; {{ number }}; {{ items|with_commas }}'
    with translation.override(code):
        assert said(template, **values) == words


@pytest.mark.parametrize(("day", "words"), [(2, "2 mai 2026"), (11, "11 mai 2026"), (21, "21 mai 2026")])
def test_only_the_first_of_a_month_is_an_ordinal_in_french(day, words):
    with translation.override("fr"):
        assert said('{{ day|date:"DATE_FORMAT" }}', day=date(2026, 5, day)) == words


def test_a_key_is_written_without_the_signs_of_large_numbers():
    """Django groups the digits of every number in a template, and 1,234 is no key."""
    templates = list(Path(settings.BASE_DIR, "templates").rglob("*.html"))
    shown = {path.name: found for path in templates if (found := re.findall(r"{{ [\w.]+\.(?:pk|id) }}", path.read_text()))}
    assert (len(templates) > 100, shown) == (True, {})


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("en", {"KR": "Republic of Korea", "CD": "Democratic Republic of the Congo", "PS": "State of Palestine", "NR": "Naoero"}),
        ("fr", {"MM": "Myanmar", "BY": "Bélarus", "CI": "Côte d’Ivoire", "NR": "Nauru"}),
        ("es", {"SZ": "Eswatini", "TT": "Trinidad y Tabago", "CF": "República Centroafricana", "NR": "Nauru"}),
        ("ar", {"BY": "بيلاروس", "CI": "كوت ديفوار", "ES": "إسبانيا", "NR": "ناورو"}),
    ],
)
def test_countries_have_the_names_that_the_united_nations_use(code, names):
    with translation.override(code):
        assert {country: countries.name(country) for country in names} == names


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "name", "country"),
    [("fr", "Birmanie", "MM"), ("es", "Turquía", "TR"), ("es", "Costa de Marfil", "CI"), ("ar", "ساحل العاج", "CI")],
)
def test_a_country_is_found_by_its_everyday_name_too(code, name, country):
    with translation.override(code):
        assert find(name) == [Country(country)]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("fr", ["Afghanistan", "Afrique du Sud", "Albanie", "Algérie"]),
        ("es", ["Afganistán", "Albania", "Alemania", "Andorra"]),
        ("ar", ["إثيوبيا", "أذربيجان", "أرمينيا", "أروبا"]),
    ],
)
def test_countries_come_in_the_order_of_the_language(code, first):
    with translation.override(code):
        assert [name for _code, name in countries][: len(first)] == first


def test_an_organization_of_the_coalition_has_its_official_name(client, catalogue):
    told = {
        code: re.search(r"<h1[^>]*>[^<]+</h1>", client.get(f"/{code}/organizations/unodc/").content.decode())[0]
        for code in ("fr", "es", "ar")
    }
    assert told == {
        "fr": "<h1>Office des Nations Unies contre la drogue et le crime</h1>",
        "es": "<h1>Oficina de las Naciones Unidas contra la Droga y el Delito</h1>",
        "ar": "<h1>مكتب الأمم المتحدة المعني بالمخدرات والجريمة</h1>",
    }


def test_organizations_come_in_the_order_of_their_names_in_the_language(client, catalogue):
    html = client.get("/fr/organizations/").content.decode()
    names = re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', html)[:6]
    assert names == [
        "Commission de l’océan Indien",
        "Commission interaméricaine de lutte contre l’abus des drogues",
        "Communauté des Caraïbes",
        "Forum des îles du Pacifique",
        "Groupe Pompidou",
        "Institut interrégional de recherche des Nations Unies sur la criminalité et la justice",
    ]


def test_another_organization_keeps_its_name_and_the_mark_of_its_language(client, db):
    factories.initiative(lead=factories.organization("icuddr", name="International Consortium"))
    html = client.get("/fr/organizations/icuddr/").content.decode()
    assert '<h1 lang="en" dir="ltr">International Consortium</h1>' in html


# -- Nothing is left out ---------------------------------------------------------------------------------------------------------


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
    yield
    country_pages._names.cache_clear()


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
