"""The form that registers interest. It only validates; what follows is in actions."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from initiatives.models import Initiative
from interest.forms.fields import MESSAGE_LENGTH, AddressField, LineField, PhoneField, TextField, key_field


class InitiativesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Initiative) -> SafeString:
        return format_html('<span><bdi>{}</bdi> <span lang="en" dir="ltr">{}</span></span>', obj.code, obj.title)


def country_choices() -> list[tuple[str, Any]]:
    """In the alphabetical order of the reader's language."""
    return [("", _("Choose a country")), *countries]


class RegisterForm(forms.Form):
    initiatives = InitiativesField(
        queryset=Initiative.objects.none(),
        to_field_name="code",
        label=_("Initiatives"),
        help_text=_("Untick what you do not want to register for."),
        error_messages={
            "required": _("Choose at least one initiative."),
            "invalid_choice": _("%(value)s is no longer in the catalogue and was taken off this form."),
        },
    )
    name = LineField(label=_("Your name"), max_length=150, error_messages={"required": _("Enter your name.")})
    job_title = LineField(label=_("Your job title"), max_length=150, error_messages={"required": _("Enter your job title.")})
    institution = LineField(
        label=_("Your institution"),
        max_length=200,
        help_text=_("Ministry, agency or service, for example “Ministry of Health”."),
        error_messages={"required": _("Enter the ministry, agency or service you work for.")},
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=country_choices, error_messages={"required": _("Choose your country.")}
    )
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("Your address at work is best. We send a link to it that you need to open."),
        error_messages={"required": _("Enter the e-mail address at which you want to be answered.")},
    )
    phone = PhoneField(label=_("Phone"), max_length=50, required=False, help_text=_("With the country code."))
    message = TextField(
        label=_("Message"),
        max_length=MESSAGE_LENGTH,
        required=False,
        help_text=_(
            "What you need, for whom, and by when. All organizations you ask read the same message. Up to 4,000 characters."
        ),
    )
    understood = forms.BooleanField(
        label=_("I understand that this is not a guarantee of participation"),
        error_messages={"required": _("Please tick the box: an expression of interest is not a guarantee of participation.")},
    )
    key = key_field()
    # People do not see this field. What fills it in is a program.
    website = forms.CharField(label=_("Leave this empty"), required=False)

    AUTOCOMPLETE = {
        "name": "name",
        "job_title": "organization-title",
        "institution": "organization",
        "country": "country",
        "email": "email",
        "phone": "tel",
        "website": "off",
    }

    def __init__(self, data: QueryDict | None = None, *, offered: QuerySet[Initiative]) -> None:
        super().__init__(data, initial={"initiatives": [initiative.code for initiative in offered]})
        self.fields["initiatives"].queryset = offered  # type: ignore[attr-defined]
        for name, token in self.AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = token
        self.fields["phone"].widget.input_type = "tel"

    def clean_website(self) -> str:
        """A page that says "check your mail" would lie to a person whose browser filled it in, so it says what happened."""
        if self.cleaned_data["website"]:
            self.data = emptied = cast("QueryDict", self.data).copy()
            emptied["website"] = ""
            self.add_error(
                None, _("A program filled in a field that people do not see. It is empty again: please send the form once more.")
            )
        return ""

    def answers(self) -> dict[str, Any]:
        """What the action takes."""
        names = ["key", "initiatives", "name", "job_title", "institution", "country", "email", "phone", "message"]
        return {name: self.cleaned_data[name] for name in names}
