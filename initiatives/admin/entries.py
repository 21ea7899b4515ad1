"""What initiatives and trainings share in the staff area: publication and preview."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from initiatives import actions
from initiatives.admin.values import FORM_FIELDS
from initiatives.admin.versions import VersionedAdmin
from initiatives.models import PublicationState


class EntryAdmin(VersionedAdmin):
    formfield_overrides = FORM_FIELDS
    actions = ["publish", "unpublish", "archive"]
    save_on_top = True

    @admin.display(description=gettext_lazy("updated"), ordering="updated_at")
    def updated(self, entry: Any) -> str:
        return date_format(entry.updated_at, "j M Y")

    def page(self, request: HttpRequest, entry: Any, **context: Any) -> HttpResponse:
        """The public page of an entry."""
        raise NotImplementedError

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._change_state(request, queryset, actions.publish, PublicationState.PUBLISHED)

    @admin.action(description=gettext_lazy("Unpublish (back to draft)"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._change_state(request, queryset, actions.unpublish, PublicationState.DRAFT)

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._change_state(request, queryset, actions.archive, PublicationState.ARCHIVED)

    def _change_state(
        self, request: HttpRequest, queryset: QuerySet, action: Callable[..., int], state: PublicationState
    ) -> None:
        count = action(entries=queryset, by=request.user)
        message = ngettext("%(count)d entry is now: %(state)s.", "%(count)d entries are now: %(state)s.", count)
        self.message_user(request, message % {"count": count, "state": state.label}, messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_safe(self.preview))
        return [path("<path:object_id>/preview/", preview, name=self._preview_name()), *super().get_urls()]

    def _preview_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_preview"

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The public page of an entry, for staff also before it is public."""
        entry = self.get_object(request, object_id)
        if entry is None:
            raise Http404
        if not self.has_view_permission(request, entry):
            raise PermissionDenied
        if entry.state == PublicationState.PUBLISHED:
            return redirect(entry)
        # As the public page fetches it: without what is not public yet, in a number of queries that does not grow.
        shown = self.model._default_manager.with_lists().get(pk=entry.pk)  # noqa: SLF001
        return self.page(request, shown, preview=entry.get_state_display())

    def view_on_site(self, obj: Model) -> str:
        return reverse(f"admin:{self._preview_name()}", args=[obj.pk])
