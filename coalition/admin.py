"""The staff area as a whole: one workplace with the catalogue first and what waits for staff on top."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.models import PointOfContact

# Other applications come after these.
APPS = ["initiatives", "trainings", "interest", "mail"]


@dataclass(frozen=True)
class ToDo:
    label: str | Promise
    count: int
    url: str


class CoalitionAdminSite(admin.AdminSite):
    site_title = _("Global Coalition initiatives")
    site_header = _("Global Coalition to Address Synthetic Drug Threats: staff")
    index_title = _("Workplace")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Adds whether fictional contacts are loaded, which staff must see on every page (design rule 10)."""
        warn = self.has_permission(request) and PointOfContact.objects.demonstration().exists()
        return super().each_context(request) | {"demonstration_contacts": warn}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"to_do": list(self.to_do(request))} | (extra_context or {}))

    def to_do(self, request: HttpRequest) -> Iterator[ToDo]:
        """What waits for this person: one count for each kind of work that the admins name in `to_do`."""
        for model, model_admin in self._registry.items():
            if model_admin.has_view_permission(request):
                for name, label in getattr(model_admin, "to_do", {}).items():
                    count = getattr(model._default_manager.all(), name)().count()  # noqa: SLF001
                    if count:
                        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # noqa: SLF001
                        yield ToDo(label, count, f"{url}?to_do={name}")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The applications in the order of the work, and in each the models in the order in which it registers them."""
        apps = super().get_app_list(request, app_label)
        models = list(self._registry)
        for app in apps:
            app["models"].sort(key=lambda model: models.index(model["model"]))
        return sorted(apps, key=lambda app: APPS.index(app["app_label"]) if app["app_label"] in APPS else len(APPS))
