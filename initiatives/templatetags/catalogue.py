"""Filters for texts, codes and lists of the catalogue."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from initiatives.countries import Country, in_order
from initiatives.markdown import to_html, to_text
from initiatives.models import Initiative, Term, language_name
from initiatives.telling import label_of

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return to_html(text)


@register.filter
def brief(text: str, words: int = 40) -> str:
    """The beginning of a Markdown text as plain words."""
    return Truncator(to_text(text)).words(words)


@register.filter
def country_names(codes: Iterable[str]) -> list[str]:
    return [country.name for country in in_order(codes)]


@register.filter
def as_countries(codes: Iterable[str] | None) -> list[Country]:
    return in_order(codes or [])


@register.filter
def language_names(codes: Iterable[str]) -> list[str]:
    return [language_name(code) for code in codes]


@register.filter
def sections(initiative: Initiative) -> list[tuple[str, str]]:
    """Heading and Markdown text of each section that has one, in the order of the page."""
    return [(str(label_of(name)), text) for name in Initiative.SECTIONS if (text := getattr(initiative, name))]


@register.filter
def terms_of(initiative: Initiative, facet: str) -> list[Term]:
    return initiative.terms_of(facet)


@register.filter
def in_role(links: Iterable[Any], role: str) -> list[Any]:
    """Those links of an initiative or a training to organizations that have this role."""
    return [link for link in links if link.role == role]
