"""How dates and lists are written in the reader's language. Every template has these filters (TEMPLATES in the settings)."""

import datetime
import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils.translation import get_language, gettext

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: datetime.date | str | None, style: str | None = None) -> str:
    """Django's own, but for the first of a month in French, which is an ordinal: 1er mai."""
    words = defaultfilters.date(value, style)
    return re.sub(r"^1(?= [a-zéû])", "1er", words) if get_language() == "fr" else words


@register.filter(is_safe=False)
def with_commas(items: Iterable[Any], attribute: str | None = None) -> str:
    """In a row, with the comma of the language; of each thing this attribute, or all of it as words."""
    # Translators: between two things of a list, with the space after it.
    return gettext(", ").join(str(getattr(item, attribute) if attribute else item) for item in items)
