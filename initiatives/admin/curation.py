"""What staff change on a page is marked, and a new import of the source leaves it alone (design §4, curated fields)."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from initiatives.admin.versions import VersionedAdmin, VersionedForm


class CuratedForm(VersionedForm):
    curated_fields = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Fields that staff have edited"),
        help_text=_(
            "A new import of the source leaves these alone and reports the difference. What you change here is ticked when you"
            " save; untick a field to hand it back to the import."
        ),
    )
    # What a new import of the source may write.
    curated: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "curated_fields" in self.fields:
            field: Any = self.fields["curated_fields"]
            field.choices = [(name, self._label(name)) for name in self.curated]

    def _label(self, name: str) -> str:
        field: Any = self._meta.model._meta.get_field(name)  # noqa: SLF001
        return str(capfirst(field.verbose_name))

    def kept(self, saved: Any) -> dict[str, list[str]]:
        # The other editor's marks belong to what stays of the other's text.
        return {"curated_fields": saved.curated_fields}


class CuratedAdmin(VersionedAdmin):
    """Its form is a CuratedForm."""

    form = CuratedForm

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Marks what staff changed, last, because only here both the fields and the lists are known."""
        super().save_related(request, form, formsets, change)
        changed = {*form.changed_data, *self.changed_lists(formsets)} & set(form.curated)
        if changed:
            form.instance.curate(changed)
            form.instance.save(update_fields=["curated_fields"])

    def changed_lists(self, formsets: Any) -> set[str]:
        """The curated fields that are rows below the entry, as far as they were changed."""
        return set()
