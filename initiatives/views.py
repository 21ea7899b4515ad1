"""Public pages of the catalogue. Each begins with what the public may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from initiatives.catalogue import Catalogue
from initiatives.compare import Comparison
from initiatives.models import Initiative, SubWorkingGroup
from initiatives.pagination import Paginator

# The largest group of today has 26 entries.
PER_GROUP_PAGE = 50


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    found = Catalogue(request.GET)
    return render(request, "initiatives/catalogue.html", {"catalogue": found, "page": found.page(request.GET.get("page"))})


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Entries side by side: `?code=1103&code=2206A`."""
    return render(request, "initiatives/compare.html", {"comparison": Comparison(request.GET.getlist("code"))})


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
    entries = Initiative.objects.published().filter(sub_working_group=group).order_by("code")
    context = {
        "group": group,
        "page": Paginator(entries.with_lists(), PER_GROUP_PAGE).get_page(request.GET.get("page")),
        "groups": SubWorkingGroup.objects.with_entry_counts(),
    }
    return render(request, "initiatives/sub_working_group.html", context)
