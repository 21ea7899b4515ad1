"""Pages about the site as a whole."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_countries import countries

from initiatives.models import Initiative, Organization, SubWorkingGroup, Term
from trainings.models import Training


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    initiatives, trainings = Initiative.objects.published(), Training.objects.published()
    entries = initiatives.count()
    context = {
        "groups": SubWorkingGroup.objects.with_entries(),
        "support": Term.objects.of(Term.Facet.SUPPORT).with_entries(),
        "countries": countries,
        "entries": entries,
        "entries_with_lead": entries - initiatives.without_lead().count(),
        "organizations": Organization.objects.participating().count(),
        "trainings": trainings.newest_first().with_lists()[:3],
        "trainings_reported": trainings.count(),
    }
    return render(request, "home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "about.html")
