"""The filters of the catalogue, the same for its page and the API (design §6)."""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

import django_filters
from django.db.models.functions import Collate, Lower
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries import countries
from drf_spectacular.utils import extend_schema_field

from initiatives import facets
from initiatives.models import Initiative, InitiativeQuerySet, SearchDocument, SearchDocumentQuerySet
from initiatives.models.search import one_of, open_to, tag
from initiatives.results import Results
from initiatives.search import SearchResult, search

UNKNOWN = {"invalid_choice": _("We do not know “%(value)s”.")}
RELEVANCE = "relevance"
ORDERINGS = [
    (RELEVANCE, _("Best match")),
    ("code", _("Code")),
    ("title", _("Title")),
    ("-updated_at", _("Newest change")),
]


class FacetFilter(django_filters.MultipleChoiceFilter):
    """One facet; its choices come with the filter set, so that all of them cost three queries."""

    def __init__(self, facet: facets.Facet, choices: Iterable[facets.Choice] = (), **kwargs: Any) -> None:
        super().__init__(label=facet.label, choices=choices, error_messages=UNKNOWN, **kwargs)
        self.facet = facet


class InitiativeFilter(django_filters.FilterSet):
    """Narrows the rows of published initiatives in the search table. `qs` are the entries: by relevance if there is a search,
    else by code.
    """

    search = django_filters.CharFilter(label=pgettext_lazy("what was searched for", "Search"), method="unchanged", max_length=200)
    country = extend_schema_field(
        {"type": "string", "pattern": "^[A-Z]{2}$", "description": "Open to this country (ISO 3166-1 alpha-2)"}
    )(
        django_filters.MultipleChoiceFilter(
            # Not a list, which would be copied for every request.
            label=_("Open to country"),
            choices=lambda: countries,
            method="unchanged",
            error_messages=UNKNOWN,
        )
    )
    ordering = django_filters.ChoiceFilter(
        label=_("Order"), choices=ORDERINGS, method="unchanged", empty_label=None, error_messages=UNKNOWN
    )

    def __init__(self, data: QueryDict, *args: Any, choices: dict[str, list[facets.Choice]] | None = None, **kwargs: Any) -> None:
        super().__init__(without_empty(data), *args, **kwargs)
        self.choices = choices or facets.choices(facets.organizations())
        for facet in facets.FACETS:
            # Made anew: the schema's generator reads the field of the class's own filter, which keeps it without choices.
            self.filters[facet.name] = FacetFilter(facet, field_name=facet.name, choices=self.choices[facet.name])

    def unchanged(self, queryset: SearchDocumentQuerySet, name: str, value: object) -> SearchDocumentQuerySet:
        """The search is where `narrowed` begins, `conditions` narrow, the order comes after them."""
        return queryset

    @cached_property
    def found(self) -> SearchResult:
        """The search alone, before any facet."""
        return search(self.form.cleaned_data.get("search", ""), self.queryset)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The values in force, by filter."""
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @cached_property
    def conditions(self) -> dict[str, str]:
        """What each filter in force asks of the tags of a row. One query if there is a country, for its regions."""
        asked = {facet.name: facet.having(values) for facet in facets.FACETS if (values := self.chosen.get(facet.name))}
        if countries := self.chosen.get("country"):
            asked["country"] = open_to(*countries)
        return asked

    def filter_queryset(self, queryset: SearchDocumentQuerySet) -> Results:
        return self.results(self.conditions.values(), None if self.conditions else self.found.hits)

    def narrowed(self) -> SearchDocumentQuerySet:
        """Rows that pass the search and every filter."""
        return narrow(self.found.documents, self.conditions.values())

    def others(self, *names: str) -> list[str]:
        """The conditions of all filters in force but these."""
        return [condition for name, condition in self.conditions.items() if name not in names]

    def initiatives(self) -> InitiativeQuerySet:
        """Entries that pass the search and every filter, in no order."""
        return Initiative.objects.published().filter(pk__in=self.narrowed().values("pk"))

    def results(self, conditions: Collection[str], known_count: int | None = None) -> Results:
        """What the search finds and fits, in the order that is asked for."""
        wanted = self.form.cleaned_data.get("ordering") or RELEVANCE
        is_whole = not (self.found.query or conditions)
        # Where something narrows, PostgreSQL would look into one entry after the other along the index of their codes.
        by_code = "code" if is_whole else Collate("code", "C")
        fields: dict[str, list[Any]] = {
            RELEVANCE: self.found.best_first if self.found.query else [by_code],
            "code": [by_code],
            "title": [Lower("title"), "code"],
            "-updated_at": ["-initiative__updated_at", "code"],
        }
        documents = narrow(self.found.documents, conditions).order_by(*fields[wanted])
        if wanted == RELEVANCE and self.found.entitled is not None:
            return Results(documents, known_count, beginning=narrow(self.found.entitled, conditions).order_by(by_code))
        return Results(documents, known_count)

    def counts(self) -> facets.Counts:
        """For each facet the number of results that have each value. One query.

        Of a value that is chosen this is also the number that it alone gives: whatever has it is among the results.
        """
        [found] = facets.counts(self.narrowed())
        return found

    def added_counts(self) -> facets.Counts:
        """For each facet with a choice, the number of entries that another of its values would add to the results. One query."""
        added = {
            name: narrow(self.found.documents, [*self.others(name), f"!{condition}"])
            for name, condition in self.conditions.items()
            if name in facets.BY_NAME
        }
        return {name: counted[name] for name, counted in zip(added, facets.counts(*added.values()), strict=True)}

    def perhaps_open(self) -> Results:
        """What passes the other filters but does not say where it runs: shown apart from the results for a country or a region,
        in their order.

        So is what is for every country but does not name the region: these are no results of a region, but of a country they are.
        """
        places = [self.conditions[name] for name in ("country", "region") if name in self.conditions]
        if not places:
            return Results(SearchDocument.objects.none())
        scopes = [Initiative.Scope.NOT_STATED, *([Initiative.Scope.GLOBAL] if "region" in self.conditions else [])]
        has_scope = one_of(*(tag("scope", scope) for scope in scopes))
        return self.results([*self.others("country", "region"), has_scope, f"!({' & '.join(places)})"])


for _facet in facets.FACETS:
    _described = extend_schema_field({"type": "string", "description": _facet.values})
    InitiativeFilter.base_filters[_facet.name] = _described(FacetFilter(_facet))


def narrow(documents: SearchDocumentQuerySet, conditions: Collection[str]) -> SearchDocumentQuerySet:
    """Those whose tags fit all of this."""
    return documents.filter(facets__fits=" & ".join(conditions)) if conditions else documents


def without_empty(data: QueryDict) -> QueryDict:
    """A form sends `country=` for a choice not made; that is no value."""
    filled = data.copy()
    for name, values in data.lists():
        filled.setlist(name, [value for value in values if value])
    return filled
