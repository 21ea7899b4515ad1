"""By what visitors narrow the catalogue. The same facets serve the catalogue page and the API (design §6).

Values of one facet mean OR, facets combine with AND. The count beside a value is the number of entries that choosing it would
give together with the other facets, so counts always equal results.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.models import (
    DELIVERY_LANGUAGES,
    Initiative,
    InitiativeOrganization,
    InitiativeQuerySet,
    Organization,
    SubWorkingGroup,
    Term,
)

Choice = tuple[str, str]
CARRIED_OUT = Q(organization_links__role__in=[InitiativeOrganization.Role.LEAD, InitiativeOrganization.Role.PARTNER])


@dataclass(frozen=True)
class Facet:
    name: str
    label: str | Promise
    path: str
    # What its values are, for the documentation of the API.
    values: str
    # Which of the joined rows count: mere mentions of an organization do not.
    where: Q = field(default_factory=Q)

    def narrow(self, queryset: InitiativeQuerySet, values: Iterable[str]) -> InitiativeQuerySet:
        """Entries that have one of the values."""
        return queryset.filter(pk__in=Initiative.objects.filter(self.where, **{f"{self.path}__in": list(values)}).values("pk"))

    def counted(self, queryset: InitiativeQuerySet) -> QuerySet:
        """Rows of facet name, value, number of entries."""
        return (
            queryset.order_by()
            .filter(self.where)
            .annotate(facet=Value(self.name, TextField()), value=Cast(F(self.path), TextField()))
            .exclude(value=None)
            .values_list("facet", "value")
            .annotate(entries=Count("pk", distinct=True))
        )


class ArrayFacet(Facet):
    """A facet over a column that holds several codes."""

    def narrow(self, queryset: InitiativeQuerySet, values: Iterable[str]) -> InitiativeQuerySet:
        return queryset.filter(**{f"{self.path}__overlap": list(values)})

    def counted(self, queryset: InitiativeQuerySet) -> QuerySet:
        return (
            queryset.order_by()
            .annotate(
                facet=Value(self.name, TextField()),
                value=Func(F(self.path), function="unnest", output_field=TextField()),
            )
            .values_list("facet", "value")
            .annotate(entries=Count("pk", distinct=True))
        )


# In the order of the catalogue page.
FACETS = [
    Facet("support", _("Kind of support"), "terms__slug", "Kinds of support, by slug", Q(terms__facet=Term.Facet.SUPPORT)),
    Facet("audience", _("Who it is for"), "terms__slug", "Whom it is for, by slug", Q(terms__facet=Term.Facet.AUDIENCE)),
    Facet("topic", _("Topic"), "terms__slug", "Topics, by slug", Q(terms__facet=Term.Facet.TOPIC)),
    Facet("region", _("Region"), "terms__slug", "Regions, by slug", Q(terms__facet=Term.Facet.REGION)),
    Facet("working_group", _("Working group"), "sub_working_group__working_group__number", "Number: 1, 2 or 3"),
    Facet("sub_working_group", _("Sub-working group"), "sub_working_group__number", "Number, such as 1.1"),
    Facet(
        "organization",
        _("Organization"),
        "organization_links__organization__slug",
        "Slug of an organization that leads it or is a partner in it",
        CARRIED_OUT,
    ),
    ArrayFacet("language", _("Language of delivery"), "languages", "ISO 639-1"),
    Facet("stage", _("Stage"), "stage", "proposed, ongoing, completed or not_stated"),
]


def choices() -> dict[str, list[Choice]]:
    """For each facet its values and their names, in the order of the list. Three queries."""
    found: dict[str, list[Choice]] = defaultdict(list)
    for group in SubWorkingGroup.objects.select_related("working_group"):
        choice = (str(group.working_group.number), group.working_group.title)
        if choice not in found["working_group"]:
            found["working_group"].append(choice)
        found["sub_working_group"].append((group.number, f"{group.number} {group.title}"))
    for term in Term.objects.all():
        found[term.facet].append((term.slug, term.name))
    found["organization"] = [
        (organization.slug, str(organization)) for organization in Organization.objects.order_by("acronym", "name")
    ]
    found["stage"] = [(value, str(label)) for value, label in Initiative.Stage.choices]
    found["language"] = [(code, str(name)) for code, name in DELIVERY_LANGUAGES]
    return found


def counts(querysets: Mapping[str, InitiativeQuerySet]) -> dict[str, dict[str, int]]:
    """Numbers of entries for each facet and value. Takes for each facet the entries that the other facets leave. One query."""
    first, *others = (facet.counted(querysets[facet.name]) for facet in FACETS)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, value, entries in first.union(*others, all=True):
        found[name][value] = entries
    return found
