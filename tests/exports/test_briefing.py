"""The briefing for the desk, as page and as PDF."""

import datetime
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from initiatives.exports import briefing, pdf, typesetting
from tests import factories
from tests.exports import reading
from tests.pages import words

pytestmark = pytest.mark.django_db
PAGE = "/initiatives/briefing/"
PDF = "/initiatives/briefing.pdf"
NO_PROMISE = "An expression of interest is not a guarantee of participation."


@pytest.fixture
def full(settings, today):
    settings.SITE_URL = "https://portal.example.org"
    unodc, who, incb = (factories.organization(slug) for slug in ["unodc", "who", "incb"])
    terms = [factories.term("support", "training"), factories.term("audience", "customs"), factories.term("topic", "nps")]
    return factories.initiative(
        "3224",
        lead=unodc,
        partner=who,
        mentioned=incb,
        contacts=[factories.contact(unodc, "Canary Person", section="Canary Section")],
        terms=[*terms, factories.term("region", "africa")],
        summary="A *text*.\n\n- one\n- two",
        prerequisites="A **laboratory**.",
        global_outcomes="Fewer deaths.",
        stage="ongoing",
        scope="regional",
        languages=["fr"],
        countries=["KZ"],
        source_url="https://source.example.org/3224",
        source_date=datetime.date(2026, 5, 4),
        superseded_by=factories.initiative("3225", title="Newer title"),
    )


def entries(response) -> list[str]:
    return re.findall(r'<section class="gc-brief__entry[^>]*id="initiative-(\w+)"', response.content.decode())


def test_page_says_all_that_a_minister_asks(client, full):
    text = words(client.get(f"{PAGE}?code=3224"))
    for said in [
        "Briefing on initiative 3224",
        "As of 22 November 2026",
        "3224 3.2 Sub-group 3.2 Title of 3224",
        "This initiative was replaced by 3225: Newer title",
        "A text. one two",
        "What it offers Training",
        "Who it is for Customs",
        "Topics Nps",
        "Led by Name of unodc (UNODC) – confirmed by staff",
        "Partners Name of who (WHO) – confirmed by staff",
        "Mentioned in the text Name of incb (INCB) – confirmed by staff",
        "Where Regional: Africa",
        "Countries taking part Kazakhstan",
        "Languages of delivery French",
        "Stage Ongoing",
        "Prerequisites for participation A laboratory.",
        "Global level outcomes Fewer deaths.",
        f"Register interest https://portal.example.org/interest/register/?initiative=3224 {NO_PROMISE}",
        "Source https://source.example.org/3224 , read on 4 May 2026",
        "https://portal.example.org/initiatives/3224/ , last changed on 22 November 2026",
    ]:
        assert said.replace(" , ", ", ") in text.replace(" , ", ", "), said
    assert "Canary" not in text


def test_page_says_what_is_not_stated(client):
    factories.initiative("1101")
    text = words(client.get(PAGE))
    for label in ["What it offers", "Who it is for", "Prerequisites", "Outcomes", "Led by", "Where", "Stage"]:
        assert f"{label} Not stated" in text
    assert "Source The initiatives page of the Coalition’s website" in text


def test_cover_tells_the_query_in_words_and_the_country(client):
    training = factories.term("support", "training")
    factories.initiative("1101", terms=[training], scope="global", summary="Naloxone saves lives")
    factories.initiative("1102", terms=[training], summary="Naloxone saves lives")
    response = client.get(f"{PAGE}?country=KZ&support=training&search=naloxone&support=nonsense")
    text = words(response)
    assert entries(response) == ["1101"]
    assert "Briefing for Kazakhstan" in text
    assert "Search naloxone" in text
    assert "Kind of support Training" in text
    assert "1 more initiative may be open too, but does not name the place. It is not in this briefing." in text
    assert "We do not know “nonsense”" in text


def test_pack_of_a_shortlist_keeps_its_order_and_tells_what_has_gone(client):
    for code in ["1101", "1102"]:
        factories.initiative(code)
    factories.initiative("1103", state="draft", title="Secret draft")
    response = client.get(f"{PAGE}?code=1102&code=1101&code=1103")
    assert entries(response) == ["1102", "1101"]
    assert "1103 is no longer in the catalogue, or never was." in words(response)
    assert "Secret draft" not in words(response)
    assert "/interest/register/?initiative=1102&amp;initiative=1101" in response.content.decode()


@pytest.mark.parametrize("query", ["?code=9999", "?code=", "?search=xyzzy"])
def test_pack_of_nothing_says_what_to_do(client, query):
    factories.initiative("1101")
    text = words(client.get(PAGE + query))
    assert "Nothing for a briefing" in text
    assert "See all initiatives" in text
    answer = client.get(PDF + query)
    assert answer.status_code == 302
    assert answer.url.startswith(PAGE)


