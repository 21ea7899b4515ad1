"""Joins the API of the apps under /api/v1/."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from coalition.api_docs import docs
from initiatives import api as initiatives
from trainings import api as trainings

router = SimpleRouter()
router.register("initiatives", initiatives.InitiativeViewSet)
router.register("working-groups", initiatives.WorkingGroupViewSet)
router.register("sub-working-groups", initiatives.SubWorkingGroupViewSet)
router.register("organizations", initiatives.OrganizationViewSet)
router.register("trainings", trainings.TrainingViewSet)


app_name = "api"
urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("", include(router.urls)),
]
