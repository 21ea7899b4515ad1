"""Pages that look across the catalogue: what it covers, and what each organization does in it."""

from typing import Any

from django.db.models import Count, OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from initiatives import countries, facets
from initiatives.coverage import tables
from initiatives.models import Initiative, InitiativeOrganization, Organization, SearchDocument, SubWorkingGroup, Term
from initiatives.models.entries import published
from initiatives.search.stems import fold

# Cards of one role, and trainings, on the page of an organization.
MOST_SHOWN = 60
# The numbers of entries in each role, as `with_public_counts` names them.
COUNTED = {
    InitiativeOrganization.Role.LEAD: "led",
    InitiativeOrganization.Role.PARTNER: "partnered",
    InitiativeOrganization.Role.MENTIONED: "mentioned",
}


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Sub-working groups by kinds of support and by regions."""
    return render(request, "initiatives/coverage.html", {"tables": tables()})


@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    """Participating organizations, then others that lead or partner in a published entry."""
    trainings = Count("trainings", filter=published("trainings__"), distinct=True)
    held = Organization.objects.filter(pk=OuterRef("pk")).annotate(held=trainings).values("held")
    # Not within a function such as Coalesce, for which PostgreSQL would count the trainings once for every entry.
    counted: Any = Organization.objects.with_public_counts().annotate(held=Subquery(held))
    everybody = sorted(counted, key=lambda found: fold(found.label))
    carrying_out = [found for found in everybody if found.led or found.partnered]
    entries = Initiative.objects.published()
    context = {
        "participating": [found for found in everybody if found.is_participating],
        "others": [found for found in carrying_out if not found.is_participating],
        "carrying_out": len(carrying_out),
        "entries": entries.count(),
        "without_lead": entries.without_lead().count(),
    }
    return render(request, "initiatives/organizations.html", context)


@require_safe
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """An organization: its entries by role, group and kind of support, its trainings and where they were held."""
    found = get_object_or_404(Organization, slug=slug)
    groups, support, first = groups_of(found), support_of(found), first_of_each_role(found)
    context = {
        "organization": found,
        "groups": groups,
        "groups_with_nothing": [row for row in groups if not (row["led"] or row["partnered"])],
        "named": any(row[name] for row in groups for name in COUNTED.values()),
        "carried_out": any(count for _term, count in support),
        "support": support,
        "not_offered": [term for term, count in support if not count],
        "roles": [(role, sum(row[name] for row in groups), first[role]) for role, name in COUNTED.items()],
        **trainings_of(found),
    }
    return render(request, "initiatives/organization.html", context)


def groups_of(organization: Organization) -> list[dict[str, Any]]:
    """Every sub-working group with its numbers `led`, `partnered`, `mentioned` of published entries. Two queries."""
    named = InitiativeOrganization.objects.filter(published("initiative__"), organization=organization)
    rows = named.order_by().values_list("initiative__sub_working_group", "role").annotate(entries=Count("*"))
    numbers = {(group, role): entries for group, role, entries in rows}
    groups = SubWorkingGroup.objects.select_related("working_group")
    return [{"group": group} | {name: numbers.get((group.pk, role), 0) for role, name in COUNTED.items()} for group in groups]


def support_of(organization: Organization) -> list[tuple[Term, int]]:
    """Every kind of support, with the number of entries that the catalogue shows for it and the organization. Two queries."""
    entries = SearchDocument.objects.published().filter(facets__fits=facets.BY_NAME["organization"].having([organization.slug]))
    kind = Term.Facet.SUPPORT
    [counted] = facets.counts(entries)
    return [(term, counted[kind.value].get(term.slug, 0)) for term in Term.objects.of(kind)]


def first_of_each_role(organization: Organization) -> dict[str, list[Any]]:
    """Its published entries, of each role the first by code."""
    entries = Initiative.objects.published().select_related("sub_working_group__working_group").order_by("code")
    named = {role: {"organization_links__organization": organization, "organization_links__role": role} for role in COUNTED}
    return {role: list(entries.filter(**condition)[:MOST_SHOWN]) for role, condition in named.items()}


def trainings_of(organization: Organization) -> dict[str, object]:
    """Its published trainings, the newest first, with their number, the participants that are known, and the countries."""
    held = organization.trainings.model.objects.published().filter(pk__in=organization.trainings.values("pk"))
    places = held.order_by().values_list("country").annotate(held=Count("pk"), people=Sum("participants"))
    rows = list(places)
    return {
        "trainings": held.newest_first().with_lists()[:MOST_SHOWN],
        "held": sum(number for _code, number, _people in rows),
        "participants": sum(people or 0 for _code, _number, people in rows),
        "countries": countries.in_order(code for code, _number, _people in rows),
    }
