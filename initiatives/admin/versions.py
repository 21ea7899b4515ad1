"""No lost updates in the staff area (reliability B3): who saves second is told, and overwrites only knowingly."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import display_for_field, flatten_fieldsets
from django.db.models import Model
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.translation import gettext as _


class VersionField(forms.CharField):
    """When a form was opened, and a fingerprint of what it showed."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class VersionedForm(forms.ModelForm):
    """Refuses to overwrite silently what was saved after this form was opened, by whatever way it was saved.

    What the editor typed is kept, with the saved value beside each difference; saving a second time replaces knowingly.
    """

    version = VersionField(required=False)
    # Accessors of the rows that the page edits below this one.
    lists: Iterable[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.is_bound:
            self.initial["version"] = self._version(self.instance, self.initial)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk:
            saved = self._lock()
            opened, _space, fingerprint = self.cleaned_data.get("version", "").partition(" ")
            version = self._version(saved, model_to_dict(saved, self._meta.fields, self._meta.exclude))
            if fingerprint != version.partition(" ")[2]:
                self._keep(self.kept(saved) | {"version": [version]})
                self._explain(saved, opened)
        return cleaned

    def kept(self, saved: Any) -> dict[str, list[str]]:
        """What the form takes over from the saved row before it is shown again."""
        return {}

    def _lock(self) -> Any:
        """The saved row. A second save of the same moment waits here and then sees the first."""
        # The rows below come first, as in actions that change several contacts and then their organization.
        for name in self.lists:
            list(getattr(self.instance, name).order_by("pk").select_for_update(of=("self",), no_key=True))
        rows = self._meta.model._default_manager.select_for_update(of=("self",), no_key=True)  # noqa: SLF001
        return rows.get(pk=self.instance.pk)

    def _version(self, row: Any, shown: Mapping[str, Any]) -> str:
        below = [list(getattr(row, name).order_by("pk").values_list()) for name in self.lists]
        values = [(name, _plain(shown[name])) for name in sorted(shown)]
        return f"{timezone.now().isoformat()} {salted_hmac(__name__, repr((values, below))).hexdigest()}"

    def _keep(self, kept: dict[str, list[str]]) -> None:
        data: Any = self.data
        self.data = data = data.copy()
        for name, values in kept.items():
            data.setlist(self.add_prefix(name), values)

    def _explain(self, saved: Any, opened: str) -> None:
        differences = [name for name in self.fields if self._differs(name)]
        self.add_error(None, conflict(saved, _since(opened), [str(self.fields[name].label) for name in differences]))
        for name in differences:
            self.add_error(name, format_html(_("Saved now: {value}"), value=_shown(saved, name)))

    def _differs(self, name: str) -> bool:
        """From what is saved; `changed_data` compares some fields with what the page showed when it was opened."""
        field = self.fields[name]
        return field.has_changed(self.get_initial_for_field(field, name), self[name].data)


def _plain(value: Any) -> Any:
    return sorted(row.pk for row in value) if isinstance(value, list) and value and isinstance(value[0], Model) else value


def _shown(saved: Any, name: str) -> str:
    field = saved._meta.get_field(name)  # noqa: SLF001
    value = getattr(saved, name)
    if field.many_to_many:
        return ", ".join(map(str, value.all())) or _("nothing")
    return display_for_field(value, field, _("nothing")) or _("nothing")


def _since(opened: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(opened)
    except ValueError:
        return timezone.now()


def conflict(saved: Any, since: datetime.datetime, differences: list[str]) -> str:
    """The sentence for an editor whose form shows an older version than the one that is saved."""
    changes = LogEntry.objects.filter(
        content_type=get_content_type_for_model(saved), object_id=saved.pk, action_time__gte=since
    ).select_related("user")
    who = sorted({change.user.get_username() for change in changes})
    return format_html(
        _(
            "{who} changed this entry after you opened it, so nothing was saved yet. What you typed is kept below; it differs"
            " from what is saved now in: {fields}. <a href='{address}' target='_blank'>See what is saved now</a> in a new tab,"
            " carry over what should stay, and save again: yours then replaces it."
        ),
        who=get_text_list(who, _("and")) or _("An import or another part of the site"),
        fields=get_text_list(differences, _("and")) or _("the lists at the end of the page"),
        address=reverse(f"admin:{saved._meta.app_label}_{saved._meta.model_name}_change", args=[saved.pk]),  # noqa: SLF001
    )


class VersionedAdmin(admin.ModelAdmin):
    """Every admin whose rows staff may change. Its form is a VersionedForm."""

    form = VersionedForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        below = {inline.model for inline in self.inlines}
        form.lists = [found.get_accessor_name() for found in self.opts.related_objects if found.related_model in below]
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj) or "version" in flatten_fieldsets(fieldsets):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": [*options["fields"], "version"]}), *others]
