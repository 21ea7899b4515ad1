"""What the catalogue page shows: the results, the facets with their counts, the filters in force and what was wrong with them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django_countries import countries

from initiatives.facets import FACETS
from initiatives.filters import ORDERINGS, InitiativeFilter
from initiatives.models import Initiative, InitiativeQuerySet
from initiatives.search import Snippet

PER_PAGE = 20
MOST_APART = 200


@dataclass(frozen=True)
class Result:
    """An entry and, if there was a search, its matching passages."""

    initiative: Initiative
    snippet: Snippet


@dataclass(frozen=True)
class Value:
    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class FacetPanel:
    name: str
    label: str | Promise
    values: list[Value]

    @property
    def is_open(self) -> bool:
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
        asked = InitiativeFilter(query, queryset=Initiative.objects.none())
        self.query = self._understood(asked.data, asked.form)
        self.filterset = InitiativeFilter(self.query, queryset=Initiative.objects.published(), choices=asked.choices)
        # Cleaned once here; what is left is valid.
        self.filterset.form.full_clean()

    def _understood(self, query: QueryDict, form: Form) -> QueryDict:
        """The part of the query that the filters know; what they do not know goes into `problems`."""
        understood = query.copy()
        for name in set(query) - set(form.fields):
            del understood[name]
        for name, errors in form.errors.items():
            field = form.fields[name]
            told = {"filter": field.label, "error": " ".join(map(str, errors))}
            self.problems.append(_("%(filter)s: %(error)s It was left out.") % told)
            known = getattr(field, "valid_value", lambda value: False)
            understood.setlist(name, [value for value in query.getlist(name) if known(value)])
        return understood

    @cached_property
    def results(self) -> InitiativeQuerySet:
        return self.filterset.ordered(self.filterset.narrowed())

    def page(self, number: str | None) -> Page[Any]:
        """One page of `Result`s. A number that makes no sense gives the first or the last page."""
        page: Page[Any] = Paginator(self.results.with_lists(), PER_PAGE).get_page(number)
        initiatives = list(page.object_list)
        passages = self.filterset.found.snippets(initiatives)
        # A match in the title or a term alone leaves the text without a hit: the card then begins it as without a search.
        hits = {pk: passage for pk, passage in passages.items() if any(is_hit for _text, is_hit in passage)}
        page.object_list = [Result(initiative, hits.get(initiative.pk, [])) for initiative in initiatives]
        return page

    @cached_property
    def panels(self) -> list[FacetPanel]:
        """The facets with every value that has entries or is chosen."""
        counts = self.filterset.counts()
        panels = []
        for facet in FACETS:
            chosen = self.filterset.chosen.get(facet.name, [])
            found = counts.get(facet.name, {})
            values = [
                Value(value, label, found.get(value, 0), value in chosen)
                for value, label in self.filterset.choices[facet.name]
                if found.get(value) or value in chosen
            ]
            panels.append(FacetPanel(facet.name, facet.label, values))
        return panels

    @cached_property
    def chips(self) -> list[Chip]:
        labels = self.filterset.choices | {"country": list(countries)}
        chips = []
        if self.search:
            chips.append(Chip(_("Search"), self.search, self._without("search", self.search)))
        for name, values in self.filterset.chosen.items():
            if name in labels:
                names = dict(labels[name])
                label = str(self.filterset.filters[name].label)
                chips += [Chip(label, str(names[value]), self._without(name, value)) for value in values]
        return chips

    def _without(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.setlist(name, [other for other in query.getlist(name) if other.strip() != value])
        return "?" + query.urlencode()

    @cached_property
    def perhaps_open(self) -> list[Initiative]:
        """The first of the entries that do not say where they run; `perhaps_open_count` tells how many there are."""
        return list(self.filterset.perhaps_open()[:MOST_APART])

    @cached_property
    def perhaps_open_count(self) -> int:
        return self.filterset.perhaps_open().count() if len(self.perhaps_open) == MOST_APART else len(self.perhaps_open)

    @property
    def orderings(self) -> list[Value]:
        """Without a search there is no best match, and entries come by their code."""
        chosen = self.filterset.form.cleaned_data.get("ordering") or "relevance"
        known = dict(ORDERINGS)
        if not self.search:
            del known["relevance"]
            chosen = chosen if chosen in known else "code"
        return [Value(value, str(label), 0, value == chosen) for value, label in known.items()]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Number and name of the sub-working groups, for those who found nothing."""
        return self.filterset.choices["sub_working_group"]

    @property
    def countries(self) -> list[Value]:
        chosen = self.filterset.chosen.get("country", [])
        return [Value(code, name, 0, code in chosen) for code, name in countries]

    @property
    def spelling(self) -> dict[str, str] | None:
        """What was searched instead of the words as typed, and the address that searches for those."""
        if not (corrected := self.filterset.found.corrected):
            return None
        query = self.query.copy()
        query["search"] = self.filterset.found.literal
        return {"corrected": corrected, "typed": self.search, "literally": "?" + query.urlencode()}

    @property
    def share(self) -> float:
        """Which share of the words the entries have: 1 if all."""
        return self.filterset.found.share

    @property
    def search(self) -> str:
        return str(self.filterset.form.cleaned_data.get("search", ""))
