"""Filters for texts and codes of the catalogue."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django_countries import countries

from initiatives.markdown import to_html, to_text
from initiatives.models import DELIVERY_LANGUAGES

register = template.Library()
LANGUAGE_NAMES = dict(DELIVERY_LANGUAGES)


@register.filter
def markdown(text: str) -> SafeString:
    return to_html(text)


@register.filter
def brief(text: str, words: int = 40) -> str:
    """The beginning of a Markdown text as plain words."""
    return Truncator(to_text(text)).words(words)


@register.filter
def country_names(codes: Iterable[str]) -> list[str]:
    return sorted(countries.name(code) for code in codes)


@register.filter
def language_names(codes: Iterable[str]) -> list[str]:
    return [str(LANGUAGE_NAMES.get(code, code)) for code in codes]
