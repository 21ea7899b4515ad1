"""Public pages of the catalogue. Each begins with what the public may see."""

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from initiatives.catalogue import Catalogue
from initiatives.models import Initiative, InitiativeOrganization, Organization, SubWorkingGroup


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    found = Catalogue(request.GET)
    return render(request, "initiatives/catalogue.html", {"catalogue": found, "page": found.page(request.GET.get("page"))})


@require_safe
def initiative(request: HttpRequest, code: str) -> HttpResponse:
    """One initiative. A code in small letters leads to the right address."""
    if code != code.upper():
        return redirect("initiatives:initiative", code.upper(), permanent=True)
    found = get_object_or_404(Initiative.objects.published().with_lists(), code=code)
    return render_initiative(request, found)


def render_initiative(request: HttpRequest, found: Initiative, **context: object) -> HttpResponse:
    """The page of an entry, also as the preview that staff see before it is published."""
    context |= {
        "initiative": found,
        "trainings": found.trainings.published().newest_first().with_lists(),
        "same_text": found.same_text(),
        "related": found.related(),
        "asked": next(iter(found.contacts_to_ask()), None),
    }
    return render(request, "initiatives/initiative.html", context)


@require_safe
def sub_working_group(request: HttpRequest, number: str) -> HttpResponse:
    group = get_object_or_404(SubWorkingGroup.objects.select_related("working_group"), number=number)
    context = {
        "group": group,
        "initiatives": Initiative.objects.published().filter(sub_working_group=group).with_lists(),
        "groups": SubWorkingGroup.objects.with_entry_counts(),
    }
    return render(request, "initiatives/sub_working_group.html", context)


@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    """Participating organizations, then others that lead or partner in a published entry."""
    counted = Organization.objects.with_public_counts()
    context = {
        "participating": counted.participating(),
        "others": counted.filter(Q(led__gt=0) | Q(partnered__gt=0), is_participating=False),
    }
    return render(request, "initiatives/organizations.html", context)


@require_safe
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """An organization, its entries by role and its trainings."""
    found = get_object_or_404(Organization, slug=slug)
    links = Initiative.objects.published().with_lists().filter(organization_links__organization=found)
    entries: list[Any] = list(links.annotate(role=F("organization_links__role")))
    context = {
        "organization": found,
        "has_entries": bool(entries),
        "roles": [(role, [entry for entry in entries if entry.role == role]) for role in InitiativeOrganization.Role],
        "trainings": found.trainings.published().newest_first().with_lists().distinct(),
    }
    return render(request, "initiatives/organization.html", context)
