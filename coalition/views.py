"""Pages about the site as a whole."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.http import require_safe
from django_countries import countries

from initiatives.models import Initiative, Organization, SubWorkingGroup, Term
from trainings.models import Training


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    initiatives, trainings = Initiative.objects.published(), Training.objects.published()
    entries = initiatives.count()
    context = {
        "groups": SubWorkingGroup.objects.with_entry_counts(),
        "support": Term.objects.of(Term.Facet.SUPPORT).in_use(),
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


def server_error(request: HttpRequest) -> HttpResponse:
    """The last page that is left: without style where the manifest of static files is what is broken."""
    template = get_template("500.html")
    try:
        html = template.render({"has_static_files": True})
    except (ValueError, OSError):
        html = template.render()
    return HttpResponseServerError(html)
