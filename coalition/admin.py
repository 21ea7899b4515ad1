"""The staff area as a whole: one workplace with the catalogue first and what waits for staff on top."""

from dataclasses import dataclass
from functools import update_wrapper
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.models import PointOfContact
from interest import limits
from interest.inbox import counted
from interest.views.kinds import later

# Other applications come after these.
APPS = ["initiatives", "trainings", "interest", "mail"]
# What people wait for, in this order. All other work is upkeep of the catalogue.
URGENT = ["interest", "mail"]


@dataclass(frozen=True)
class ToDo:
    label: str | Promise
    count: int
    url: str


def is_urgent(model: Any) -> bool:
    return model._meta.app_label in URGENT  # noqa: SLF001


def urgency(registered: tuple[Any, Any]) -> int:
    model, _model_admin = registered
    return URGENT.index(model._meta.app_label) if is_urgent(model) else len(URGENT)  # noqa: SLF001


class CoalitionAdminSite(admin.AdminSite):
    site_title = _("Global Coalition initiatives")
    site_header = _("Global Coalition to Address Synthetic Drug Threats: staff")
    index_title = _("Workplace")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Adds whether fictional contacts are loaded, which staff must see on every page (design rule 10)."""
        warn = self.has_permission(request) and PointOfContact.objects.demonstration().exists()
        return super().each_context(request) | {"demonstration_contacts": warn}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Counts a try before the password is looked at, however many come at once (reliability C9). Nobody is locked out."""
        if request.method == "POST":
            try:
                limits.take_login(request.POST.get("username", ""), limits.network_of(request))
            except limits.TooManyError as error:
                return later(request, error)
        return super().login(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Tells whoever sends in a form after their session ended that they must do it again."""
        inner = super().admin_view(view, cacheable)

        def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST" and not self.has_permission(request):
                messages.warning(request, _("Nothing was saved: you had been signed out. Sign in, and do it again."))
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        return update_wrapper(told, inner)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """With what waits for this person, and how things stand where nothing is to do."""
        lists: dict[str, list[ToDo]] = {"to_do": [], "upkeep": [], "inbox": []}
        for model, model_admin in sorted(self._registry.items(), key=urgency):
            work, states = getattr(model_admin, "to_do", {}), getattr(model_admin, "states", {})
            if (work or states) and model_admin.has_view_permission(request):
                found = self.to_dos(model, states | work)
                lists["to_do" if is_urgent(model) else "upkeep"] += [found[name] for name in work if name in found]
                lists["inbox"] += [found[name] for name in states if name in found and name not in work]
        return super().index(request, lists | (extra_context or {}))

    def to_dos(self, model: Any, labels: dict[str, Any]) -> dict[str, ToDo]:
        """One for each name that finds something: a QuerySet method, by which the list of the model can be filtered too."""
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # noqa: SLF001
        counts = counted(model, labels)
        return {name: ToDo(labels[name], count, f"{url}?to_do={name}") for name, count in counts.items() if count}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The applications in the order of the work, and in each the models in the order in which it registers them."""
        apps = super().get_app_list(request, app_label)
        models = list(self._registry)
        for app in apps:
            app["models"].sort(key=lambda model: models.index(model["model"]))
        return sorted(apps, key=lambda app: APPS.index(app["app_label"]) if app["app_label"] in APPS else len(APPS))
