"""The filters of the trainings, the same for page, calendar and API; named as those of the catalogue (design §6)."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from drf_spectacular.utils import extend_schema_field

from initiatives.countries import Country, in_order
from initiatives.filters import UNKNOWN, without_empty
from initiatives.models import Organization
from initiatives.search.wording import read
from trainings.models import Training, TrainingQuerySet
from trainings.search import matching


def with_a_part() -> list[tuple[str, str]]:
    """Slug and name of the organizations that have a part in a published training."""
    trainings = Training.objects.published()
    found = Organization.objects.filter(pk__in=trainings.values("organizations")).order_by("acronym", "name")
    return [(organization.slug, organization.short) for organization in found]


class TrainingFilter(django_filters.FilterSet):
    """Narrows published trainings. A filter with a value that nobody knows is left out, and `problems` names it."""

    search = extend_schema_field(
        {"type": "string", "description": "Words of the title, the place, or an organization that has a part in it"}
    )(django_filters.CharFilter(label=pgettext_lazy("what was searched for", "Search"), method="by_text", max_length=200))
    country = extend_schema_field(
        {
            "type": "string",
            "pattern": "^[A-Z]{2}$",
            "description": "Held there, or online for its officials (ISO 3166-1 alpha-2)",
        }
    )(django_filters.MultipleChoiceFilter(label=_("Country"), choices=list(countries), distinct=False, error_messages=UNKNOWN))
    organization = extend_schema_field({"type": "string", "description": "Slug of an organization that has a part in it"})(
        django_filters.MultipleChoiceFilter(
            label=_("Organization"), field_name="organizations__slug", choices=with_a_part, error_messages=UNKNOWN
        )
    )

    class Meta:
        model = Training
        fields: list[str] = []

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any) -> None:
        super().__init__(without_empty(data), *args, **kwargs)

    def by_text(self, queryset: TrainingQuerySet, name: str, value: str) -> TrainingQuerySet:
        return matching(queryset, read(value))

    @property
    def chosen(self) -> dict[str, Any]:
        """The values in force, by filter."""
        return {name: values for name, values in self.form.cleaned_data.items() if values}

    @property
    def query(self) -> str:
        """What leads to the same trainings in another form, without what meant nothing."""
        return urlencode(self.chosen, doseq=True)

    @property
    def problems(self) -> list[str]:
        """What of the address was not understood, one sentence each."""
        labels = {name: field.label for name, field in self.form.fields.items()}
        told = [(labels[name], " ".join(errors)) for name, errors in self.form.errors.items()]
        return [gettext("%(label)s: %(value)s") % {"label": label, "value": words} for label, words in told]

    @property
    def chosen_countries(self) -> list[Country]:
        return in_order(self.chosen.get("country", []))

    @cached_property
    def offered_countries(self) -> list[Country]:
        """Those with a published training, and those that are chosen."""
        held = Training.objects.published().order_by().values_list("country", flat=True).distinct()
        return in_order([*held, *self.chosen.get("country", [])])

    @cached_property
    def offered_organizations(self) -> list[tuple[str, str]]:
        return with_a_part()

    @property
    def names(self) -> list[str]:
        """Of what is chosen."""
        organizations = [name for slug, name in self.offered_organizations if slug in self.chosen.get("organization", [])]
        searched = [text] if (text := self.chosen.get("search")) else []
        return [*searched, *(country.name for country in self.chosen_countries), *organizations]
