"""Pages that look across the catalogue: what it covers, and what each organization does in it."""

from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from initiatives import countries
from initiatives.coverage import tables
from initiatives.models import Initiative, InitiativeOrganization, Organization, SubWorkingGroup
from initiatives.models.entries import published

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
    held = Organization.objects.filter(pk=OuterRef("pk"), trainings__state=Initiative.State.PUBLISHED).values("pk")
    trainings = Subquery(held.annotate(held=Count("trainings", distinct=True)).values("held"), IntegerField())
    counted = Organization.objects.with_public_counts().annotate(held=Coalesce(trainings, 0))
    carry_out = Q(led__gt=0) | Q(partnered__gt=0)
    participating: list[Any] = list(counted.participating())
    others: list[Any] = list(counted.filter(carry_out, is_participating=False))
    entries = Initiative.objects.published()
    context = {
        "participating": participating,
        "others": others,
        "carrying_out": sum(bool(found.led or found.partnered) for found in participating) + len(others),
        "entries": entries.count(),
        "without_lead": entries.without_lead().count(),
    }
    return render(request, "initiatives/organizations.html", context)


@require_safe
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """An organization: its entries by role and group, its trainings and where they were held."""
    found = get_object_or_404(Organization, slug=slug)
    groups = list(groups_of(found))
    first = first_of_each_role(found)
    context = {
        "organization": found,
        "groups": groups,
        "roles": [
            (role, sum(getattr(group, name) for group in groups), [entry for entry in first if entry.role == role])
            for role, name in COUNTED.items()
        ],
        **trainings_of(found),
    }
    return render(request, "initiatives/organization.html", context)


def groups_of(organization: Organization) -> "QuerySet[SubWorkingGroup]":
    """The groups in which published entries name it, with their numbers `led`, `partnered` and `mentioned`."""
    named = SubWorkingGroup.objects.select_related("working_group").filter(
        published("initiatives__"), initiatives__organization_links__organization=organization
    )
    counts = {name: Count("initiatives", filter=Q(initiatives__organization_links__role=role)) for role, name in COUNTED.items()}
    return named.annotate(**counts).order_by("number")


def first_of_each_role(organization: Organization) -> list[Any]:
    """Its published entries with their `role`; of each role the first by code."""
    links = Initiative.objects.published().filter(organization_links__organization=organization)
    place = Window(RowNumber(), partition_by="organization_links__role", order_by="code")
    return list(links.annotate(role=F("organization_links__role"), place=place).filter(place__lte=MOST_SHOWN).with_lists())


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
