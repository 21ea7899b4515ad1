"""What to search for when no entry has all the words: first another spelling, then as many of the words as possible."""

import re
from dataclasses import dataclass
from itertools import combinations

from django.contrib.postgres.search import SearchQueryCombinable

from initiatives.models import InitiativeQuerySet
from initiatives.models.initiatives import CODE
from initiatives.search.spelling import can_be_misspelled, similar_words
from initiatives.search.wording import Unit, all_of, any_of, read

# Every one costs a query.
MOST_COUNTED = 8
MOST_CORRECTED = 3
# So many words at most are combined; the rarest are kept.
MOST_COMBINED = 5
# Beyond this a word is common, however often it occurs.
COMMON = 1000


@dataclass(frozen=True)
class Matches:
    units: tuple[Unit, ...]
    query: SearchQueryCombinable
    # For ranks and marks, where the query itself asks for combinations.
    any_word: SearchQueryCombinable
    # If not all words are asked for: how much each of them tells, all together 1.
    weights: tuple[tuple[Unit, float], ...] = ()
    corrected: str = ""
    share: float = 1.0

    @property
    def codes(self) -> list[str]:
        """The initiative codes among the words."""
        words = [word.upper() for unit in self.units for word in unit.words]
        return [word for word in words if CODE.fullmatch(word)]


def matches(text: str, units: tuple[Unit, ...], queryset: InitiativeQuerySet) -> Matches:
    """Entries with all the words as typed, else as corrected, else with most of them."""
    if _finds(queryset, units):
        return Matches(units, all_of(units), any_of([unit.query() for unit in units]))
    counts = _counts(queryset, units)
    corrected = _corrected(text, [unit for unit, count in counts if not count], queryset)
    if corrected != text:
        units = read(corrected)
        if _finds(queryset, units):
            return Matches(units, all_of(units), any_of([unit.query() for unit in units]), corrected=corrected)
        counts = _counts(queryset, units)
    known = sorted(((unit, count) for unit, count in counts if count), key=lambda known: known[1])[:MOST_COMBINED]
    return _most_of(units, known, queryset, corrected if corrected != text else "")


def _finds(queryset: InitiativeQuerySet, units: tuple[Unit, ...]) -> bool:
    return queryset.filter(search_document__vector=all_of(units)).exists()


def _counts(queryset: InitiativeQuerySet, units: tuple[Unit, ...]) -> list[tuple[Unit, int]]:
    """In how many entries each unit occurs, counted up to COMMON."""
    return [(unit, queryset.filter(search_document__vector=unit.query())[:COMMON].count()) for unit in units[:MOST_COUNTED]]


def _corrected(text: str, unknown: list[Unit], queryset: InitiativeQuerySet) -> str:
    """The text with those words of the catalogue that an unknown word may have meant, if these find something here."""
    for unit in [unit for unit in unknown if can_be_misspelled(unit)][:MOST_CORRECTED]:
        for word in similar_words(unit):
            if _finds(queryset, read(word)):
                text = re.sub(rf"\b{re.escape(unit.words[0])}\b", word, text)
                break
    return text


def _most_of(units: tuple[Unit, ...], known: list[tuple[Unit, int]], queryset: InitiativeQuerySet, corrected: str) -> Matches:
    """Entries with as many of the known units as any entry has."""
    told = sum(1 / count for _, count in known)
    weights = tuple((unit, 1 / count / told) for unit, count in known)
    for number in range(min(len(known), len(units) - 1), 0, -1):
        query = any_of([all_of(chosen) for chosen in combinations([unit for unit, _ in known], number)])
        if queryset.filter(search_document__vector=query).exists():
            any_word = any_of([unit.query() for unit, _ in known])
            return Matches(units, query, any_word, weights, corrected, number / len(units))
    return Matches(units, all_of(units), any_of([unit.query() for unit in units]))