def test_pack_holds_the_first_and_says_how_many_there_are(client, monkeypatch):
    for number in range(1101, 1106):
        factories.initiative(str(number))
    monkeypatch.setattr(briefing, "MOST", 3)
    monkeypatch.setattr(briefing.Briefing, "most", 3)
    response = client.get(PAGE)
    assert entries(response) == ["1101", "1102", "1103"]
    assert "These are the first 3 of 5 initiatives: a briefing holds no more." in words(response)
    assert "Form for these 3 initiatives" in words(response)
    assert "These are the first" not in words(client.get(f"{PAGE}?code=1101&code=1102&code=1103"))


def test_page_begins_a_long_briefing_and_leads_to_the_whole(client, monkeypatch):
    for number in range(1101, 1105):
        factories.initiative(str(number))
    monkeypatch.setattr(briefing, "ON_A_PAGE", 2)
    query = "code=1104&code=1101&code=1103&code=1102"
    response = client.get(f"{PAGE}?{query}")
    assert entries(response) == ["1104", "1101"]
    assert words(response).count("this page holds the first 2 of 4 initiatives.") == 2  # above, and after the last one
    html = unescape(response.content.decode())
    whole = f"{PAGE}?whole=1&{query}"
    contents = ["#initiative-1104", "#initiative-1101", f"{whole}#initiative-1103", f"{whole}#initiative-1102"]
    assert re.findall(r'<a href="([^"]*#initiative-\w+)" lang="en"', html) == contents
    assert html.count(f'href="{whole}"') == 2
    assert "data-print" not in html
    # In print and in the PDF file nothing is missing.
    assert entries(client.get(whole)) == ["1104", "1101", "1103", "1102"]
    titles = [entry.title for entry in flat(reading.pdf(client.get(f"{PDF}?{query}")).outline)]
    assert [title for title in titles if title.startswith("Title of")] == [
        f"Title of {code}" for code in [1104, 1101, 1103, 1102]
    ]


@pytest.mark.parametrize("query", ["?code=1101&code=1102", "?whole=1"])
def test_page_that_holds_all_can_be_printed(client, monkeypatch, query):
    for number in range(1101, 1104):
        factories.initiative(str(number))
    monkeypatch.setattr(briefing, "ON_A_PAGE", 2)
    response = client.get(PAGE + query)
    assert "data-print" in response.content.decode()
    assert "this page holds" not in words(response)


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_queries(client, django_assert_max_num_queries, number):
    for code in range(1101, 1101 + number):
        factories.initiative(str(code), lead=factories.organization("unodc"), terms=[factories.term("topic", "nps")])
    # The choices of the filters (groups, terms, organizations); entries; their organizations; their terms.
    with django_assert_max_num_queries(6):
        client.get(PAGE)


# -- PDF ------------------------------------------------------------------------------------------------------------------------


def test_pdf_says_what_the_page_says(client, full):
    response = client.get(f"{PDF}?code=3224")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="briefing-2026-11-22.pdf"'
    page = client.get(f"{PAGE}?code=3224").content.decode()
    page = page[page.index('<article class="gc-brief">') : page.index("</article>")]
    text = reading.letters(reading.pdf_text(response))
    said = [reading.letters(part) for part in re.sub(r"<[^>]+>", "\n", page).split("\n")]
    assert len(said) > 30
    assert [part for part in said if part not in text] == []


def test_pdf_is_tagged_and_tells_its_title_and_language(client, full):
    catalog = reading.pdf(response := client.get(f"{PDF}?code=3224&code=3225")).root_object
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in catalog["/Metadata"].get_data()
    document = reading.pdf(response)
    assert document.metadata.title == "Briefing on initiatives · Global Coalition to Address Synthetic Drug Threats"
    titles = [entry.title for entry in flat(document.outline)]
    assert titles[0] == "Briefing on initiatives"
    assert {"Title of 3224", "Newer title"} < set(titles)


def elements(element):
    """Every element of the tree that a screen reader walks."""
    element = element.get_object()
    if isinstance(element, list):
        for part in element:
            yield from elements(part)
    elif isinstance(element, dict):
        yield element
        if "/K" in element:
            yield from elements(element["/K"])


def embedded(page) -> set[bool]:
    fonts = [font.get_object()["/DescendantFonts"][0].get_object() for font in page["/Resources"]["/Font"].values()]
    return {any(name.startswith("/FontFile") for name in font["/FontDescriptor"]) for font in fonts}


@pytest.mark.parametrize("language", ["en", "ar", "fr", "es"])
def test_pdf_of_every_language_can_be_read_by_a_screen_reader(client, full, language):
    """PDF/UA-1: language, title, headings, lists, links and a text for the picture; and no font is missing on paper."""
    prefix = "" if language == "en" else f"/{language}"
    document = reading.pdf(client.get(f"{prefix}{PDF}?code=3224&code=3225"))
    found = list(elements(document.root_object["/StructTreeRoot"]["/K"]))
    kinds = [element.get("/S") for element in found]
    assert document.root_object["/Lang"] == language
    assert [kinds.count(kind) for kind in ("/H1", "/H2", "/H3", "/Figure")] == [1, 4, 2, 1]
    assert {"/L", "/LI", "/P", "/Link", "/Sect"} < set(kinds)
    assert [bool(element.get("/Alt")) for element in found if element.get("/S") == "/Figure"] == [True]
    assert set().union(*map(embedded, document.pages)) == {True}
    assert len(document.pages) == 3
    # A list holds items alone, and of each thing there is one link: two in the contents, one on the cover and for registering,
    # of each entry its form, source and page.
    inside = {(element["/P"].get("/S"), element["/S"]) for element in found if "/P" in element}
    assert {child for parent, child in inside if parent == "/L"} == {"/LI"}
    assert {parent for parent, child in inside if child == "/LI"} == {"/L"}
    assert ("/Link", "/Link") not in inside
    links = [note for page in document.pages for note in page.get("/Annots", []) if note["/Subtype"] == "/Link"]
    assert len(links) == kinds.count("/Link")


