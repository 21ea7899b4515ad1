"""Where the catalogue is thick and where it is thin: sub-working groups by kinds of support and by regions.

Every number is the number of published entries that the catalogue shows for the same filters, and is counted in the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import sub

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives import facets
from initiatives.models import Initiative, SearchDocument, SubWorkingGroup, Term
from initiatives.models.search import one_of, tag

# Steps of color above the one for nothing.
STEPS = 4
FACETS = [Term.Facet.SUPPORT, Term.Facet.REGION]


@dataclass(frozen=True)
class Cell:
    """A number, the filters of the catalogue that give it, and the step of its color: 0 for nothing."""

    count: int
    query: str
    step: int = 0


@dataclass(frozen=True)
class Column:
    """A term with all its entries. They add up: an entry stands in one group."""

    term: Term
    total: Cell

    def __str__(self) -> str:
        return str(self.term)


@dataclass(frozen=True)
class Aside:
    """A column beside the terms, for which the catalogue has no filter."""

    name: str | Promise
    total: int


@dataclass(frozen=True)
class Row:
    group: SubWorkingGroup
    cells: list[Cell]
    asides: list[int]
    total: Cell


@dataclass(frozen=True)
class Place:
    """A group and a term, with the number of entries there."""

    group: SubWorkingGroup
    term: Term
    count: int

    def __str__(self) -> str:
        return gettext("%(term)s in group %(number)s") % {"term": self.term, "number": self.group.number}


@dataclass(frozen=True)
class HeatTable:
    facet: Term.Facet
    columns: list[Column]
    rows: list[Row]
    asides: list[Aside]

    @property
    def entries(self) -> int:
        return sum(row.total.count for row in self.rows)

    @cached_property
    def places(self) -> list[Place]:
        return [
            Place(row.group, column.term, cell.count)
            for row in self.rows
            for column, cell in zip(self.columns, row.cells, strict=True)
        ]

    @property
    def thickest(self) -> list[Place]:
        """The places with the most entries, all that share this number; none where there is nothing at all."""
        most = max((place.count for place in self.places), default=0)
        return [place for place in self.places if place.count == most > 0]

    @property
    def thinnest(self) -> list[Column]:
        """The terms with the fewest entries, all that share this number."""
        fewest = min((column.total.count for column in self.columns), default=0)
        return [column for column in self.columns if column.total.count == fewest]

    @property
    def gaps(self) -> list[tuple[SubWorkingGroup, list[Term]]]:
        """For each group that has any, the terms with which it has no entry."""
        missing = [(row.group, [place.term for place in self._empty if place.group == row.group]) for row in self.rows]
        return [(group, terms) for group, terms in missing if terms]

    @property
    def gap_count(self) -> int:
        return len(self._empty)

    @cached_property
    def _empty(self) -> list[Place]:
        return [place for place in self.places if not place.count]

    @property
    def legend(self) -> Iterator[tuple[int, int, int]]:
        """Each step of color with the smallest and the largest number that has it."""
        largest = max((place.count for place in self.places), default=0)
        yield 0, 0, 0
        for step in range(1, STEPS + 1):
            low, high = largest * (step - 1) // STEPS + 1, largest * step // STEPS
            if low <= high:
                yield step, low, high


def step_of(count: int, largest: int) -> int:
    """Nothing has a step of its own; the rest share the way to the largest number evenly."""
    return -(-count * STEPS // largest) if count else 0


def tables() -> list[HeatTable]:
    """Groups by kinds of support, then by regions. Three queries."""
    groups = list(SubWorkingGroup.objects.select_related("working_group"))
    known = list(Term.objects.filter(facet__in=FACETS))
    terms = [[term for term in known if term.facet == facet] for facet in FACETS]
    counts, *without = _counts(groups, ["", *map(_none_of, terms)])
    beside = [_beside(facet, numbers) for facet, numbers in zip(FACETS, without, strict=True)]
    return [
        _table(facet, groups, of_facet, counts, columns) for facet, of_facet, columns in zip(FACETS, terms, beside, strict=True)
    ]


def _none_of(terms: list[Term]) -> str:
    return f"!{one_of(*(tag(term.facet, term.slug) for term in terms))}" if terms else ""


def _counts(groups: list[SubWorkingGroup], conditions: list[str]) -> Iterator[list[facets.Counts]]:
    """For each condition the numbers of published entries that fit it, in the order of the groups. One query for all."""
    having, published = facets.BY_NAME["sub_working_group"].having, SearchDocument.objects.published()
    asked = [" & ".join(filter(None, [having([group.number]), condition])) for condition in conditions for group in groups]
    counted = iter(facets.counts(*(published.filter(facets__fits=condition) for condition in asked)))
    return (list(islice(counted, len(groups))) for _condition in conditions)


def _beside(facet: Term.Facet, counts: list[facets.Counts]) -> dict[str | Promise, list[int]]:
    """The columns of entries without a term of the facet: a name, and numbers in the order of the groups.

    A global entry names no region because every country may ask: that says something else than no word about where it runs.
    """
    everywhere = [numbers["scope"].get(Initiative.Scope.GLOBAL, 0) for numbers in counts]
    entries = [sum(numbers["scope"].values()) for numbers in counts]
    if facet == Term.Facet.SUPPORT:
        return {_("Not stated"): entries}
    return {_("Every region"): everywhere, _("Not stated"): list(map(sub, entries, everywhere))}


def _table(
    facet: Term.Facet,
    groups: list[SubWorkingGroup],
    terms: list[Term],
    counts: list[facets.Counts],
    beside: dict[str | Promise, list[int]],
) -> HeatTable:
    """Takes the numbers in the order of the groups."""
    numbers = [[counted[facet].get(term.slug, 0) for term in terms] for counted in counts]
    largest = max((count for row in numbers for count in row), default=0)

    def cell(group: SubWorkingGroup, term: Term, count: int) -> Cell:
        query = urlencode({"sub_working_group": group.number, facet.value: term.slug})
        return Cell(count, query, step_of(count, largest))

    rows = [
        Row(
            group,
            [cell(group, term, count) for term, count in zip(terms, row, strict=True)],
            [column[place] for column in beside.values()],
            Cell(sum(counts[place]["scope"].values()), urlencode({"sub_working_group": group.number})),
        )
        for place, (group, row) in enumerate(zip(groups, numbers, strict=True))
    ]
    columns = [
        Column(term, Cell(sum(row[place] for row in numbers), urlencode({facet.value: term.slug})))
        for place, term in enumerate(terms)
    ]
    return HeatTable(facet, columns, rows, [Aside(name, sum(column)) for name, column in beside.items()])
