"""Entries side by side."""

import re
from html import unescape

import pytest

from initiatives.api import InitiativeSerializer
from initiatives.compare import FACTS, TEXTS, Comparison
from tests import factories
from tests.pages import words

pytestmark = pytest.mark.django_db

# What the page shows of an entry without a row of its own, and what it leaves to the entry's page.
IN_THE_HEAD, LEFT_OUT = {"code", "title", "url"}, {"source_url", "updated_at"}


@pytest.fixture
def entries():
    training, guidance = factories.term("support", "training"), factories.term("support", "guidance")
    unodc = factories.organization("unodc")
    factories.initiative("1103", lead=unodc, terms=[training, guidance], summary="**Dogs** find parcels.", stage="ongoing")
    factories.initiative("2206A", terms=[training], countries=["KZ"], languages=["fr"], background="Begun in 2020.")
    for code in ("1104", "1105", "1106"):
        factories.initiative(code)
    factories.initiative("3101", state="draft")


def codes(response) -> list[str]:
    return re.findall(r'id="compared-(\w+)"', response.content.decode())


def row(comparison: Comparison, name: str):
    return next(row for row in comparison.rows if row.name == name)


def test_every_public_field_has_its_row():
    assert sorted([*FACTS, *TEXTS, *IN_THE_HEAD, *LEFT_OUT]) == sorted(InitiativeSerializer.Meta.fields)


def test_values_that_all_have_are_told_from_those_that_only_some_have(entries):
    cells = row(Comparison(["1103", "2206A"]), "support").cells
    assert [[(item.text, item.is_shared) for item in cell.items] for cell in cells] == [
        [("Guidance", False), ("Training", True)],
        [("Training", True)],
    ]


def test_rows_say_whether_all_are_the_same_and_empty_ones_are_left_out(entries):
    comparison = Comparison(["1104", "1105"])
    assert [(row.name, row.is_same) for row in comparison.rows] == [("sub_working_group", True), ("summary", False)]


def test_page_shows_the_fields_of_each(client, entries):
    page = client.get("/initiatives/compare/?code=1103&code=2206A")
    assert codes(page) == ["1103", "2206A"]
    text = words(page)
    for said in ["UNODC (Lead)", "Kazakhstan", "French", "Ongoing", "Dogs find parcels.", "Begun in 2020.", "Not stated"]:
        assert said in text
    assert 'href="/initiatives/compare/?code=2206A"' in page.content.decode()


@pytest.mark.parametrize(
    ("query", "shown", "said"),
    [
        ("", [], "Nothing to compare yet."),
        ("code=", [], "Nothing to compare yet."),
        ("code=1103", ["1103"], "Add at least one more initiative to compare it with."),
        ("code=1103&code=2206a&code=1103", ["1103", "2206A"], "Add an initiative by its code"),
        ("code=1103&code=3101&code=9999&code=1104", ["1103", "1104"], "3101, 9999 are not in the catalogue."),
        ("code=1103&code=%00&code=x%27y&code=1104", ["1103", "1104"], "are not in the catalogue."),
        ("code=1103&code=1104&code=1105&code=1106&code=2206A", ["1103", "1104", "1105", "1106"], "Left out: 2206A."),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(client, entries, query, shown, said):
    page = client.get(f"/initiatives/compare/?{query}")
    assert (page.status_code, codes(page)) == (200, shown)
    assert said in words(page)


def test_four_leave_no_room_for_another(client, entries):
    page = client.get("/initiatives/compare/?code=1103&code=1104&code=1105&code=1106")
    assert "Add an initiative by its code" not in words(page)


def test_a_hundred_codes_need_as_many_queries_as_two(client, entries, django_assert_num_queries):
    # The entries, their organizations, their terms.
    for query in ("code=1103&code=2206A", "&".join(f"code={number}" for number in range(1100, 1200))):
        with django_assert_num_queries(3):
            client.get(f"/initiatives/compare/?{query}")


@pytest.mark.parametrize(("number", "links", "ticks"), [(1, 0, 0), (2, 1, 0), (4, 1, 0), (5, 0, 5)])
@pytest.mark.parametrize("is_sent", [False, True])
def test_shortlist_leads_to_the_comparison_of_all_or_lets_choose_four(client, entries, number, links, ticks, is_sent):  # noqa: PLR0917
    chosen = ["1103", "1104", "1105", "1106", "2206A"][:number]
    if not is_sent:
        client.cookies["shortlist"] = ".".join(chosen)
    query = "?" + "&".join(f"initiative={code}" for code in chosen) if is_sent else ""

    html = client.get(f"/interest/{query}").content.decode()

    assert len(re.findall(r'type="checkbox" name="code"', html)) == ticks
    addresses = re.findall(r'href="(/initiatives/compare/\?[^"]*)"', html)
    assert len(addresses) == links
    assert [codes(client.get(unescape(address))) for address in addresses] == [chosen] * links