def test_word_without_a_place_to_break_stays_on_the_paper(client):
    """What is too wide would be cut off."""
    factories.initiative("1101", title="W" * 400, summary="x" * 3000)
    lines = reading.pdf_text(client.get(f"{PDF}?code=1101")).splitlines()
    assert max(map(len, lines)) < 120
    assert "".join(line for line in lines if set(line) == {"x"}) == "x" * 3000


def flat(outline):
    for entry in outline:
        yield from flat(entry) if isinstance(entry, list) else [entry]


def test_pdf_joins_arabic_letters(client):
    # One letter alone and three of it in a word: four shapes, if somebody shapes them.
    factories.initiative("1101", title="ب ببب")
    document = reading.pdf(client.get(PDF))
    shapes, fonts = set(), set()
    for page in document.pages:
        for font in page["/Resources"]["/Font"].values():
            found = re.findall(r"<(\w+)>\s*<0628>", font.get_object()["/ToUnicode"].get_data().decode())
            shapes |= {(font.get_object()["/BaseFont"], glyph) for glyph in found}
            fonts |= {font.get_object()["/BaseFont"].rpartition("+")[2]} if found else set()
    assert len(shapes) >= 4
    assert all("Arab" in name or "Naskh" in name for name in fonts)


def test_pdf_embeds_every_font(client, full):
    for page in reading.pdf(client.get(f"{PDF}?code=3224")).pages:
        for font in page["/Resources"]["/Font"].values():
            [inside] = font.get_object()["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(inside.get_object()["/FontDescriptor"])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "https://elsewhere.example.org/x.png",
        "file:///etc/passwd",
        "data:text/plain,x",
        "ftp://x/",
        "own:",
    ],
)
def test_pdf_loads_nothing_from_elsewhere(address):
    with pytest.raises(ValueError, match="loads nothing but static files"):
        typesetting.OwnFiles().fetch(address)


def test_pdf_does_not_leave_the_folder_of_static_files():
    from django.core.exceptions import SuspiciousFileOperation

    with pytest.raises(SuspiciousFileOperation):
        typesetting.OwnFiles().fetch("own:../manage.py")


def test_pdf_without_its_style_is_none():
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError):
        pdf.from_html('<link rel="stylesheet" href="own:css/gone.css">')


def test_without_the_extra_the_browser_prints(client, monkeypatch):
    factories.initiative("1101")
    monkeypatch.setattr(pdf, "is_possible", lambda: False)
    for address in [PAGE, "/initiatives/1101/"]:
        text = words(client.get(address))
        assert "Briefing as PDF" not in text
        assert "print it, or save it as PDF, from your browser" in text
    answer = client.get(f"{PDF}?code=1101")
    assert answer.status_code == 404
    assert "This site makes no PDF files" in words(answer)
    assert f'href="{PAGE}?code=1101"' in answer.content.decode()


def test_pdf_while_others_wait_asks_for_a_minute(client, monkeypatch):
    factories.initiative("1101")
    monkeypatch.setattr(pdf, "PATIENCE", 0.01)
    with pdf._one_at_a_time:
        answer = client.get(PDF)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Others are waiting for their PDF files" in words(answer)


def test_pdfs_are_made_one_after_the_other(monkeypatch):
    inside, most = 0, 0

    def slow(html):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        inside -= 1
        return b"%PDF"

    monkeypatch.setattr(typesetting, "pdf", slow)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(pdf.from_html, ["x"] * 20)) == [b"%PDF"] * 20
    assert most == 1


# -- The way there --------------------------------------------------------------------------------------------------------------


def test_pages_offer_what_they_show(client):
    unodc = factories.organization("unodc")
    for code in ["1101", "1102"]:
        factories.initiative(code, lead=unodc)
    for address, query in {
        "/initiatives/?search=title&page=2": "search=title",
        "/initiatives/1101/": "code=1101",
        "/sub-working-groups/1.1/": "sub_working_group=1.1",
        "/organizations/unodc/": "organization=unodc",
        "/interest/?initiative=1102&initiative=1101": "code=1102&amp;code=1101",
    }.items():
        page = client.get(address).content.decode()
        for path in [PAGE, PDF, "/initiatives/export.csv", "/initiatives/export.xlsx"]:
            assert f'href="{path}?{query}"' in page, (address, path)
        assert f'href="/initiatives/export.csv?{query}&amp;bom=1"' in page
