"""Page, JSON, CSV, XLSX and PDF say the same of every one of the 118 entries, and none of them names a contact."""

import json
import re
from html import unescape

import pytest
from django.utils.html import strip_tags
from django_countries import countries

from initiatives.exports import briefing
from initiatives.markdown import to_html
from initiatives.models import DELIVERY_LANGUAGES, Initiative, Term
from tests.exports import reading
from tests.pages import words
from tests.site.conftest import CANARIES

pytestmark = pytest.mark.django_db
LANGUAGES = dict(DELIVERY_LANGUAGES)
LISTS = ["support", "audience", "topic", "region", "languages", "countries"]
ORGANIZATION = ["slug", "acronym", "name", "role", "basis"]


@pytest.fixture
def api(client, canary):
    addresses = [f"/api/v1/initiatives/?page_size=100&ordering=code&page={number}" for number in (1, 2)]
    found = {entry["code"]: entry for address in addresses for entry in client.get(address).json()["results"]}
    assert len(found) == 118
    return found


def as_json(row: dict[str, str]) -> dict:
    """A row of a list as the API would give it."""
    found: dict = {name: reading.unmarked(cell) for name, cell in row.items()}
    for name in LISTS:
        found[name] = found[name].split("; ") if found[name] else []
    links = found["organizations"].split("; ") if found["organizations"] else []
    found["organizations"] = [dict(zip(ORGANIZATION, link.split(" | "), strict=True)) for link in links]
    found["superseded_by"] = found["superseded_by"] or None
    return found


def by_code(rows) -> dict:
    return {row["code"]: as_json(row) for row in rows}


def test_csv_agrees_with_the_api(client, api):
    assert by_code(reading.csv_rows(client.get("/initiatives/export.csv?ordering=code"))) == api


def test_workbook_agrees_with_the_api(client, api):
    assert by_code(reading.xlsx_rows(client.get("/initiatives/export.xlsx?ordering=code"))) == api


def plain(markdown: str) -> str:
    return unescape(strip_tags(to_html(markdown)))


def said(entry: dict) -> list[str]:
    """How people read what the API gives as values."""
    terms = {(term.facet, term.slug): term.name for term in Term.objects.all()}
    texts = [entry["code"], entry["title"], entry["url"], entry["sub_working_group"], entry["source_url"]]
    texts += [plain(entry[name]) for name in ["summary", *Initiative.SECTIONS]]
    texts += [terms[facet, slug] for facet in ["support", "audience", "topic", "region"] for slug in entry[facet]]
    texts += [organization["name"] for organization in entry["organizations"]]
    texts += [str(Initiative.Stage(entry["stage"]).label), str(Initiative.Scope(entry["scope"]).label)]
    texts += [str(LANGUAGES[code]) for code in entry["languages"]] + [countries.name(code) for code in entry["countries"]]
    return [text for text in texts if text]


def sheets_in(text: str, api: dict) -> dict[str, str]:
    """The text of each entry: it begins with its code and the number of its group."""
    starts = {}
    for code, entry in api.items():
        group = Initiative.objects.get(code=code).sub_working_group
        begin = reading.letters(f"{code}{group}{entry['title']}")
        if begin in text:
            starts[code] = text.rindex(begin)
    ends = sorted([*starts.values(), len(text)])
    return {code: text[start : ends[ends.index(start) + 1]] for code, start in starts.items()}


def test_briefing_agrees_with_the_api_on_page_and_in_pdf(client, api):
    codes = list(api)
    checked = []
    for first in range(0, len(codes), briefing.MOST):
        query = "&".join(f"code={code}" for code in codes[first : first + briefing.MOST])
        page = words(client.get(f"/initiatives/briefing/?whole=1&{query}"))
        text = without_feet(client.get(f"/initiatives/briefing.pdf?{query}"))
        for where in (reading.letters(page), text):
            found = sheets_in(where, api)
            missing = {
                code: [part for part in said(api[code]) if reading.letters(part) not in sheet] for code, sheet in found.items()
            }
            assert {code: parts for code, parts in missing.items() if parts} == {}
            checked += found
    assert sorted(checked) == sorted(codes * 2)


def without_feet(response) -> str:
    """The words of the PDF without what stands at the foot of every page, and the numbers of lists just before it."""
    pages = [reading.letters(page.extract_text()) for page in reading.pdf(response).pages]
    foot = re.compile(r"(?:\d+\.)*Asof\d{1,2}[A-Z][a-z]+\d{4}\.Anexpressionofinterestisnotaguaranteeofparticipation\.\d+/\d+")
    assert all(foot.search(page) for page in pages)
    return "".join(foot.sub("", page) for page in pages)


@pytest.mark.parametrize(
    ("address", "text_of"),
    [
        ("/initiatives/export.csv", lambda response: response.getvalue().decode()),
        ("/initiatives/export.xlsx", lambda response: json.dumps(reading.xlsx_rows(response), ensure_ascii=False)),
        ("/initiatives/briefing/?whole=1", lambda response: response.content.decode()),
        ("/initiatives/briefing.pdf?code=3224&code=1101", reading.pdf_text),
    ],
)
def test_nothing_that_is_taken_along_names_a_contact(client, canary, address, text_of):
    text = text_of(client.get(address))
    assert len(text) > 1000
    assert [word for word in [*CANARIES, "Canary"] if word in text] == []
