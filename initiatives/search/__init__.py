"""Search over the catalogue. One interface, one engine: PostgreSQL's text search.

result = search("sniffer dogs", SearchDocument.objects.published())
result.documents    rows of the search table that match
result.hits         how many these are, if they were counted
result.best_first   the fields by which to order them
result.entitled     of very many the rows whose title has all the words: they come first, by code
result.snippets(…)  for each entry of a page the passage that matched
result.corrected    the text that was searched instead, if the words as typed find nothing
result.literal      the text as typed, in quotes: the search that corrects nothing and knows no synonyms
result.units        how the text was read, before anything was corrected or left out
result.is_complete  whether all entries found have all the words; result.any_complete: whether one has
result.left_out     words of the search that no entry has
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQueryCombinable

from initiatives.models import Initiative, SearchDocumentQuerySet
from initiatives.search.matching import MOST_FITTING, Matches, matches
from initiatives.search.parser import parse
from initiatives.search.ranking import MOST_RANKED, entitled, is_by_title, rank
from initiatives.search.snippets import Snippet, pieces, snippets
from initiatives.search.wording import Unit, all_of, any_of, read

__all__ = ["SearchResult", "Snippet", "pieces", "search"]


@dataclass(frozen=True)
class SearchResult:
    documents: SearchDocumentQuerySet
    # None where nothing was searched for, and where there are very many.
    hits: int | None = None
    query: SearchQueryCombinable | None = None
    text: str = ""
    units: tuple[Unit, ...] = ()
    corrected: str = ""
    is_complete: bool = True
    any_complete: bool = True
    left_out: tuple[str, ...] = ()
    # None where the order is finer.
    entitled: SearchDocumentQuerySet | None = None

    @property
    def literal(self) -> str:
        return " ".join(f'"{" ".join(piece.words)}"' for piece in parse(self.text))

    @property
    def best_first(self) -> list[str]:
        return ["-rank", "code"] if self.query else ["code"]

    def snippets(self, initiatives: Iterable[Initiative]) -> dict[int, Snippet]:
        """For each entry its matching passages as (text, is a hit) pieces, by primary key. One query."""
        return snippets(self.query, initiatives) if self.query else {}


def search(text: str, documents: SearchDocumentQuerySet) -> SearchResult:
    """Narrows `documents` to entries that match `text` (any string) and ranks them.

    Words are found in every form (English) and by their synonyms; "quoted words" must stand together and are taken literally;
    the last word may be a beginning; the entry whose code was typed comes first. Where nothing has all the words, a misspelled
    one is corrected; where few have, those that fit best come too. Text without a single word matches everything.
    """
    units = read(text)
    if not units:
        return SearchResult(documents)
    found = matches(text, units, documents)
    order = rank(found.weights, found.hits)
    fitting, hits = documents.matching(found.query), found.hits
    if not found.is_complete:
        chosen = _best(fitting, order, found)
        fitting, hits = documents.filter(pk__in=chosen), len(chosen)
    return SearchResult(
        fitting.alias(rank=order),
        hits if hits <= MOST_RANKED else None,
        any_of(unit.query() for unit in found.weights),
        text,
        units,
        found.corrected,
        is_complete=found.is_complete,
        any_complete=found.complete > 0,
        left_out=tuple(map(str, found.left_out)),
        entitled=entitled(documents, found.weights) if found.is_complete and is_by_title(found.weights, hits) else None,
    )


def _best(fitting: SearchDocumentQuerySet, order: Any, found: Matches) -> set[int]:
    """The few entries with all the words, and those that fit best of the others."""
    best = fitting.alias(rank=order).order_by("-rank", "code").values_list("pk", flat=True)[:MOST_FITTING]
    complete = fitting.matching(all_of(unit.query() for unit in found.weights)) if found.complete else fitting.none()
    return {*complete.values_list("pk", flat=True), *best}
