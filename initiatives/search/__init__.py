"""Search over the catalogue. One interface, one engine: PostgreSQL's text search.

result = search("sniffer dogs", Initiative.objects.published())
result.queryset     the entries that match, annotated with `rank`
result.best_first   the fields by which to order them
result.snippets(…)  for each entry of a page the passage that matched
result.corrected    the text that was searched instead, if the words as typed find nothing
result.literal      the text as typed, in quotes: the search that corrects nothing and knows no synonyms
result.words, number  of how many of these words each entry has: fewer than all where no entry has all
result.left_out     words of the search that no entry needs to have
result.known        if nothing was found, the words that find something alone
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQueryCombinable, SearchRank
from django.db.models import Case, F, FloatField, Value, When

from initiatives.models import Initiative, InitiativeQuerySet
from initiatives.models.initiatives import CODE
from initiatives.search.parser import parse
from initiatives.search.relaxing import matches, matching
from initiatives.search.snippets import Snippet, pieces, snippets
from initiatives.search.wording import Unit, all_of, any_of, read

__all__ = ["SearchResult", "Snippet", "pieces", "search"]

# Weights of D, C, B, A: what its terms imply, texts, terms, title and names.
WEIGHTS = [0.05, 0.1, 0.4, 1.0]
# Of PostgreSQL's ways to normalize a rank: rank / (rank + 1).
BELOW_ONE = 32
# How much words that are only near in meaning count beside those that were typed.
NEAR = 0.4
CODE_FIRST = 10.0
# To compare the texts of more entries takes too long.
MOST_RANKED = 1000
VECTOR = "search_document__vector"


@dataclass(frozen=True)
class SearchResult:
    queryset: InitiativeQuerySet
    query: SearchQueryCombinable | None = None
    text: str = ""
    corrected: str = ""
    words: tuple[str, ...] = ()
    number: int = 0
    left_out: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def literal(self) -> str:
        return " ".join(f'"{" ".join(piece.words)}"' for piece in parse(self.text))

    @property
    def best_first(self) -> list[str]:
        return ["-rank", "code"] if self.query else ["code"]

    def snippets(self, initiatives: Iterable[Initiative]) -> dict[int, Snippet]:
        """For each entry its matching passages as (text, is a hit) pieces, by primary key. One query."""
        return snippets(self.query, initiatives) if self.query else {}


def search(text: str, queryset: InitiativeQuerySet) -> SearchResult:
    """Narrows `queryset` to entries that match `text` (any string) and ranks them.

    Words are combined by AND and found in every form (English) and by their synonyms; "quoted words" must stand together and
    are taken literally; the last word may be a beginning; the entry whose code was typed comes first. Where nothing has all
    the words, a misspelled one is corrected, and then the rarest words count that stand together in an entry. Text without a
    single word matches everything with rank 0.
    """
    units = read(text)
    if not units:
        return SearchResult(queryset.annotate(rank=Value(0.0)))
    found = matches(text, units, queryset)
    narrowed = matching(queryset, found.query)
    return SearchResult(
        narrowed.annotate(rank=_rank(found.units) if found.hits <= MOST_RANKED else _broad_rank(found.units)),
        any_of(unit.query() for unit in found.units),
        text,
        found.corrected,
        words=tuple(map(str, found.units)),
        number=found.number,
        left_out=tuple(map(str, found.left_out)),
        known=tuple(map(str, found.known)),
    )


def _rank(units: tuple[Unit, ...]) -> Any:
    """How well an entry fits. Before all others comes the entry whose code was typed, then those that have the words as they were
    typed, then those that have what stands first in the vocabulary.
    """
    own, first, every = zip(*((unit.own_query(), unit.first_query(), unit.query()) for unit in units), strict=True)
    value: Any = _text_rank(any_of(first)) + Value(NEAR) * _text_rank(any_of(every))
    value += _one_if(**{VECTOR: all_of(own)}) + _one_if(**{VECTOR: all_of(first)})
    if codes := [word.upper() for unit in units for word in unit.words if CODE.fullmatch(word.upper())]:
        value += Value(CODE_FIRST) * _one_if(code__in=codes)
    return value


def _broad_rank(units: tuple[Unit, ...]) -> Any:
    """How well a title fits: those with all the words as typed, then those with all of them or their synonyms."""
    own, every = zip(*((unit.own_query(), unit.query()) for unit in units), strict=True)
    return _one_if(search_document__heading=all_of(own)) + _one_if(search_document__heading=all_of(every))


def _text_rank(query: SearchQueryCombinable) -> SearchRank:
    return SearchRank(F(VECTOR), query, weights=WEIGHTS, normalization=BELOW_ONE)


def _one_if(**condition: Any) -> Case:
    return Case(When(**condition, then=Value(1.0)), default=Value(0.0), output_field=FloatField())
