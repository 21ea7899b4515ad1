"""Fields for several two-letter codes in one column, stored as a PostgreSQL array and chosen from a list in forms."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_countries import countries

# Languages in which initiatives are delivered (ISO 639-1): the six of the United Nations, then others that the texts name.
DELIVERY_LANGUAGES = [
    ("ar", _("Arabic")),
    ("zh", _("Chinese")),
    ("en", _("English")),
    ("fr", _("French")),
    ("ru", _("Russian")),
    ("es", _("Spanish")),
    ("fa", _("Persian")),
    ("pt", _("Portuguese")),
]


def language_name(code: str) -> str:
    """In the reader's language; the code itself if it is none of these."""
    return str(dict(DELIVERY_LANGUAGES).get(code, code))


class CodesField(ArrayField):
    names: Iterable[tuple[str, Any]] = ()

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"base_field": models.CharField(max_length=2), "default": list, "blank": True}
        super().__init__(**defaults | kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field:
        defaults = {"required": not self.blank, "label": capfirst(self.verbose_name), "help_text": self.help_text}
        return forms.MultipleChoiceField(choices=list(self.names), **defaults | kwargs)


class LanguageCodesField(CodesField):
    names = DELIVERY_LANGUAGES


class CountryCodesField(CodesField):
    """ISO 3166-1 alpha-2, with names by django-countries in the reader's language."""

    names = countries
