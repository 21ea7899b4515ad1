"""Joins the API of the apps under /api/v1/ and documents it for people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from initiatives import api as initiatives
from trainings import api as trainings

router = SimpleRouter()
router.register("initiatives", initiatives.InitiativeViewSet)
router.register("working-groups", initiatives.WorkingGroupViewSet)
router.register("sub-working-groups", initiatives.SubWorkingGroupViewSet)
router.register("organizations", initiatives.OrganizationViewSet)
router.register("trainings", trainings.TrainingViewSet)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The schema as a page: no script, no style of another's, so it lives under the site's policy."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return render(request, "api_docs.html", {"operations": list(operations(schema)), "schemas": schema["components"]["schemas"]})


def operations(schema: dict[str, Any]) -> Any:
    """(path, operation, name of the schema it answers with) for each GET of an OpenAPI document."""
    for address, methods in schema["paths"].items():
        operation = methods["get"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        yield address, operation, answer.get("$ref", "").rpartition("/")[2]


app_name = "api"
urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("", include(router.urls)),
]
