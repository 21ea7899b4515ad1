"""How staff edit texts, addresses, and columns that hold several values."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, FilteredSelectMultiple
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Field, TextField, URLField
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from initiatives.models import Term
from initiatives.models.fields import CountryCodesField, LanguageCodesField


class TextWidget(AdminTextareaWidget):
    """Takes back the CRLF in which browsers send line ends, or every text of several lines would count as edited."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class LinesField(SimpleArrayField):
    """One value on each line, because names have commas in them: “Asia, the Pacific”."""

    def __init__(self, base_field: forms.Field, **kwargs: Any) -> None:
        super().__init__(base_field, delimiter="\n", **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "\n".join(line for line in value.splitlines() if line.strip())
        return super().to_python(value)


class TermChoices(ModelChoiceIterator):
    """The vocabulary under the names of its facets, in the facets' own order."""

    def __iter__(self) -> Iterator[Any]:
        order = list(Term.Facet)
        terms = sorted(self.queryset, key=lambda term: order.index(term.facet))
        for facet, of_facet in groupby(terms, key=lambda term: term.facet):
            yield Term.Facet(facet).label, [self.choice(term) for term in of_facet]


class TermsField(forms.ModelMultipleChoiceField):
    """All terms as checkboxes: with a hundred of them an editor sees at a glance what is chosen and what else there is."""

    iterator = TermChoices
    widget = forms.CheckboxSelectMultiple


# The `formfield_overrides` of our admins.
FORM_FIELDS: dict[type[Field], dict[str, Any]] = {
    LanguageCodesField: {"widget": forms.CheckboxSelectMultiple},
    CountryCodesField: {"widget": FilteredSelectMultiple(_("countries"), is_stacked=False)},
    ArrayField: {"form_class": LinesField, "widget": AdminTextareaWidget(attrs={"rows": 4})},
    TextField: {"widget": TextWidget},
    URLField: {"assume_scheme": "https"},
}
