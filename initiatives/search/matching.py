"""Which entries a search finds: those with all its words; where these are few, also those with the words that tell most."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import log

from django.contrib.postgres.search import SearchQueryCombinable
from django.db import connection

from initiatives.models import SearchDocumentQuerySet
from initiatives.models.initiatives import CODE
from initiatives.search.ranking import MOST_RANKED
from initiatives.search.spelling import can_be_misspelled, similar_words
from initiatives.search.wording import Unit, all_of, any_of, read

# Every one costs a query.
MOST_COUNTED = 10
MOST_CORRECTED = 3
# Of longer searches the rarest words are combined.
MOST_COMBINED = 6
# So many entries with all the words need no others beside them; of so many it is no more worth the time what each word tells.
PLENTY = 10
VERY_MANY = 200
# Of what all the words tell, those of an entry must tell this share: the first of these that finds enough.
SHARES = (0.8, 0.6, 0.4, 0.2)
MOST_FITTING = 20
# How much the name of a place counts beside what is looked for there, and a usual word beside one of the vocabulary.
WHERE, USUAL = 0.5, 0.5
# Against the rounding of sums.
LITTLE = 1e-9


@dataclass(frozen=True)
class Matches:
    query: SearchQueryCombinable
    # How much each part of the search tells: the fewer entries say it, the more; a place or a usual word half.
    weights: dict[Unit, float]
    # Counted up to one more than are ranked.
    hits: int = 0
    # So many of them have all the parts.
    complete: int = 0
    corrected: str = ""
    # What no entry has.
    left_out: tuple[Unit, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.complete == self.hits


def matches(text: str, units: tuple[Unit, ...], documents: SearchDocumentQuerySet, corrected: str = "") -> Matches:
    """Entries with all the words as typed, else as corrected; if these are few, also others that have most of what tells."""
    everything = all_of(unit.query() for unit in units)
    complete = _first_hits(documents, everything)
    if complete and (len(units) == 1 or complete > VERY_MANY):
        return Matches(everything, dict.fromkeys(units, 1.0), complete, complete, corrected)
    counts = {unit: _saying(documents, unit) for unit in units[:MOST_COUNTED]}
    if not complete and not corrected and (other := _corrected(text, counts, documents)):
        return matches(other, read(other), documents, other)
    total = documents.count()
    weights = {unit: log(1 + total / count) * _share(unit) for unit, count in counts.items() if count}
    if complete >= PLENTY or not weights:
        return Matches(everything, weights or dict.fromkeys(units, 1.0), complete, complete, corrected)
    query, hits = _most(weights, documents)
    return Matches(query, weights, hits, complete, corrected, tuple(unit for unit in units if unit not in weights))


def _saying(documents: SearchDocumentQuerySet, unit: Unit) -> int:
    """How many entries say it, as typed or in the first words of the vocabulary; if none, how many have it in any way.

    So too where very many have it: to look where each of them says it takes too long.
    """
    hits = _hits(documents, unit.query())
    return hits if hits > MOST_RANKED else _hits(documents, unit.first_query()) or hits


def _share(unit: Unit) -> float:
    return WHERE if unit.is_place else USUAL if unit.is_usual else 1


def _most(weights: dict[Unit, float], documents: SearchDocumentQuerySet) -> tuple[SearchQueryCombinable, int]:
    """The search for entries with so many of the words as tell a share of the whole, and its hits."""
    rarest = dict(sorted(weights.items(), key=lambda item: -item[1])[:MOST_COMBINED])
    for share in SHARES:
        query = any_of(all_of(unit.query() for unit in chosen) for chosen in _telling(rarest, share))
        if (hits := _hits(documents, query)) >= MOST_FITTING:
            break
    if not hits:
        # Rare words that never meet.
        query = any_of(unit.query() for unit in rarest)
        hits = _hits(documents, query)
    return query, hits


def _telling(weights: dict[Unit, float], share: float) -> Iterator[frozenset[Unit]]:
    """The smallest sets of words that tell this share of the whole; a code tells enough by itself."""
    enough = share * sum(weights.values()) - LITTLE
    found: list[frozenset[Unit]] = []
    for number in range(1, len(weights) + 1):
        for chosen in map(frozenset, combinations(weights, number)):
            has_code = any(CODE.fullmatch(unit.words[0].upper()) for unit in chosen)
            if (has_code or sum(weights[unit] for unit in chosen) >= enough) and not any(smaller <= chosen for smaller in found):
                found.append(chosen)
                yield chosen


def _hits(documents: SearchDocumentQuerySet, query: SearchQueryCombinable) -> int:
    return documents.matching(query).count()


def _first_hits(documents: SearchDocumentQuerySet, query: SearchQueryCombinable) -> int:
    """Up to one more than are ranked. Asked for the first only, PostgreSQL may read all entries in turn; MATERIALIZED makes it
    plan for all.
    """
    sql, parameters = documents.matching(query).values("pk").query.sql_with_params()
    few = "WITH found AS MATERIALIZED (%s) SELECT count(*) FROM (SELECT FROM found LIMIT %s) AS few"
    with connection.cursor() as cursor:
        cursor.execute(few % (sql, MOST_RANKED + 1), parameters)
        [[hits]] = cursor
    return int(hits)


def _corrected(text: str, counts: dict[Unit, int], documents: SearchDocumentQuerySet) -> str:
    """The text with those words of the catalogue that an unknown word may have meant, if these find something here."""
    corrected = text
    unknown = [unit for unit, count in counts.items() if not count and can_be_misspelled(unit)]
    for unit in unknown[:MOST_CORRECTED]:
        for word in similar_words(unit):
            if _hits(documents, all_of(meant.query() for meant in read(word))):
                corrected = re.sub(rf"\b{re.escape(unit.words[0])}\b", word, corrected)
                break
    return "" if corrected == text else corrected
