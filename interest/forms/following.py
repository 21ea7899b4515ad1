"""Forms of the status page: give information, withdraw, correct; and the form that asks for the link again."""

import re
import unicodedata
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from initiatives.templatetags.wording import with_commas
from interest.forms.answering import UNREMEMBERED
from interest.forms.fields import MESSAGE_LENGTH, AddressField, LineField, PhoneField, TextField, key_field
from interest.models import ExpressionOfInterest, Referral

# Unicode's categories of spaces, of dashes (a minus is a symbol, Sm), and of signs without a width.
SEPARATORS = {"Zs", "Pd", "Sm", "Cf"}
REFERENCE = re.compile(r"(?:EOI)?(\d{4})([A-Z0-9]{6})")


class ReplyForm(forms.Form):
    """One text for each address that wants to know something, however many initiatives it is about.

    A field is named after its first initiative, because nothing may tell the address.
    """

    key = key_field()

    def __init__(self, data: QueryDict | None = None, *, questions: Sequence[Sequence[Referral]]) -> None:
        super().__init__(data)
        self.codes = {f"text-{group[0].initiative.code}": [r.initiative.code for r in group] for group in questions}
        for (name, codes), group in zip(self.codes.items(), questions, strict=True):
            self.fields[name] = TextField(
                label=_("Your reply to %(office)s") % {"office": group[0].asked},
                max_length=MESSAGE_LENGTH,
                required=len(questions) == 1,
                help_text=_("About %(codes)s. Up to 4,000 characters.") % {"codes": with_commas(codes)},
                error_messages={"required": _("Write what they want to know.")},
            )

    def clean(self) -> None:
        if not self.errors and not self.texts():
            self.add_error(next(iter(self.codes)), _("Write at least one reply."))

    def texts(self) -> dict[str, str]:
        """A text for each code; offices that were left out stay as they are."""
        return {
            code: self.cleaned_data[name] for name, codes in self.codes.items() for code in codes if self.cleaned_data.get(name)
        }


def choice(referral: Referral) -> tuple[str, SafeString]:
    initiative = referral.initiative
    return initiative.code, format_html(
        '<span><bdi>{}</bdi> <span lang="en" dir="ltr">{}</span></span>', initiative.code, initiative.title
    )


class WithdrawForm(forms.Form):
    initiatives = forms.MultipleChoiceField(
        label=_("What do you want to withdraw?"),
        widget=forms.CheckboxSelectMultiple(attrs=UNREMEMBERED),
        error_messages={
            "required": _("Choose what you want to withdraw."),
            "invalid_choice": _("%(value)s was withdrawn already."),
        },
    )

    def __init__(self, data: QueryDict | None = None, *, live: Sequence[Referral], ticked: Sequence[str]) -> None:
        super().__init__(data, initial={"initiatives": ticked})
        self.fields["initiatives"].choices = [choice(referral) for referral in live]  # type: ignore[attr-defined]


class DetailsForm(forms.Form):
    name = LineField(label=_("Your name"), max_length=150, error_messages={"required": _("Enter your name.")})
    job_title = LineField(label=_("Your job title"), max_length=150, error_messages={"required": _("Enter your job title.")})
    institution = LineField(
        label=_("Your institution"),
        max_length=200,
        error_messages={"required": _("Enter the ministry, agency or service you work for.")},
    )
    phone = PhoneField(label=_("Phone"), max_length=50, required=False, help_text=_("With the country code."))

    AUTOCOMPLETE = {"name": "name", "job_title": "organization-title", "institution": "organization", "phone": "tel"}

    def __init__(self, data: QueryDict | None = None, *, expression: ExpressionOfInterest) -> None:
        super().__init__(data, initial={name: getattr(expression, name) for name in self.AUTOCOMPLETE})
        for name, token in self.AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = token
        self.fields["phone"].widget.input_type = "tel"


class StatusLinkForm(forms.Form):
    reference = LineField(
        label=_("Reference"),
        max_length=30,
        help_text=_("It begins with EOI- and is in every mail you got from us."),
        error_messages={"required": _("Enter the reference.")},
    )
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("The one you registered with."),
        error_messages={"required": _("Enter the address you registered with.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_reference(self) -> str:
        """As people copy it: with or without the begin, in small letters, with spaces, or with the dashes of another program."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["reference"]).upper()
        found = REFERENCE.fullmatch("".join(sign for sign in typed if unicodedata.category(sign) not in SEPARATORS))
        if not found:
            raise ValidationError(_("A reference looks like this: %(example)s"), params={"example": "EOI-2026-7KQXRM"})
        year, letters = found.groups()
        return f"EOI-{int(year)}-{letters}"
