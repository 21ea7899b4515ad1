"""What the catalogue page shows: the results, the facets with their counts, the filters in force and what was wrong with them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.forms import Form
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_countries import countries

from initiatives import facets
from initiatives.countries import Country
from initiatives.doors import door
from initiatives.filters import ORDERINGS, RELEVANCE, InitiativeFilter
from initiatives.models import Initiative, Organization, SearchDocument
from initiatives.pagination import Paginator
from initiatives.results import Results
from initiatives.search import SearchResult, Snippet

PER_PAGE = 20
MOST_APART = 100
TABLE = "table"


@dataclass(frozen=True)
class Result:
    """An entry and, if there was a search, its matching passages."""

    initiative: Initiative
    snippet: Snippet


@dataclass(frozen=True)
class Value:
    """Something to choose. `count` is the number of results that one gets: by a first choice, or by adding it to those made.

    For a value that is chosen it is the number of results that it accounts for.
    """

    value: str
    label: str
    count: int
    is_chosen: bool

    @property
    def leaves_nothing(self) -> bool:
        return not self.count and not self.is_chosen


@dataclass(frozen=True)
class FacetPanel:
    name: str
    label: str | Promise
    values: list[Value]

    @property
    def has_choice(self) -> bool:
        return any(value.is_chosen for value in self.values)


@dataclass(frozen=True)
class Chip:
    """A filter in force and the address without it."""

    label: str
    value: str
    without: str


class Catalogue:
    """Takes the page's query. Values that mean nothing are left out and named in `problems`; the rest stays in force."""

    def __init__(self, query: QueryDict) -> None:
        self.problems: list[str] = []
        self.is_table = query.get("view") == TABLE
        self.organizations = list(facets.organizations())
        documents, choices = SearchDocument.objects.published(), facets.choices(self.organizations)
        asked = InitiativeFilter(query, queryset=documents, choices=choices)
        self.query = self._understood(asked.data, asked.form)
        self.filterset = InitiativeFilter(self.query, queryset=documents, choices=choices) if asked.form.errors else asked
        # Cleaned once here; what is left is valid.
        self.filterset.form.is_valid()

    def _understood(self, query: QueryDict, form: Form) -> QueryDict:
        """The part of the query that the filters know; what they do not know goes into `problems`."""
        understood = query.copy()
        for name in set(query) - set(form.fields):
            del understood[name]
        for name, errors in form.errors.items():
            field = form.fields[name]
            told = {"label": field.label, "value": " ".join(map(str, errors))}
            self.problems.append(_("%(label)s: %(value)s") % told)
            known = getattr(field, "valid_value", lambda value: False)
            understood.setlist(name, [value for value in query.getlist(name) if known(value)])
        return understood

    @cached_property
    def results(self) -> Results:
        results: Results = self.filterset.qs
        return results

    @cached_property
    def paginator(self) -> Paginator:
        paginator = Paginator(self.results, PER_PAGE)  # type: ignore[arg-type] # has what a paginator uses of a queryset
        # Every entry stands in one sub-working group, so the numbers beside the filters say how many there are.
        paginator.count = sum(self._counts["sub_working_group"].values())
        return paginator

    def page(self, number: str | None) -> Page[Any]:
        """One page of `Result`s. A number that makes no sense gives the first or the last page."""
        page = self.paginator.get_page(number)
        initiatives = list(page.object_list)
        passages = self.found.snippets(initiatives)
        # A match in the title or a term alone leaves the text without a hit: the card then begins it as without a search.
        hits = {pk: passage for pk, passage in passages.items() if any(is_hit for _text, is_hit in passage)}
        page.object_list = [Result(initiative, hits.get(initiative.pk, [])) for initiative in initiatives]
        return page

    @cached_property
    def panels(self) -> list[FacetPanel]:
        """The facets with all values, also those that would leave nothing; of organizations those that ever have entries."""
        return [FacetPanel(facet.name, facet.label, self._values(facet.name)) for facet in facets.FACETS]

    def _values(self, name: str) -> list[Value]:
        chosen = self.filterset.chosen.get(name, [])
        choices = self.filterset.choices[name]
        values = [Value(value, label, self._count(name, value), value in chosen) for value, label in choices]
        if name == "organization":
            known = facets.with_entries([value.value for value in values if value.leaves_nothing])
            return [value for value in values if not value.leaves_nothing or value.value in known]
        return values

    def _count(self, name: str, value: str) -> int:
        chosen = self.filterset.chosen.get(name, [])
        if not chosen or value in chosen:
            return self._counts[name].get(value, 0)
        return self.paginator.count + self._added_counts[name].get(value, 0)

    @cached_property
    def _counts(self) -> facets.Counts:
        return self.filterset.counts()

    @cached_property
    def _added_counts(self) -> facets.Counts:
        return self.filterset.added_counts()

    @cached_property
    def chips(self) -> list[Chip]:
        labels = self.filterset.choices | {"country": list(countries)}
        chips = []
        if self.search:
            chips.append(Chip(pgettext("what was searched for", "Search"), self.search, self._without("search", self.search)))
        for name, values in self.filterset.chosen.items():
            if name in labels:
                names = dict(labels[name])
                label = str(self.filterset.filters[name].label)
                chips += [Chip(label, str(names[value]), self._without(name, value)) for value in values]
        return chips

    @property
    def filter_chips(self) -> list[Chip]:
        """Without that of the search."""
        return self.chips[1:] if self.search else self.chips

    def _without(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.setlist(name, [other for other in query.getlist(name) if other.strip() != value])
        return self._address(query)

    @property
    def cleared(self) -> str:
        return self._address(QueryDict(mutable=True))

    def _address(self, query: QueryDict) -> str:
        """The page with these filters, in the view that is shown now."""
        if self.is_table:
            query["view"] = TABLE
        return "?" + query.urlencode()

    @cached_property
    def perhaps_open(self) -> list[Initiative]:
        """The first of the entries that may run at the chosen place too; `perhaps_open_count` tells how many there are."""
        return self.filterset.perhaps_open().in_lines(MOST_APART)

    @cached_property
    def perhaps_open_count(self) -> int:
        return self.filterset.perhaps_open().count() if len(self.perhaps_open) == MOST_APART else len(self.perhaps_open)

    @property
    def perhaps_open_query(self) -> str:
        """What leads to the same entries in another form."""
        return urlencode([("code", initiative.code) for initiative in self.perhaps_open])

    @property
    def ordering(self) -> str:
        """Without a search there is no best match, and entries come by their code."""
        chosen = str(self.filterset.form.cleaned_data.get("ordering") or RELEVANCE)
        return self._usual_ordering if chosen == RELEVANCE else chosen

    @property
    def _usual_ordering(self) -> str:
        return RELEVANCE if self.search else "code"

    @property
    def asked_ordering(self) -> str:
        """What a form has to carry on: an order that does not come by itself."""
        return "" if self.ordering == self._usual_ordering else self.ordering

    @property
    def orderings(self) -> list[Value]:
        known = [(value, str(label)) for value, label in ORDERINGS if value != RELEVANCE or self.search]
        return [Value(value, label, 0, value == self.ordering) for value, label in known]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Number and name of the sub-working groups, for those who found nothing."""
        return self.filterset.choices["sub_working_group"]

    @property
    def countries(self) -> list[Value]:
        chosen = self.filterset.chosen.get("country", [])
        return [Value(code, name, 0, code in chosen[:1]) for code, name in countries]

    @property
    def further_countries(self) -> list[str]:
        """An address may name several; the select shows the first."""
        return self.filterset.chosen.get("country", [])[1:]

    @property
    def spelling(self) -> dict[str, str] | None:
        """What was searched instead of the words as typed, and the address that searches for those."""
        if not (corrected := self.found.corrected):
            return None
        query = self.query.copy()
        query["search"] = self.found.literal
        return {"corrected": corrected, "typed": self.search, "literally": self._address(query)}

    @property
    def found(self) -> SearchResult:
        """What the search found, before any filter."""
        return self.filterset.found

    @cached_property
    def door(self) -> Organization | Country | None:
        """What the words of the search are a name of."""
        return door(self.search, self.found.units, self.organizations) if self.search else None

    @property
    def search(self) -> str:
        return str(self.filterset.form.cleaned_data.get("search", ""))
