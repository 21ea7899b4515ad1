"""Pages about the site as a whole."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views import defaults
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


def standalone(name: str) -> str:
    """A page for when little else works: without style where the manifest of static files is what is broken."""
    template = get_template(name)
    try:
        return template.render({"has_static_files": True})
    except (ValueError, OSError):
        return template.render()


# -- Errors. Programs get theirs as JSON, also outside of what the API's router knows -------------------------------------------


def for_programs(request: HttpRequest, status: HTTPStatus) -> HttpResponse | None:
    return JsonResponse({"detail": f"{status.phrase}."}, status=status) if request.path.startswith("/api/") else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_programs(request, HTTPStatus.BAD_REQUEST) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_programs(request, HTTPStatus.FORBIDDEN) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_programs(request, HTTPStatus.NOT_FOUND) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return for_programs(request, HTTPStatus.INTERNAL_SERVER_ERROR) or HttpResponseServerError(standalone("500.html"))
