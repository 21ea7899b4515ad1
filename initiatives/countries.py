"""What the catalogue says of countries, and by which words people find one.

It knows nothing of trainings held there, which the pages of the countries join (`coalition.countries`), and nothing of interest:
interest is no participation.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Func, QuerySet, TextField, Value, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import translation
from django_countries import countries

from initiatives.markdown import to_text
from initiatives.models import Initiative, InitiativeQuerySet, Synonym
from initiatives.search.parser import words_of
from initiatives.search.stems import DICTIONARIES, fold, key, stems

# What the official names have and people leave out: “Korea (the Republic of)”.
SMALL_WORDS = {"the", "of", "and"}
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
    return dict(entries.annotate(one=one).values_list("one").annotate(entries=Count("pk", distinct=True)))


def taking_part(code: str) -> InitiativeQuerySet:
    """Published entries whose source names the country as taking part or as a place of work."""
    return Initiative.objects.published().filter(countries__contains=[code])


def by_group(code: str) -> dict[str, dict[str, int]]:
    """Numbers of published entries `taking_part`, `open` and `perhaps_open`, by number of the sub-working group. One query."""
    published = Initiative.objects.published()
    asked = {
        "taking_part": taking_part(code),
        "open": published.open_to(code),
        "perhaps_open": published.perhaps_open_to(code),
    }
    first, *others = (_counted(name, queryset) for name, queryset in asked.items())
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(asked, 0))
    for name, number, entries in first.union(*others, all=True):
        found[number][name] = entries
    return found


def _counted(name: str, queryset: InitiativeQuerySet) -> QuerySet:
    named = queryset.order_by().annotate(name=Value(name, TextField()))
    return named.values_list("name", "sub_working_group__number").annotate(entries=Count("pk"))


def first_of_each_group(queryset: InitiativeQuerySet, most: int) -> InitiativeQuerySet:
    """Of each sub-working group the first entries by code."""
    place = Window(RowNumber(), partition_by="sub_working_group", order_by="code")
    return queryset.annotate(place=place).filter(place__lte=most).select_related("sub_working_group").order_by("code")


def own_words(initiative: Initiative, code: str) -> str:
    """What the entry says of who takes part, if it names the country there by its English name; else nothing.

    Only for an entry that lists the country: a name in a text alone is no proof of taking part ("unlike Chad, ...").
    """
    text = to_text(initiative.state_participation)
    with translation.override("en"):
        name = str(countries.name(code))
    short = name.partition(" (")[0].partition(",")[0]
    return text if code in initiative.countries and re.search(rf"\b{re.escape(short)}\b", text) else ""


# -- Finding one -----------------------------------------------------------------------------------------------------------------


def find(text: str) -> list[Country]:
    """Countries that somebody may mean: by code, by name in the reader's language or in English, by a synonym of search.

    The first of these ways that finds any decides; a part of a name comes after the whole, and what is spelled alike comes last.
    Two queries at most.
    """
    if code := countries.alpha2(text.strip().upper()):
        return [Country(code)]
    known = _names()
    if not (wanted := _words(text)):
        return []
    found = _exactly(wanted, known) or _by_synonym(text, known) or _in_part(wanted, known) or _alike(text, known)
    return in_order(found)


def _names() -> dict[str, list[Words]]:
    found: dict[str, list[Words]] = defaultdict(list)
    for language in [translation.get_language() or "en", "en"]:
        with translation.override(language):
            for code, name in countries:
                found[code].append(_words(name))
    return found


def _words(text: str) -> Words:
    words = frozenset(re.findall(r"\w+", fold(text)))
    return words - SMALL_WORDS


def _exactly(wanted: Words, known: dict[str, list[Words]]) -> set[str]:
    return {code for code, names in known.items() if wanted in names}


def _in_part(wanted: Words, known: dict[str, list[Words]]) -> set[str]:
    """Every word begins a word of the name."""
    return {
        code
        for code, names in known.items()
        if any(all(any(word.startswith(part) for word in name) for part in wanted) for name in names)
    }


def _by_synonym(text: str, known: dict[str, list[Words]]) -> set[str]:
    """Laos, UK: the vocabulary of search says which names these are."""
    words = words_of(text)
    stems_of = stems(words)
    keys = [key(language, words, stems_of) for language in DICTIONARIES]
    meanings = [_words(name) for row in Synonym.objects.filter(keys__key__in=keys) for name in row.equivalents()]
    exact = [_exactly(meaning, known) for meaning in meanings]
    return set().union(*exact) or set().union(*(_in_part(meaning, known) for meaning in meanings if meaning))


def _alike(text: str, known: dict[str, list[Words]]) -> set[str]:
    spelled = {" ".join(sorted(name)): code for code, names in known.items() for name in names}
    close = difflib.get_close_matches(" ".join(sorted(_words(text))), spelled, n=3, cutoff=0.75)
    return {spelled[name] for name in close}
