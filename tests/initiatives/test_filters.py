import re

import pytest
from django.http import QueryDict

from initiatives import changes
from initiatives.catalogue import Catalogue
from initiatives.models import Initiative, SearchDocument, Term
from initiatives.models.search import one_of
from initiatives.pagination import Paginator
from initiatives.templatetags.pagination import numbers
from tests import factories
from tests.pages import Structure, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    incb, who, unodc = (factories.organization(slug) for slug in ("incb", "who", "unodc"))
    training, guidance = factories.term("support", "training"), factories.term("support", "guidance")
    customs, police = factories.term("audience", "customs"), factories.term("audience", "law-enforcement")
    asia = factories.term("region", "central-asia", countries=["KZ", "UZ"])
    factories.initiative("1101", lead=incb, mentioned=who, terms=[training, customs], scope="global", stage="ongoing")
    factories.initiative("1103", lead=unodc, partner=incb, terms=[training, guidance, police, asia], scope="regional")
    factories.initiative("2101", terms=[guidance, customs], languages=["en", "fr"], scope="national", countries=["KE"])
    factories.initiative("3101", lead=who, terms=[guidance], languages=["es"])
    factories.initiative("3102", state="draft", lead=who, terms=[training, customs], scope="global")


def found(query: str) -> list[str]:
    return [initiative.code for initiative in Catalogue(QueryDict(query)).results]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1101", "1103", "2101", "3101"]),
        ("working_group=1", ["1101", "1103"]),
        ("sub_working_group=2.1&sub_working_group=3.1", ["2101", "3101"]),
        ("organization=incb", ["1101", "1103"]),
        ("organization=who", ["3101"]),
        ("support=training", ["1101", "1103"]),
        ("support=training&support=guidance", ["1101", "1103", "2101", "3101"]),
        ("support=guidance&audience=customs", ["2101"]),
        ("language=fr&language=es", ["2101", "3101"]),
        ("stage=ongoing", ["1101"]),
        ("country=KZ", ["1101", "1103"]),
        ("country=KE", ["1101", "2101"]),
        ("country=KE&country=UZ", ["1101", "1103", "2101"]),
        ("search=2101", ["2101"]),
        ("search=&country=&support=&stage=ongoing", ["1101"]),
        ("search=title&support=training&ordering=code", ["1101", "1103"]),
        ("search=title&ordering=title", ["1101", "1103", "2101", "3101"]),
    ],
)
def test_filters_mean_or_within_and_and_across(catalogue, query, expected):
    assert found(query) == expected


def test_results_count_and_pages_agree_in_every_order(catalogue):
    for query, expected in [("search=title", 4), ("search=title&support=training", 2), ("search=title&country=KE", 2), ("", 4)]:
        for ordering in ("relevance", "code", "title", "-updated_at"):
            results = Catalogue(QueryDict(f"{query}&ordering={ordering}")).results
            codes = [initiative.code for initiative in results]
            assert results.count() == len(codes) == len(set(codes)) == expected
            assert [initiative.code for part in (slice(0, 1), slice(1, 4)) for initiative in results[part]] == codes


def test_of_a_thousand_pages_a_few_are_linked():
    pages = Paginator(range(20_000), 20)
    assert list(numbers(pages.get_page(500))) == [1, "…", 498, 499, 500, 501, 502, "…", 1000]
    assert list(numbers(Paginator(range(118), 20).get_page(1))) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("asked", "number"), [(None, 1), ("", 1), ("0", 1), ("-1", 1), ("two", 1), ("1.5", 1), ("9" * 5000, 1), ("2", 2), ("9", 6)]
)
def test_a_page_that_cannot_be_is_the_first_and_one_too_many_the_last(asked, number):
    assert Paginator(range(118), 20).get_page(asked).number == number


@pytest.mark.parametrize("path", ["/initiatives/", "/initiatives/changes/", "/sub-working-groups/1.1/", "/initiatives/feed.atom"])
def test_page_zero_of_every_list_is_its_first(client, db, monkeypatch, path):
    for module in ("catalogue.PER_PAGE", "changelog.PER_PAGE", "views.PER_GROUP_PAGE", "feeds.PER_FEED"):
        monkeypatch.setattr(f"initiatives.{module}", 1)
    factories.initiative("1101")
    changes.record()
    factories.initiative("1102")
    factories.initiative("1104")
    changes.record()
    first, zero, last = (client.get(f"{path}?page={number}").content for number in (1, 0, 9))
    shown = [re.findall(rb"initiatives?/(110\d)", page) for page in (first, zero, last)]
    assert shown[0] == shown[1] != shown[2]


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("", "Filter"),
        ("search=title", "Filter"),
        ("support=training", "Filter (1)"),
        ("search=title&stage=ongoing&country=KZ", "Filter (2)"),
    ],
)
def test_words_of_the_search_do_not_count_as_a_filter(client, catalogue, query, label):
    html = client.get(f"/initiatives/?{query}").content.decode()
    [summary] = re.findall(r'<details class="gc-filter" id="facets">\s*<summary>(.*?)</summary>', html)
    assert re.sub("<.*?>", "", summary) == label


