"""Pages about the site as a whole."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from initiatives.models import Initiative, Organization, SubWorkingGroup
from trainings.models import Training


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "groups": SubWorkingGroup.objects.with_entries(),
        "entries": Initiative.objects.published().count(),
        "organizations": Organization.objects.participating().count(),
        "trainings": Training.objects.published().newest_first().with_lists()[:3],
    }
    return render(request, "home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "about.html")
