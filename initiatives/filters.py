"""The filters of the catalogue, the same for its page and the API (design §6)."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries import countries
from drf_spectacular.utils import extend_schema_field

from initiatives import facets
from initiatives.models import Initiative, InitiativeQuerySet, SearchDocumentQuerySet
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

    def filter(self, qs: SearchDocumentQuerySet, value: list[str]) -> SearchDocumentQuerySet:
        return qs.filter(self.facet.having(value)) if value else qs


class InitiativeFilter(django_filters.FilterSet):
    """Narrows the rows of published initiatives in the search table. `qs` are the entries: by relevance if there is a search,
    else by code.
    """

    search = django_filters.CharFilter(label=pgettext_lazy("what was searched for", "Search"), method="unchanged", max_length=200)
    country = extend_schema_field(
        {"type": "string", "pattern": "^[A-Z]{2}$", "description": "Open to this country (ISO 3166-1 alpha-2)"}
    )(
        django_filters.MultipleChoiceFilter(
            label=_("Open to country"), choices=list(countries), method="by_country", error_messages=UNKNOWN
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

    def by_country(self, queryset: SearchDocumentQuerySet, name: str, value: list[str]) -> SearchDocumentQuerySet:
        return queryset.filter(pk__in=Initiative.objects.published().open_to(*value).values("pk")) if value else queryset

    def unchanged(self, queryset: SearchDocumentQuerySet, name: str, value: str) -> SearchDocumentQuerySet:
        """The search is where `narrowed` begins, the order comes after it."""
        return queryset

    @cached_property
    def found(self) -> SearchResult:
        """The search alone, before any facet."""
        return search(self.form.cleaned_data.get("search", ""), self.queryset)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The values in force, by filter."""
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def filter_queryset(self, queryset: SearchDocumentQuerySet) -> Results:
        is_narrowed = set(self.chosen) - {"search", "ordering"}
        return Results(self.ordered(self.narrowed()), None if is_narrowed else self.found.hits)

    def narrowed(self, *without: str) -> SearchDocumentQuerySet:
        """Rows that pass the search and every filter but these."""
        documents = self.found.documents
        for name, value in self.chosen.items():
            if name not in without:
                documents = self.filters[name].filter(documents, value)
        return documents

    def initiatives(self, *without: str) -> InitiativeQuerySet:
        """Entries that pass the search and every filter but these, in no order."""
        return Initiative.objects.published().filter(pk__in=self.narrowed(*without).values("pk"))

    def ordered(self, documents: SearchDocumentQuerySet) -> SearchDocumentQuerySet:
        wanted = self.form.cleaned_data.get("ordering") or RELEVANCE
        fields: dict[str, list[Any]] = {
            RELEVANCE: self.found.best_first,
            "code": ["code"],
            "title": [Lower("title"), "code"],
            "-updated_at": ["-initiative__updated_at", "code"],
        }
        return documents.order_by(*fields[wanted])

    def counts(self) -> facets.Counts:
        """For each facet the number of results that have each value. One query.

        Of a value that is chosen this is also the number that it alone gives: whatever has it is among the results.
        """
        [found] = facets.counts(self.narrowed())
        return found

    def added_counts(self) -> facets.Counts:
        """For each facet with a choice, the number of entries that another of its values would add to the results. One query."""
        added = {
            facet.name: self.narrowed(facet.name).exclude(facet.having(chosen))
            for facet in facets.FACETS
            if (chosen := self.chosen.get(facet.name))
        }
        return {name: counted[name] for name, counted in zip(added, facets.counts(*added.values()), strict=True)}

    def perhaps_open(self) -> InitiativeQuerySet:
        """What passes the other filters but does not say where it runs: shown apart from the results for a country or a region.

        So is what is for every country but does not name the region: these are no results of a region, but of a country they are.
        """
        countries, regions = self.chosen.get("country"), self.chosen.get("region")
        if not (countries or regions):
            return Initiative.objects.none()
        scopes = [Initiative.Scope.NOT_STATED, *([Initiative.Scope.GLOBAL] if regions else [])]
        is_result = Initiative.objects.is_open_to(*countries) if countries else Q()
        if regions:
            is_result &= Q(search_document__facets__has_any=[facets.BY_NAME["region"].tag(region) for region in regions])
        return self.initiatives("country", "region").filter(~is_result, scope__in=scopes).order_by("code")


for _facet in facets.FACETS:
    _described = extend_schema_field({"type": "string", "description": _facet.values})
    InitiativeFilter.base_filters[_facet.name] = _described(FacetFilter(_facet))


def without_empty(data: QueryDict) -> QueryDict:
    """A form sends `country=` for a choice not made; that is no value."""
    filled = data.copy()
    for name, values in data.lists():
        filled.setlist(name, [value for value in values if value])
    return filled
