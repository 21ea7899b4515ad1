"""Fields that people type into. They refuse what would read otherwise than it is written."""

import re
import unicodedata
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from coalition.mail import addresses

MESSAGE_LENGTH = 4000
# They turn the order of what follows around, so that a line reads otherwise than it is written (Unicode UAX #9).
DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")

# Signs that look like nothing, though Unicode calls them letters or symbols.
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
# What mail programs make a link of. One in a name would stand next to ours and look like it.
LINK = re.compile(r"://|\bwww\.|@", re.IGNORECASE)

PHONE = re.compile(r"[(+]*\d[\d+() ./‐‑–-]*(,? ?(ext\.?|extension|x|#) ?\d+)?", re.IGNORECASE)
PHONE_PROBLEM = _("Write the number with digits, spaces and + ( ) - . / only, for example +43 1 26060 or +43 1 26060 ext. 12.")


def refuse_invisible_signs(value: str) -> None:
    text = value.replace("\n", "").replace("\t", "")
    if DIRECTION_OVERRIDES.search(text) or any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        raise ValidationError(_("Remove the invisible control characters; typing the text anew helps."), code="invisible")


def refuse_links(value: str) -> None:
    """Also in the wide letters that browsers and some mail programs take for plain ones."""
    if LINK.search(unicodedata.normalize("NFKC", value)):
        raise ValidationError(_("Please write this without links and e-mail addresses: no “://”, “www.” or “@”."), code="link")


def is_blank(value: str) -> bool:
    """Whether a reader would see nothing: spaces, marks without a letter, and signs of no width only."""
    return all(sign in FILLERS or unicodedata.category(sign) in {"Cf", "Me", "Mn", "Zl", "Zp", "Zs"} for sign in value)


def refuse_what_is_no_number(value: str) -> None:
    if not PHONE.fullmatch(value):
        raise ValidationError(PHONE_PROBLEM, code="invalid")


class TypedField(forms.CharField):
    default_validators = [refuse_invisible_signs]
    default_error_messages = {
        "max_length": _("Please make it shorter: %(limit_value)s characters fit, and it has %(show_value)s.")
    }


class LineField(TypedField):
    """One line of text: line breaks and runs of white space become one space. It stands in our mails unquoted."""

    default_validators = [refuse_invisible_signs, refuse_links]

    def to_python(self, value: Any) -> str:
        line = " ".join(str(super().to_python(value)).split())
        return "" if is_blank(line) else line


class PhoneField(LineField):
    """A number as people write it, in the digits of any script."""

    default_validators = [refuse_invisible_signs, refuse_what_is_no_number]


class TextField(TypedField):
    """Several lines. A line break counts as one character, as it does in the browser."""

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without `maxlength`: the browser would cut a pasted text off and not say so."""
        return {}

    def to_python(self, value: Any) -> str:
        return "\n".join(str(super().to_python(value)).splitlines()).strip()


class AddressField(forms.CharField):
    """An e-mail address that the portal would write to."""

    widget = forms.EmailInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 254} | options)

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        return addresses.clean(typed) if typed else ""


def key_field() -> forms.UUIDField:
    """Tells two sendings of one form from two forms."""
    return forms.UUIDField(
        widget=forms.HiddenInput, initial=uuid.uuid4, error_messages={"invalid": _("Please load this page again.")}
    )
