"""What to search for when no entry has all the words: first another spelling, then fewer words."""

import re
from dataclasses import dataclass
from itertools import combinations

from django.contrib.postgres.search import SearchQueryCombinable

from initiatives.models import InitiativeQuerySet
from initiatives.models.search import Matchable
from initiatives.search.spelling import can_be_misspelled, similar_words
from initiatives.search.wording import Unit, all_of, any_of, read

# Every one costs a query.
MOST_COUNTED = 8
MOST_CORRECTED = 3
# Of longer searches the rarest words are kept.
MOST_COMBINED = 4
# A search with fewer words that finds more than one entry in four, or more than this, says too little to stand for the whole.
TOO_LARGE_A_PART = 4
TOO_MANY = 1000


@dataclass(frozen=True)
class Matches:
    """Parts of the search, of which every entry found has `number`. All of them, if some have all."""

    units: tuple[Unit, ...]
    number: int
    hits: int = 0
    corrected: str = ""
    # What no entry needs to have.
    left_out: tuple[Unit, ...] = ()
    # Where nothing is found: the parts that find something alone, the rarest first.
    known: tuple[Unit, ...] = ()

    @property
    def query(self) -> SearchQueryCombinable:
        return _some_of(self.units, self.number)


def matches(text: str, units: tuple[Unit, ...], queryset: InitiativeQuerySet) -> Matches:
    """Entries with all the words as typed, else as corrected, else with as many of them as an entry has."""
    if hits := _hits(queryset, units):
        return Matches(units, len(units), hits)
    counts = _counts(queryset, units)
    corrected = _corrected(text, [unit for unit, count in counts.items() if not count], queryset)
    if corrected:
        units = read(corrected)
        if hits := _hits(queryset, units):
            return Matches(units, len(units), hits, corrected)
        counts = _counts(queryset, units)
    rarest_first = sorted((unit for unit in counts if counts[unit]), key=lambda unit: counts[unit])
    known = tuple(rarest_first)[:MOST_COMBINED]
    kept, number, hits = _most_of(known, min(len(known), len(units) - 1), queryset)
    if not hits:
        return Matches(units, len(units), known=known)
    return Matches(kept, number, hits, corrected, tuple(unit for unit in units if unit not in kept))


def _some_of(units: tuple[Unit, ...], number: int) -> SearchQueryCombinable:
    """Any so many of the parts together."""
    return any_of(all_of(unit.query() for unit in chosen) for chosen in combinations(units, number))


def _hits(queryset: InitiativeQuerySet, units: tuple[Unit, ...], number: int | None = None) -> int:
    """How many entries have so many of the parts, else all.

    Counted to the end: asked for the first only, PostgreSQL reads all entries in turn where there is none.
    """
    return matching(queryset, _some_of(units, len(units) if number is None else number)).count()


def matching(queryset: InitiativeQuerySet, query: SearchQueryCombinable) -> InitiativeQuerySet:
    return queryset.alias(matchable=Matchable("search_document__vector")).filter(matchable=query)


def _counts(queryset: InitiativeQuerySet, units: tuple[Unit, ...]) -> dict[Unit, int]:
    return {unit: _hits(queryset, (unit,)) for unit in units[:MOST_COUNTED]}


def _corrected(text: str, unknown: list[Unit], queryset: InitiativeQuerySet) -> str:
    """The text with those words of the catalogue that an unknown word may have meant, if these find something here."""
    corrected = text
    for unit in [unit for unit in unknown if can_be_misspelled(unit)][:MOST_CORRECTED]:
        for word in similar_words(unit):
            if _hits(queryset, read(word)):
                corrected = re.sub(rf"\b{re.escape(unit.words[0])}\b", word, corrected)
                break
    return "" if corrected == text else corrected


def _most_of(known: tuple[Unit, ...], most: int, queryset: InitiativeQuerySet) -> tuple[tuple[Unit, ...], int, int]:
    """As many parts as an entry has, how many, and the hits; none if these are too many. Of parts that never meet, the rarest."""
    enough = min(TOO_MANY, queryset.count() // TOO_LARGE_A_PART)
    for number in range(most, 0, -1):
        kept = known if number > 1 else known[:1]
        if hits := _hits(queryset, kept, number):
            return (kept, number, hits) if hits <= enough else ((), 0, 0)
    return (), 0, 0
