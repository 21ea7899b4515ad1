"""Search over the catalogue. One interface, one engine: PostgreSQL's text search.

result = search("sniffer dogs", Initiative.objects.published())
result.queryset     the entries that match, annotated with `rank`
result.best_first   the fields by which to order them
result.snippets(…)  for each entry of a page the passage that matched
result.corrected    the text that was searched instead, if the words as typed find nothing
result.literal      the text as typed, in quotes: the search that corrects nothing and knows no synonyms
result.share        which share of the words the entries have, if none has all of them
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQueryCombinable, SearchRank
from django.db.models import Case, F, FloatField, Value, When

from initiatives.models import Initiative, InitiativeQuerySet
from initiatives.search.parser import parse
from initiatives.search.relaxing import Matches, matches
from initiatives.search.snippets import Snippet, pieces, snippets
from initiatives.search.wording import Unit, any_of, read

__all__ = ["SearchResult", "Snippet", "pieces", "search"]

# Weights of D, C, B, A: countries of its regions, texts, vocabulary, title and names.
WEIGHTS = [0.05, 0.1, 0.4, 1.0]
CODE_FIRST = 100.0
# More than any rank: a rare word that is there counts before how often a common one is.
WORDS_FIRST = 10.0
# How much words that are only near in meaning count beside those that were typed.
NEAR = 0.4


@dataclass(frozen=True)
class SearchResult:
    queryset: InitiativeQuerySet
    units: tuple[Unit, ...] = ()
    query: SearchQueryCombinable | None = None
    text: str = ""
    corrected: str = ""
    share: float = 1.0

    @property
    def literal(self) -> str:
        return " ".join(f'"{" ".join(piece.words)}"' for piece in parse(self.text))

    @property
    def best_first(self) -> list[str]:
        return ["-rank", "code"] if self.units else ["code"]

    def snippets(self, initiatives: Iterable[Initiative]) -> dict[int, Snippet]:
        """For each entry its matching passages as (text, is a hit) pieces, by primary key. One query."""
        return snippets(self.query, initiatives) if self.query else {}


def search(text: str, queryset: InitiativeQuerySet) -> SearchResult:
    """Narrows `queryset` to entries that match `text` (any string) and ranks them.

    Words are combined by AND and found in every form (English) and by their synonyms; "quoted words" must stand together and
    are taken literally; the last word may be a beginning; the entry whose code was typed comes first. Where nothing has all
    the words, a misspelled one is corrected, and then the entries count that have as many of the words as possible. Text
    without a single word matches everything with rank 0.
    """
    units = read(text)
    if not units:
        return SearchResult(queryset.annotate(rank=Value(0.0)))
    found = matches(text, units, queryset)
    narrowed = queryset.filter(search_document__vector=found.query)
    return SearchResult(narrowed.annotate(rank=rank(found)), found.units, found.any_word, text, found.corrected, found.share)


def rank(found: Matches) -> Any:
    first = any_of([unit.first_query() for unit in found.units])
    value: Any = _text_rank(first)
    if any(len(unit.alternatives) > 1 for unit in found.units):
        value += Value(NEAR) * _text_rank(found.any_word)
    value += _if(CODE_FIRST, code__in=found.codes)
    for unit, weight in found.weights:
        value += _if(WORDS_FIRST * weight, search_document__vector=unit.query())
    return value


def _text_rank(query: SearchQueryCombinable) -> SearchRank:
    return SearchRank(F("search_document__vector"), query, weights=WEIGHTS)


def _if(value: float, **condition: Any) -> Case:
    return Case(When(**condition, then=Value(value)), default=Value(0.0), output_field=FloatField())
