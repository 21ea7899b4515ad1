"""Rows under an entry that lead to other rows: its organizations, contacts, initiatives."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.http import HttpRequest


class LoadedAutocomplete(AutocompleteSelect):
    """Shows the object that its row has fetched already; Django's own asks the database once for each row."""

    loaded: Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.loaded is None or list(value) != [str(self.loaded.pk)]:
            return super().optgroups(name, value, attrs)
        nothing = [] if self.is_required else [self.create_option(name, "", "", selected=False, index=0)]
        chosen = self.create_option(name, self.loaded.pk, str(self.loaded), selected=True, index=0)
        return [(None, [*nothing, chosen], 0)]


class LinkForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, LoadedAutocomplete) and self.instance.pk:
                widget.loaded = getattr(self.instance, name)


class OrderedFormSet(forms.BaseInlineFormSet):
    """A new row gets the position after the last, so that a second contact does not come before the first unasked."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs = super().get_form_kwargs(index)
        if index is None or index >= self.initial_form_count():
            last = max((row.position for row in self.get_queryset()), default=0)
            kwargs["initial"] = {"position": last + 1}
        return kwargs


class LinkInline(admin.TabularInline):
    form = LinkForm
    extra = 0
    classes = ["links"]
    # What the rows show of the objects they lead to, fetched with them.
    fetched: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*self.fetched)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, ForeignKey) and field:
            # A cross beside “Delete?” of the row would delete the organization itself.
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = LoadedAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
