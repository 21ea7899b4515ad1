"""What the catalogue says of countries, and by which words people find one.

It knows nothing of trainings held there, which the pages of the countries join (`coalition.countries`), and nothing of interest:
interest is no participation.
"""

import difflib
import gettext
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import django_countries
from django.db.models import Count, F, Func, TextField
from django.urls import reverse
from django.utils import translation
from django_countries import countries
from django_countries.data import COUNTRIES

from initiatives import facets
from initiatives.markdown import to_text
from initiatives.models import (
    Initiative,
    InitiativeQuerySet,
    SearchDocument,
    SubWorkingGroup,
    Synonym,
    Term,
)
from initiatives.models.search import one_of, open_to, tag
from initiatives.search.parser import words_of
from initiatives.search.stems import DICTIONARIES, fold, key, stems

USUAL_NAMES = Path(django_countries.__file__).with_name("locale")
# What the official names have and people leave out: “Korea (the Republic of)”.
SMALL_WORDS = {"the", "of", "and"}
# The six of the United Nations and Portuguese, as django-countries calls them.
NAMED_IN = ["en", "fr", "es", "ar", "ru", "zh-hans", "pt"]
Words = frozenset[str]


@dataclass(frozen=True)
class Country:
    """By its ISO 3166-1 alpha-2 code in capitals; named in the reader's language."""

    code: str

    @property
    def name(self) -> str:
        return str(countries.name(self.code))

    def get_absolute_url(self) -> str:
        return reverse("country", args=[self.code.lower()])


def in_order(codes: Iterable[str]) -> list[Country]:
    """By their names in the reader's language."""
    wanted = set(codes)
    return [Country(code) for code, _name in countries if code in wanted]


# -- What is known ---------------------------------------------------------------------------------------------------------------


def named() -> dict[str, int]:
    """For each country that published entries name as taking part, their number. One query."""
    one = Func(F("countries"), function="unnest", output_field=TextField())
    entries = Initiative.objects.published().order_by()
    return dict(entries.annotate(one=one).values_list("one").annotate(entries=Count("*")))


def taking_part(code: str) -> InitiativeQuerySet:
    """Published entries whose source names the country as taking part or as a place of work."""
    return Initiative.objects.published().filter(countries__contains=[code])


def conditions(code: str, regions: Iterable[Term]) -> dict[str, str]:
    """What the tags fit of entries that the country is `taking_part` in, that are `open` to it, and that are `perhaps_open`."""
    not_stated, is_open = one_of(tag("scope", Initiative.Scope.NOT_STATED)), open_to(code, regions=regions)
    return {"taking_part": one_of(tag("country", code)), "open": is_open, "perhaps_open": f"{not_stated} & !{is_open}"}


def by_group(conditions: dict[str, str]) -> dict[str, dict[str, int]]:
    """For each condition the numbers of published entries that fit it, by number of the sub-working group. One query."""
    entries = [SearchDocument.objects.published().filter(facets__fits=condition) for condition in conditions.values()]
    return {name: counts["sub_working_group"] for name, counts in zip(conditions, facets.counts(*entries), strict=True)}


def first_of_each_group(condition: str, groups: Iterable[SubWorkingGroup], most: int) -> dict[int, list[Initiative]]:
    """The first published entries by code that fit, of each of these groups, by its id; code, title and what says for whom they
    are. One query.
    """
    wanted = Initiative.objects.published().only("code", "title", "countries", "scope", "sub_working_group").order_by("code")
    fitting = wanted.filter(search_document__facets__fits=condition)
    # Read in the order of their index, until there are enough: a window function would read all.
    firsts = [fitting.filter(sub_working_group=group)[:most] for group in groups]
    found: dict[int, list[Initiative]] = defaultdict(list)
    for initiative in Initiative.objects.none().union(*firsts, all=True):
        found[initiative.sub_working_group_id].append(initiative)
    return found