def test_tags_may_hold_quotes(catalogue):
    document = SearchDocument.objects.get(code="1101")
    document.facets = ["topic:o'clock", "stage:ongoing"]
    document.save()
    assert list(SearchDocument.objects.filter(facets__fits=one_of("topic:o'clock", "topic:x"))) == [document]
    assert set(SearchDocument.objects.get(code="1101").facets) == {"topic:o'clock", "stage:ongoing"}


def test_ordering_by_newest_change_puts_the_last_saved_first(catalogue):
    Initiative.objects.get(code="2101").save()
    assert found("ordering=-updated_at")[0] == "2101"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "support=training",
        "search=title&audience=customs",
        "country=KZ&region=central-asia",
        "organization=incb&stage=ongoing",
    ],
)
def test_counts_equal_the_results_of_choosing_them(catalogue, query):
    page = Catalogue(QueryDict(query))
    checked = 0
    for panel in page.panels:
        for value in panel.values:
            others = [] if value.is_chosen else page.query.getlist(panel.name)
            chosen = page.query.copy()
            chosen.setlist(panel.name, [*others, value.value])
            assert value.count == len(found(chosen.urlencode())), (panel.name, value.value)
            checked += 1
    assert checked


def test_panels_keep_a_chosen_value_without_entries(catalogue):
    page = Catalogue(QueryDict("audience=law-enforcement&stage=ongoing"))
    audience = next(panel for panel in page.panels if panel.name == "audience")
    assert [(value.value, value.count, value.is_chosen) for value in audience.values] == [
        ("customs", 1, False),
        ("law-enforcement", 0, True),
    ]


def test_unknown_values_are_named_and_the_rest_stays_in_force(catalogue):
    page = Catalogue(QueryDict("support=training&support=nonsense&audience=customs&surprise=1"))
    assert [initiative.code for initiative in page.results] == ["1101"]
    assert page.problems == ["Kind of support: We do not know “nonsense”."]


@pytest.mark.parametrize(
    "query", ["search=%00", "search=" + "x" * 300, "ordering=sideways", "country=XX", "page=minus", "language=klingon"]
)
def test_nonsense_never_fails(catalogue, query):
    assert found(query) == ["1101", "1103", "2101", "3101"]


def test_what_is_open_follows_the_countries_of_a_region_and_the_place_of_an_entry(catalogue):
    assert found("country=KZ") == ["1101", "1103"]
    asia = Term.objects.get(slug="central-asia")
    asia.countries = ["UZ", "TM"]
    asia.save()
    assert (found("country=KZ"), found("country=TM")) == (["1101"], ["1101", "1103"])
    entry = Initiative.objects.get(code="1103")
    entry.scope, entry.countries = "national", ["MX"]
    entry.save()
    assert (found("country=TM"), found("country=MX")) == (["1101"], ["1101", "1103"])


def test_entries_that_do_not_say_where_they_run_are_shown_apart(catalogue):
    page = Catalogue(QueryDict("country=KZ"))
    assert [initiative.code for initiative in page.perhaps_open] == ["3101"]
    assert Catalogue(QueryDict("")).perhaps_open == []


@pytest.mark.parametrize(
    ("query", "results", "apart"),
    [
        ("region=central-asia", ["1103"], ["1101", "3101"]),
        ("region=central-asia&audience=customs", [], ["1101"]),
        ("region=central-asia&search=1103", ["1103"], []),
        ("region=central-asia&country=KZ", ["1103"], ["1101", "3101"]),
        ("region=central-asia&country=KE", [], ["1101", "3101"]),
        ("region=pacific", [], ["1101", "3101"]),
        ("country=KE", ["1101", "2101"], ["3101"]),
        ("support=guidance", ["1103", "2101", "3101"], []),
    ],
)
def test_what_may_run_at_the_chosen_place_stands_apart(catalogue, query, results, apart):
    factories.term("region", "pacific", countries=["FJ"])
    page = Catalogue(QueryDict(query))
    assert ([entry.code for entry in page.results], [entry.code for entry in page.perhaps_open]) == (results, apart)
    assert page.perhaps_open_count == len(apart)


