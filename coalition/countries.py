"""Pages of the countries. They join what the catalogue says of a country with the trainings held there.

That is why they stand here: `initiatives` knows nothing of trainings. Interest is no participation and is not read for them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from django.db.models import Case, Count, F, Sum, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_countries import countries as iso

from initiatives.countries import (
    Country,
    by_group,
    conditions,
    find,
    first_of_each_group,
    in_order,
    named,
    own_words,
    taking_part,
)
from initiatives.models import Initiative, SubWorkingGroup, Term
from initiatives.models.entries import published
from trainings.models import Training, TrainingQuerySet

LONGEST_SEARCH = 100
# Entries and trainings of a list on the page of a country; what is more stands in the catalogue.
MOST_NAMED = 60
MOST_OPEN = 8
MOST_APART = 4
MOST_TRAININGS = 24


@dataclass(frozen=True)
class Figures:
    """What is known of a country."""

    country: Country
    taking_part: int = 0
    trainings: int = 0
    participants: int = 0


@dataclass(frozen=True)
class Standing:
    """What a country has in a sub-working group, what is open to it there, and the first entries of that."""

    group: SubWorkingGroup
    taking_part: int
    trainings: int
    open: int
    perhaps_open: int
    first_open: list[Initiative]
    first_perhaps_open: list[Initiative]

    @property
    def has_nothing(self) -> bool:
        return not (self.taking_part or self.trainings)


@require_safe
def countries(request: HttpRequest) -> HttpResponse:
    """Countries with something, by region; a search leads to every other."""
    search = request.GET.get("search", "")[:LONGEST_SEARCH]
    found = find(search)
    if len(found) == 1:
        return redirect(found[0])
    known = figures()
    context = {
        "search": search,
        "found": found,
        "every": iso,
        "regions": by_region(known),
        "known": known.values(),
        "trainings": sum(figure.trainings for figure in known.values()),
        "participants": sum(figure.participants for figure in known.values()),
    }
    return render(request, "countries/countries.html", context)


def figures() -> dict[str, Figures]:
    """Of every country with something, by code, in the order of their names. Two queries."""
    entries = named()
    held = Training.objects.published().exclude(country="").order_by().values_list("country")
    trainings = {
        code: (number, people or 0) for code, number, people in held.annotate(held=Count("pk"), people=Sum("participants"))
    }
    return {
        country.code: Figures(country, entries.get(country.code, 0), *trainings.get(country.code, (0, 0)))
        for country in in_order(entries.keys() | trainings.keys())
    }


def by_region(known: dict[str, Figures]) -> list[tuple[Term | None, list[Figures]]]:
    """The regions that have some of these countries, then None with those of no region. A country can belong to several."""
    regions: list[tuple[Term | None, list[Figures]]] = [
        (region, [figure for code, figure in known.items() if code in region.countries])
        for region in Term.objects.of(Term.Facet.REGION)
    ]
    placed = {figure.country.code for _region, members in regions for figure in members}
    regions.append((None, [figure for code, figure in known.items() if code not in placed]))
    return [(region, members) for region, members in regions if members]


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """A country by its code in small letters; capitals lead there."""
    if code != code.lower():
        return redirect("country", code.lower(), permanent=True)
    if code.upper() not in iso:
        context = {"code": code, "found": find(code.replace("-", " ")[:LONGEST_SEARCH])}
        return render(request, "countries/unknown.html", context, status=HTTPStatus.NOT_FOUND)
    return render(request, "countries/country.html", known_of(Country(code.upper())))


def known_of(country: Country) -> dict[str, object]:
    """What the page of a country shows."""
    code = country.code
    held = Training.objects.published().filter(country=code)
    number, participants, in_groups, in_no_group = held_in(held)
    regions = Term.objects.regions_of(code)
    groups = standings(code, regions, in_groups)
    listed = taking_part(code).order_by("code")[:MOST_NAMED]
    return {
        "country": country,
        "regions": regions,
        "named": [(initiative, own_words(initiative, code)) for initiative in listed],
        "taking_part": sum(group.taking_part for group in groups),
        "trainings": held.newest_first().with_lists()[:MOST_TRAININGS],
        "held": number,
        "participants": participants,
        "in_no_group": in_no_group,
        "groups": groups,
        "groups_with_nothing": [group for group in groups if group.has_nothing],
        "open": sum(group.open for group in groups),
        "perhaps_open": sum(group.perhaps_open for group in groups),
    }


def held_in(held: TrainingQuerySet) -> tuple[int, int, dict[str, int], int]:
    """How many trainings these are, their known participants, their numbers by group of their published initiatives, and how
    many of them have no such initiative.
    """
    number = Case(When(published("initiatives__"), then=F("initiatives__sub_working_group__number")))
    rows = set(held.order_by().values_list("pk", "participants", number))
    trainings = {pk: people or 0 for pk, people, _group in rows}
    placed = {(pk, group) for pk, _people, group in rows if group}
    in_groups = Counter(group for _pk, group in placed)
    in_no_group = len(trainings) - len({pk for pk, _group in placed})
    return len(trainings), sum(trainings.values()), in_groups, in_no_group


def standings(code: str, regions: Iterable[Term], trainings: dict[str, int]) -> list[Standing]:
    """Of a country in every sub-working group; takes its regions and the numbers of its trainings by group. Four queries."""
    groups = list(SubWorkingGroup.objects.select_related("working_group"))
    asked = conditions(code, regions)
    numbers = by_group(asked)
    open_to_it = first_of_each_group(asked["open"], groups, MOST_OPEN)
    perhaps = first_of_each_group(asked["perhaps_open"], groups, MOST_APART)
    return [
        Standing(
            group,
            trainings=trainings.get(group.number, 0),
            first_open=open_to_it[group.pk],
            first_perhaps_open=perhaps[group.pk],
            **{name: counts.get(group.number, 0) for name, counts in numbers.items()},
        )
        for group in groups
    ]
