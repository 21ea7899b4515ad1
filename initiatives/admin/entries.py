"""What initiatives and trainings share in the staff area: publication, preview, and no lost updates."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from initiatives import actions
from initiatives.admin.values import FORM_FIELDS
from initiatives.models import PublicationState


class EntryForm(forms.ModelForm):
    """Refuses to overwrite silently what somebody saved after this form was opened.

    The form carries the `updated_at` of the version that it shows. What the editor typed is kept, and saving a second time
    replaces the other version knowingly.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk:
            # The lock lets a second save of the same moment wait here and then see the first.
            saved = self._meta.model._default_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)  # noqa: SLF001
            if self.cleaned_data.get("version") != saved.updated_at.isoformat():
                self._keep(self.kept(saved))
                self.add_error(None, conflict(saved, self._labels_of_differences()))
        return cleaned

    def kept(self, saved: Any) -> dict[str, list[str]]:
        """What the form takes over from the saved version before it is shown again."""
        return {"version": [saved.updated_at.isoformat()]}

    def _keep(self, kept: dict[str, list[str]]) -> None:
        data: Any = self.data
        self.data = data = data.copy()
        for name, values in kept.items():
            data.setlist(self.add_prefix(name), values)

    def _labels_of_differences(self) -> list[str]:
        return [str(self.fields[name].label) for name in self.changed_data if name != "version"]


def conflict(saved: Any, differences: list[str]) -> str:
    """The sentence for an editor whose form shows an older version than the one that is saved."""
    last = LogEntry.objects.filter(
        content_type=get_content_type_for_model(saved), object_id=saved.pk, action_time__gte=saved.updated_at
    ).select_related("user")
    who = next((entry.user.get_username() for entry in last), _("An import or another part of the site"))
    return format_html(
        _(
            "{who} changed this entry after you opened it, so nothing was saved yet. What you typed is kept below; it differs"
            " from what is saved now in: {fields}. <a href='{address}' target='_blank'>See what is saved now</a> in a new tab,"
            " carry over what should stay, and save again: yours then replaces it."
        ),
        who=who,
        fields=get_text_list(differences, _("and")) or _("the lists at the end of the page"),
        address=reverse(f"admin:{saved._meta.app_label}_{saved._meta.model_name}_change", args=[saved.pk]),  # noqa: SLF001
    )


class EntryAdmin(admin.ModelAdmin):
    form = EntryForm
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
