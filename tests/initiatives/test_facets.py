"""Counts beside the filters equal what one gets, on the real catalogue and for many combinations of filters."""

import random
import re

import pytest
from django.http import QueryDict
from django.urls import reverse

from initiatives import facets
from initiatives.catalogue import Catalogue, Value
from initiatives.filters import InitiativeFilter
from initiatives.models import SearchDocument

pytestmark = pytest.mark.django_db

COMBINATIONS = range(25)
SEARCHES = ["", "", "training", "precursor", "laboratory equipment", "overdose"]
COUNTRIES = ["", "", "KZ", "MX"]


@pytest.fixture
def entries(catalogue):
    return facets.choices(facets.organizations())


def some_query(seed: int, choices) -> QueryDict:
    """Up to three facets with up to three values each, at times with a search and a country."""
    chance = random.Random(seed)
    query = QueryDict(mutable=True)
    query["search"], query["country"] = chance.choice(SEARCHES), chance.choice(COUNTRIES)
    for facet in chance.sample(facets.FACETS, chance.randint(0, 3)):
        values = [value for value, _label in choices[facet.name]]
        query.setlist(facet.name, chance.sample(values, min(chance.randint(1, 3), len(values))))
    return query


def following(catalogue: Catalogue, name: str, value: Value) -> QueryDict:
    """The address that a tick leads to; of a value that is ticked, the one that has it alone."""
    query = catalogue.query.copy()
    query.setlist(name, [value.value] if value.is_chosen else [*query.getlist(name), value.value])
    return query


def counted(query: QueryDict, choices) -> int:
    return InitiativeFilter(query, queryset=SearchDocument.objects.published(), choices=choices).qs.count()


def test_every_count_equals_the_results_of_following_it(entries):
    wrong, checked, with_choice, empty = [], 0, 0, 0
    for seed in COMBINATIONS:
        catalogue = Catalogue(some_query(seed, entries))
        chance = random.Random(seed)
        for panel in catalogue.panels:
            for value in chance.sample(panel.values, min(2, len(panel.values))):
                query = following(catalogue, panel.name, value)
                if value.count != counted(query, entries):
                    wrong.append((query.urlencode(), value))
                checked += 1
                with_choice += panel.has_choice
                empty += value.leaves_nothing
    assert wrong == []
    assert min(checked - with_choice, with_choice, empty) > 40


def shown(html: str) -> dict[tuple[str, str], int]:
    """The counts on the page, by facet and value."""
    found = re.findall(r'id="count-([a-z_]+)-([\w.-]+)">(\d+)', html)
    return {(name, value): int(count) for name, value, count in found}


@pytest.mark.parametrize("seed", [3, 7, 12, 21])
def test_page_and_api_give_as_many_as_the_count_says(client, entries, seed):
    query = some_query(seed, entries)
    counts = shown(client.get(reverse("initiatives:catalogue"), query).content.decode())
    chosen = {name: query.getlist(name) for name in query}
    assert len(counts) > 60
    for name, value in random.Random(seed).sample(sorted(counts), 6):
        ticked = chosen.get(name, [])
        followed = chosen | {name: [value] if value in ticked else [*ticked, value]}
        page = client.get(reverse("initiatives:catalogue"), followed)
        answer = client.get(reverse("api:initiative-list"), followed).json()
        assert page.context["page"].paginator.count == answer["count"] == counts[name, value], (followed, name, value)


def test_a_choice_that_would_leave_nothing_is_shown_and_said(client, entries):
    html = client.get("/initiatives/?region=pacific&support=network").content.decode()
    empty = Catalogue(QueryDict("region=pacific&support=network"))
    nothing = [value for panel in empty.panels for value in panel.values if value.leaves_nothing]
    assert nothing
    assert html.count("gc-facet__nothing") == html.count('>0<span class="usa-sr-only"> leaves nothing</span>') == len(nothing)


def test_organizations_that_are_only_mentioned_are_no_choice(entries):
    panel = next(panel for panel in Catalogue(QueryDict("")).panels if panel.name == "organization")
    offered = {value.value for value in panel.values}
    assert offered == facets.with_entries([slug for slug, _label in entries["organization"]])
    assert all(value.count for value in panel.values)
    assert len(offered) < len(entries["organization"])
    asked = next(panel for panel in Catalogue(QueryDict("organization=icao")).panels if panel.name == "organization")
    assert ("icao", 0, True) in [(value.value, value.count, value.is_chosen) for value in asked.values] or "icao" in offered
