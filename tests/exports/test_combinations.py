"""Whatever is searched, filtered and ordered: page, JSON, CSV, XLSX and briefing hold the same entries in the same order."""

import random
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.utils.html import strip_tags

from initiatives.exports import briefing
from initiatives.models import Initiative, Term
from tests.exports import reading
from tests.exports.test_agreement import as_json

pytestmark = pytest.mark.django_db
SEED, COMBINATIONS = 20261122, 18
SEARCHES = ["training", "naloxone", "precursors laboratory", "“early warning”", "précurseurs", "forensci", "1103", "a & b <c>"]
ORDERINGS = ["relevance", "code", "title", "-updated_at"]
CARD = re.compile(r'<article class="gc-card.*?id="initiative-(\w+)".*?<h3 class="gc-card__title"><a[^>]*>(.*?)</a>', re.DOTALL)
ROW = re.compile(r'<tr class="gc-group-\d" role="row" id="initiative-(\w+)">.*?<th[^>]*><a[^>]*>(.*?)</a>', re.DOTALL)


def combinations() -> list[str]:
    """The same ones in every run: what somebody types, chooses and orders by, also what means nothing."""
    chance = random.Random(SEED)
    terms = list(Term.objects.order_by("facet", "slug").values_list("facet", "slug"))
    others = [
        ("sub_working_group", ["1.1", "2.2", "3.2", "9.9"]),
        ("working_group", ["1", "3"]),
        ("organization", ["unodc", "who", "cicad", "nobody"]),
        ("country", ["KZ", "FJ", "MX", "XX"]),
        ("language", ["en", "es"]),
        ("stage", ["ongoing", "proposed", "not_stated"]),
    ]
    found = ["", "search=xyzzy"]
    while len(found) < COMBINATIONS:
        query = [("search", chance.choice(SEARCHES))] if chance.random() < 0.5 else []
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            name, values = chance.choice(others)
            query.append(chance.choice([chance.choice(terms), (name, chance.choice(values))]))
        query += [("ordering", chance.choice(ORDERINGS))] if chance.random() < 0.7 else []
        query += [("view", "table")] if chance.random() < 0.3 else []
        found.append(urlencode(query))
    return found


def shown(client, query: str) -> tuple[list[tuple[str, str]], int]:
    """Code and title of every result on all pages of the catalogue, and the number that the page says."""
    found: list[tuple[str, str]] = []
    address = f"/initiatives/?{query}"
    while address:
        html = client.get(address).content.decode()
        listed = html.partition('id="apart"')[0]
        found += [(code, unescape(title)) for code, title in (ROW if "view=table" in query else CARD).findall(listed)]
        number = re.search(r'<h2 id="results"[^>]*>([\d,]+) initiative', html)
        following = re.search(r'<a [^>]*href="([^"]+)"[^>]*rel="next"', html)
        address = f"/initiatives/{unescape(following[1])}" if following else ""
    assert number
    return found, int(number[1].replace(",", ""))


def of_api(client, query: str) -> list[dict]:
    """Every entry on all pages. What the page leaves out with a sentence the API refuses, so it gets what was understood."""
    found: list[dict] = []
    address = f"/api/v1/initiatives/?{query}"
    while address:
        answer = client.get(address).json()
        found += answer["results"]
        assert answer["count"] >= len(found)
        address = answer["next"]
    return found


def understood(client, query: str) -> str:
    """The query that the page hands on to its files."""
    html = client.get(f"/initiatives/?{query}").content.decode()
    address = re.search(r'href="/initiatives/export\.csv\?([^"]*)"', html)
    return unescape(address[1]) if address else "search=xyzzy"


def in_briefing(html: str) -> list[tuple[str, str]]:
    entry = re.compile(r'id="initiative-(\w+)".*?<h2[^>]*>(.*?)</h2>', re.DOTALL)
    return [(code, unescape(strip_tags(title))) for code, title in entry.findall(html)]


def test_every_combination_has_the_same_entries_in_the_same_order_everywhere(client, catalogue):
    numbers = []
    for query in combinations():
        on_page, number = shown(client, query)
        api = of_api(client, understood(client, query))
        codes = [entry["code"] for entry in api]

        assert on_page == [(entry["code"], entry["title"]) for entry in api], query
        assert number == len(codes), query
        files = {"export.csv": reading.csv_rows, "export.xlsx": reading.xlsx_rows}
        for address, rows in files.items():
            response = client.get(f"/initiatives/{address}?{understood(client, query)}")
            assert [as_json(row) for row in rows(response)] == api, (address, query)
        # What the page left out with a sentence, files and API refuse.
        answers = {
            client.get(f"{address}?{query}").status_code for address in ["/api/v1/initiatives/", "/initiatives/export.csv"]
        }
        assert len(answers) == 1, query
        brief = in_briefing(client.get(f"/initiatives/briefing/?whole=1&{query}").content.decode())
        assert brief == on_page[: briefing.MOST], query
        numbers.append(number)
    # The combinations are of use only if they find nothing, some, and more than a page of each kind holds.
    assert {0, 118} <= set(numbers)
    assert len({number for number in numbers if 1 < number < 118}) > 5
    assert [number for number in numbers if 20 < number < 118]


@pytest.mark.parametrize("query", ["topic=overdose", "search=laboratory&ordering=title", "country=MX&ordering=-updated_at"])
def test_pdf_has_the_entries_of_the_page_in_its_order(client, catalogue, query):
    on_page, _number = shown(client, query)
    text = reading.letters(reading.pdf_text(client.get(f"/initiatives/briefing.pdf?{query}")))
    places = [text.rfind(reading.letters(title)) for _code, title in on_page]
    assert len(places) > 2
    assert places == sorted(places)
    assert -1 not in places


def test_shortlist_is_the_same_everywhere_in_its_own_order(client, catalogue):
    chance = random.Random(SEED)
    codes = chance.sample(sorted(Initiative.objects.published().values_list("code", flat=True)), 12)
    client.cookies["shortlist"] = ".".join([*codes, "9999"])
    page = client.get("/interest/").content.decode()
    listed = re.findall(r'<article class="gc-card[^>]*id="initiative-(\w+)"', page)
    addresses = {unescape(address) for address in re.findall(r'href="(/initiatives/(?:export|briefing)[^"]*)"', page)}

    assert listed == codes
    rows = {"csv": reading.csv_rows, "xlsx": reading.xlsx_rows}
    found = {
        address: [row["code"] for row in rows[ending](client.get(address))]
        for address in addresses
        if (ending := address.partition("?")[0].rpartition(".")[2]) in rows
    }
    assert list(found.values()) == [codes] * 3  # CSV, CSV for Excel, XLSX
    [briefing_address] = [address for address in addresses if address.startswith("/initiatives/briefing/")]
    assert [code for code, _title in in_briefing(client.get(briefing_address).content.decode())] == codes
