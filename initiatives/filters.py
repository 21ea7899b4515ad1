"""The filters of the catalogue, the same for its page and the API (design §6)."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import django_filters
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from drf_spectacular.utils import extend_schema_field

from initiatives import facets
from initiatives.models import Initiative, InitiativeQuerySet
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

    def filter(self, qs: InitiativeQuerySet, value: list[str]) -> InitiativeQuerySet:
        return self.facet.narrow(qs, value) if value else qs


class InitiativeFilter(django_filters.FilterSet):
    """Narrows published initiatives. `qs` is ordered: by relevance if there is a search, else by code."""

    search = django_filters.CharFilter(label=_("Search"), method="by_text", max_length=200)
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

    class Meta:
        model = Initiative
        fields: list[str] = []

    def __init__(self, data: QueryDict, *args: Any, choices: dict[str, list[facets.Choice]] | None = None, **kwargs: Any) -> None:
        super().__init__(without_empty(data), *args, **kwargs)
        self.choices = choices or facets.choices()
        for facet in facets.FACETS:
            # Made anew: the schema's generator reads the field of the class's own filter, which keeps it without choices.
            self.filters[facet.name] = FacetFilter(facet, field_name=facet.name, choices=self.choices[facet.name])

    def by_text(self, queryset: InitiativeQuerySet, name: str, value: str) -> InitiativeQuerySet:
        return self.found.queryset

    def by_country(self, queryset: InitiativeQuerySet, name: str, value: list[str]) -> InitiativeQuerySet:
        return queryset.open_to(*value) if value else queryset

    def unchanged(self, queryset: InitiativeQuerySet, name: str, value: str) -> InitiativeQuerySet:
        return queryset

    @cached_property
    def found(self) -> SearchResult:
        """The search alone, before any facet."""
        return search(self.form.cleaned_data.get("search", ""), self.queryset)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The values in force, by filter."""
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def filter_queryset(self, queryset: InitiativeQuerySet) -> InitiativeQuerySet:
        return self.ordered(self.narrowed())

    def narrowed(self, *, without: str = "") -> InitiativeQuerySet:
        """Entries that pass the search and every filter but one."""
        queryset = self.found.queryset
        for name, value in self.chosen.items():
            if name not in {without, "search"}:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def ordered(self, queryset: InitiativeQuerySet) -> InitiativeQuerySet:
        wanted = self.form.cleaned_data.get("ordering") or RELEVANCE
        fields: dict[str, list[Any]] = {
            RELEVANCE: self.found.best_first,
            "code": ["code"],
            "title": [Lower("title"), "code"],
            "-updated_at": ["-updated_at", "code"],
        }
        return queryset.order_by(*fields[wanted])

    def counts(self) -> dict[str, dict[str, int]]:
        """For each facet the number of entries behind each value. One query."""
        results, chosen = self.narrowed(), self.chosen
        return facets.counts(
            {facet.name: self.narrowed(without=facet.name) if facet.name in chosen else results for facet in facets.FACETS}
        )

    def added_counts(self) -> dict[str, dict[str, int]]:
        """For each facet with a choice, the number of entries that another of its values would add to the results."""
        added = {}
        for facet in facets.FACETS:
            if chosen := self.chosen.get(facet.name):
                has_one = facet.narrow(Initiative.objects.all(), chosen).values("pk")
                added[facet.name] = self.narrowed(without=facet.name).exclude(pk__in=has_one)
        return facets.counts(added) if added else {}

    def perhaps_open(self) -> InitiativeQuerySet:
        """What passes the other filters but does not say where it runs: shown apart from what is open to the country."""
        if not (wanted := self.form.cleaned_data.get("country")):
            return Initiative.objects.none()
        return self.narrowed(without="country").perhaps_open_to(*wanted).order_by("code")


for _facet in facets.FACETS:
    _described = extend_schema_field({"type": "string", "description": _facet.values})
    InitiativeFilter.base_filters[_facet.name] = _described(FacetFilter(_facet))


def without_empty(data: QueryDict) -> QueryDict:
    """A form sends `country=` for a choice not made; that is no value."""
    filled = data.copy()
    for name, values in data.lists():
        filled.setlist(name, [value for value in values if value])
    return filled
