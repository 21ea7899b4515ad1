"""What a visitor takes along: the published entries of a list of codes, or all that a search finds."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Case, IntegerField, Value, When
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django_countries import countries

from initiatives.catalogue import Catalogue
from initiatives.models import Initiative, InitiativeQuerySet
from initiatives.models.initiatives import codes_in
from initiatives.results import Results


@dataclass(frozen=True)
class Selection:
    # In the order of the list or of the page of results.
    initiatives: InitiativeQuerySet | Results
    # What leads to the same entries in another form, without what meant nothing: `code=1103&code=2206A`.
    query: str
    # The filters in force, as label and value in words.
    words: list[tuple[str, str]] = field(default_factory=list)
    # Names of the countries to which the entries are open, if it was asked for some.
    countries: list[str] = field(default_factory=list)
    # Codes asked for that are no published entry, and filters that were not understood.
    vanished: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    # How many more do not say where they run; the page shows them apart, so they are not taken along.
    perhaps_open: int = 0

    @property
    def catalogue_path(self) -> str:
        """The page with these filters."""
        return f"{reverse('initiatives:catalogue')}?{self.query}"


def selected(query: QueryDict) -> Selection:
    """The entries that `code=` names, in that order; without a code the results of the catalogue page for this query."""
    return by_codes(codes_in(query.getlist("code"))) if "code" in query else by_search(query)


def by_codes(codes: Collection[str]) -> Selection:
    entries = Initiative.objects.published().filter(code__in=codes)
    found = set(entries.values_list("code", flat=True))
    kept = [code for code in codes if code in found]
    address = QueryDict(mutable=True)
    # Even an empty list is a list: without `code=` the address would mean the whole catalogue.
    address.setlist("code", kept or [""])
    return Selection(
        initiatives=in_order(entries, kept),
        query=address.urlencode(),
        vanished=[code for code in codes if code not in found],
    )


def in_order(entries: InitiativeQuerySet, codes: Collection[str]) -> InitiativeQuerySet:
    places = [When(code=code, then=Value(place)) for place, code in enumerate(codes)]
    return entries.order_by(Case(*places, output_field=IntegerField())) if places else entries


def by_search(query: QueryDict) -> Selection:
    catalogue = Catalogue(query)
    words = [(chip.label, chip.value) for chip in catalogue.chips]
    if catalogue.spelling:
        words.insert(1, (_("Shown instead"), catalogue.spelling["corrected"]))
    return Selection(
        initiatives=catalogue.results,
        query=catalogue.query.urlencode(),
        words=words,
        countries=[str(countries.name(code)) for code in catalogue.filterset.chosen.get("country", [])],
        problems=catalogue.problems,
        perhaps_open=catalogue.perhaps_open_count,
    )