def own_words(initiative: Initiative, code: str) -> str:
    """What the entry says of who takes part, if it names the country there by its English name; else nothing.

    Only for an entry that lists the country: a name in a text alone is no proof of taking part ("unlike Chad, ...").
    """
    text = to_text(initiative.state_participation)
    short = _short(_iso_names()[code])
    return text if code in initiative.countries and re.search(rf"\b{re.escape(short)}\b", text) else ""


# -- Finding one -----------------------------------------------------------------------------------------------------------------


def find(text: str) -> list[Country]:
    """Countries that somebody may mean: by code, by whole name in a language of the United Nations or by a synonym of search.

    If there is none: by a part of the name, then by what is spelled alike. Two queries at most.
    """
    if code := countries.alpha2(text.strip().upper()):
        return [Country(code)]
    if not (wanted := _words(text)):
        return []
    found = _exactly(wanted) | _by_synonym(text) or _in_part(wanted) or _alike(wanted)
    return in_order(found)


def with_words(text: str) -> set[str]:
    """Codes of the countries in whose name, in the reader's language or in English, each of these words begins a word."""
    return _in_part(wanted) if (wanted := _words(text)) else set()


def named_exactly(text: str) -> set[str]:
    """Codes of the countries with this name in a language of the United Nations; else those whose name begins so: Moldova."""
    wanted = _words(text)
    names = [*countries, *_iso_names().items()]
    return _exactly(wanted) or {code for code, name in names if wanted and _words(_short(name)) == wanted}


def _short(name: str) -> str:
    """Without what stands behind it: “Iran (Islamic Republic of)”, “Palestine, State of”."""
    return name.partition(" (")[0].partition(",")[0]


def _words(text: str) -> Words:
    words = frozenset(re.findall(r"\w+", fold(text)))
    return words - SMALL_WORDS


@cache
def _iso_names() -> dict[str, str]:
    """By code the English names of ISO 3166-1, which begin with what texts call a country: “Tanzania, the United Republic of”."""
    with translation.override("en"):
        return {code: str(name) for code, name in COUNTRIES.items() if code in countries}


@cache
def _names(language: str) -> list[tuple[str, Words]]:
    """Official names, then those of Django Countries, which locale/ replaces: people also look for Birmanie and Turquía."""
    usual = gettext.translation("django", USUAL_NAMES, [translation.to_locale(language)], fallback=True)
    with translation.override(language):
        official = [(code, _words(name)) for code, name in countries]
    return official + [(code, _words(usual.gettext(name))) for code, name in _iso_names().items()]


def _known() -> list[tuple[str, Words]]:
    """Countries with their names in the reader's language and in English."""
    return [pair for language in {translation.get_language() or "en", "en"} for pair in _names(language)]


def _exactly(wanted: Words) -> set[str]:
    return {code for language in NAMED_IN for code, name in _names(language) if wanted == name}


def _in_part(wanted: Words) -> set[str]:
    """Every word begins a word of the name."""
    return {code for code, name in _known() if all(any(word.startswith(part) for word in name) for part in wanted)}


def _by_synonym(text: str) -> set[str]:
    """Laos, UK: the vocabulary of search says which names these are."""
    words = words_of(text)
    stems_of = stems(words)
    keys = [key(language, words, stems_of) for language in DICTIONARIES]
    rows = Synonym.objects.filter(keys__key__in=keys, is_filler=False)
    return set().union(*(_meant([_words(name) for name in [*row.words(), *row.finds]]) for row in rows))


def _meant(names: list[Words]) -> set[str]:
    """By the fullest of these names that is whole: Democratic Republic of the Congo, not Congo. Else by those that are a part."""
    for name in sorted(names, key=len, reverse=True):
        if found := _exactly(name):
            return found
    return set().union(*(_in_part(name) for name in names if name))


def _alike(wanted: Words) -> set[str]:
    spelled = {" ".join(sorted(name)): code for code, name in _known()}
    close = difflib.get_close_matches(" ".join(sorted(wanted)), spelled, n=3, cutoff=0.75)
    return {spelled[name] for name in close}
