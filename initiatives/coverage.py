"""Where the catalogue is thick and where it is thin: sub-working groups by kinds of support and by regions.

Every number is the number of published entries that the catalogue shows for the same filters; the tables are counted in SQL.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet, TextField, Value
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives.models import Initiative, SubWorkingGroup, Term

# Steps of color above the one for nothing.
STEPS = 4
FACETS = [Term.Facet.SUPPORT, Term.Facet.REGION]
Counts = dict[tuple[int, int], int]


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
    """Groups by kinds of support, then by regions. Four queries."""
    groups = list(SubWorkingGroup.objects.with_entry_counts())
    terms = list(Term.objects.filter(facet__in=FACETS))
    counts, beside = _counts(), _beside()
    return [
        _table(facet, groups, [term for term in terms if term.facet == facet], counts, beside.get(facet, [])) for facet in FACETS
    ]


def _counts() -> Counts:
    """Numbers of published entries by id of the group and id of the term: with many entries, names would double the time."""
    terms = Term.objects.filter(facet__in=FACETS)
    entries = Initiative.objects.published().order_by().filter(terms__in=terms)
    rows = entries.values_list("sub_working_group", "terms").annotate(entries=Count("*"))
    return {(group, term): entries for group, term, entries in rows}


def _beside() -> dict[Term.Facet, list[tuple[Promise, dict[int, int]]]]:
    """For each facet the columns of entries without a term of it: a name, and numbers by id of the group.

    A global entry names no region because every country may ask: that says something else than no word about where it runs.
    """
    numbers: dict[tuple[str, bool], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for facet, group, scope, entries in _without(Term.Facet.SUPPORT).union(_without(Term.Facet.REGION), all=True):
        numbers[facet, facet == Term.Facet.REGION and scope == Initiative.Scope.GLOBAL][group] += entries
    return {
        Term.Facet.SUPPORT: [(_("Not stated"), numbers["support", False])],
        Term.Facet.REGION: [(_("Every region"), numbers["region", True]), (_("Not stated"), numbers["region", False])],
    }


def _without(facet: Term.Facet) -> QuerySet:
    """Numbers of published entries without a term of the facet, by facet, id of the group and scope."""
    links = Initiative.terms.through.objects.filter(term__facet=facet)
    bare = Initiative.objects.published().order_by().exclude(pk__in=links.values("initiative"))
    named = bare.annotate(facet=Value(facet, TextField()))
    return named.values_list("facet", "sub_working_group", "scope").annotate(entries=Count("*"))


def _table(
    facet: Term.Facet,
    groups: list[Any],
    terms: list[Term],
    counts: Counts,
    beside: list[tuple[Promise, dict[int, int]]],
) -> HeatTable:
    largest = max((counts.get((group.pk, term.pk), 0) for group in groups for term in terms), default=0)

    def cell(group: SubWorkingGroup, term: Term) -> Cell:
        count = counts.get((group.pk, term.pk), 0)
        query = urlencode({"sub_working_group": group.number, facet.value: term.slug})
        return Cell(count, query, step_of(count, largest))

    def total(term: Term) -> Cell:
        return Cell(sum(counts.get((group.pk, term.pk), 0) for group in groups), urlencode({facet.value: term.slug}))

    rows = [
        Row(
            group,
            [cell(group, term) for term in terms],
            [numbers.get(group.pk, 0) for _name, numbers in beside],
            Cell(group.entries, urlencode({"sub_working_group": group.number})),
        )
        for group in groups
    ]
    asides = [Aside(name, sum(numbers.values())) for name, numbers in beside]
    return HeatTable(facet, [Column(term, total(term)) for term in terms], rows, asides)
