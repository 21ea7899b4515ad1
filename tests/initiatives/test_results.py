"""Results of a search with very many hits: the same entries in the same order, however they are read."""

import csv

import pytest
from django.http import QueryDict

from initiatives.catalogue import Catalogue
from tests import factories

pytestmark = pytest.mark.django_db
# Those with the words in their title, then the others, each by code.
IN_ORDER = ["1105", "2101", "3102", "1101", "1103", "2102", "3101"]


@pytest.fixture
def many(monkeypatch):
    """As if seven entries were very many."""
    for module in ("ranking", "matching"):
        monkeypatch.setattr(f"initiatives.search.{module}.MOST_RANKED", 3)
    monkeypatch.setattr("initiatives.search.MOST_RANKED", 3)
    training = factories.term("support", "training")
    for code, title in [("1101", "Title after 1105"), ("1103", "Title b"), ("2102", "Title c"), ("3101", "Title d")]:
        factories.initiative(code, title=title, summary="Control of precursors, as 1105 does.", terms=[training])
    for code in ["1105", "2101", "3102"]:
        factories.initiative(code, title=f"Precursors {code}", terms=[training] if code != "2101" else [], scope="global")
    factories.initiative("1199", title="Precursors in a draft", state="draft")
    factories.initiative("1198", title="Another thing")


def found(client, query: str, size: int) -> list[str]:
    """By all pages of the API."""
    codes, address = [], f"/api/v1/initiatives/?{query}&page_size={size}"
    while address:
        answer = client.get(address).json()
        codes += [entry["code"] for entry in answer["results"]]
        address = answer["next"]
    assert answer["count"] == len(codes)
    return codes


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=precursors", IN_ORDER),
        ("search=precursors&support=training", [code for code in IN_ORDER if code != "2101"]),
        ("search=precursors&country=KZ", ["1105", "2101", "3102"]),
        ("search=precursors&ordering=code", sorted(IN_ORDER)),
        ("search=precursors&ordering=title", IN_ORDER),
        ("search=1105", ["1105", "1101", "1103", "2102", "3101"]),
        ("search=precursors&working_group=2", ["2101", "2102"]),
    ],
)
def test_pages_of_any_size_lead_through_all_entries_in_their_order(client, many, size, query, expected):
    assert found(client, query, size) == expected


def test_page_export_and_api_agree(client, many, monkeypatch):
    monkeypatch.setattr("initiatives.catalogue.PER_PAGE", 2)
    shown = []
    for number in range(1, 5):
        page = client.get(f"/initiatives/?search=precursors&page={number}").context["page"]
        shown += [result.initiative.code for result in page.object_list]
        assert page.paginator.count == 7
    lines = b"".join(client.get("/initiatives/export.csv?search=precursors")).decode().splitlines()
    assert shown == [row["code"] for row in csv.DictReader(lines)] == IN_ORDER


def test_first_lines_come_without_texts(many):
    results = Catalogue(QueryDict("search=precursors")).results
    first = results.in_lines(5)
    assert [entry.code for entry in first] == IN_ORDER[:5]
    assert "summary" in first[0].get_deferred_fields()