def test_title_orders_in_capitals_and_small_letters_alike(catalogue):
    for code, title in [("1101", "beta"), ("1103", "Gamma"), ("2101", "Alpha"), ("3101", "delta")]:
        entry = Initiative.objects.get(code=code)
        entry.title = title
        entry.save()
    assert found("ordering=title") == ["2101", "1101", "3101", "1103"]


def test_links_keep_the_view_and_filters_do_not_know_it(catalogue):
    page = Catalogue(QueryDict("view=table&support=training"))
    assert (page.is_table, page.query.urlencode(), page.problems) == (True, "support=training", [])
    assert ([chip.without for chip in page.chips], page.cleared) == (["?view=table"], "?view=table")
    assert not Catalogue(QueryDict("view=nonsense")).is_table


@pytest.mark.parametrize(
    ("query", "shown", "carried"),
    [
        ("", "code", ""),
        ("ordering=relevance", "code", ""),
        ("ordering=title", "title", "title"),
        ("search=title", "relevance", ""),
        ("search=title&ordering=code", "code", "code"),
    ],
)
def test_form_carries_an_order_that_does_not_come_by_itself(catalogue, query, shown, carried):
    page = Catalogue(QueryDict(query))
    assert (page.ordering, page.asked_ordering) == (shown, carried)


def test_form_keeps_the_further_countries_of_an_address(catalogue):
    page = Catalogue(QueryDict("country=KE&country=UZ"))
    assert [value.value for value in page.countries if value.is_chosen] == ["KE"]
    assert page.further_countries == ["UZ"]


def test_chips_lead_to_the_page_without_them(catalogue):
    page = Catalogue(QueryDict("search=title&support=training&support=guidance&country=KZ"))
    without = {chip.value: dict(QueryDict(chip.without.removeprefix("?")).lists()) for chip in page.chips}
    everything = {"search": ["title"], "support": ["training", "guidance"], "country": ["KZ"]}
    assert without == {
        "title": {name: everything[name] for name in ("support", "country")},
        "Training": everything | {"support": ["guidance"]},
        "Guidance": everything | {"support": ["training"]},
        "Kazakhstan": {name: everything[name] for name in ("search", "support")},
    }


def test_entries_apart_come_in_the_order_of_the_results(catalogue):
    factories.initiative("2301", title="Other", summary="Naloxone is mentioned here")
    factories.initiative("2302", title="Naloxone")
    found = {
        query: [entry.code for entry in Catalogue(QueryDict(query)).perhaps_open]
        for query in ("country=KE&search=naloxone", "country=KE&search=naloxone&ordering=code", "country=KE&ordering=title")
    }
    assert list(found.values()) == [["2302", "2301"], ["2301", "2302"], ["2302", "2301", "3101"]]


def test_entries_apart_can_be_put_on_the_shortlist_and_taken_along_by_themselves(client, catalogue):
    page = client.get("/initiatives/?country=KE")
    html = page.content.decode()
    apart = html[html.index('id="apart"') : html.index('id="take-along"')]
    assert re.findall(r'name="add" value="(\w+)"', apart) == ["3101"]
    assert "1 more initiative may be open too: it stands apart, and is not in this briefing and not in this list." in words(page)
    assert re.findall(r'href="/initiatives/export.csv\?([^"]*)"', html) == ["country=KE", "country=KE&amp;bom=1", "code=3101"]
    assert Structure(html).faults == []
    assert "may be open too" not in words(client.get("/initiatives/?support=training"))


def test_entries_apart_are_counted_beyond_those_shown(catalogue, monkeypatch):
    monkeypatch.setattr("initiatives.catalogue.MOST_APART", 2)
    for code in ("3201", "3202"):
        factories.initiative(code)
    page = Catalogue(QueryDict("country=KZ"))
    assert ([entry.code for entry in page.perhaps_open], page.perhaps_open_count) == (["3101", "3201"], 3)


@pytest.mark.parametrize("path", ["/initiatives/", "/initiatives/changes/", "/interest/subscribe/"])
def test_page_says_what_of_its_address_it_did_not_understand(client, db, path):
    assert "Topic: We do not know “bogus”. It was left out." in words(client.get(f"{path}?topic=bogus"))
    assert "These were left out." in words(client.get(f"{path}?topic=bogus&stage=bogus"))
    assert "not understood" not in words(client.get(f"{path}?search=training"))
