"""Search over the catalogue. One interface, one engine: PostgreSQL's text search.

result = search("forensic lab", Initiative.objects.published())
result.queryset     the entries that match, annotated with `rank`
result.best_first   the fields by which to order them
result.snippets(…)  for each entry of a page the passage that matched
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchRank
from django.db.models import Case, F, FloatField, Value, When

from initiatives.models import Initiative, InitiativeQuerySet, SearchDocument
from initiatives.models.search import CONFIGURATION
from initiatives.search.parser import ParsedQuery, parse

# Weights of D, C, B, A: the body, (nothing), vocabulary, title and names.
WEIGHTS = [0.05, 0.1, 0.4, 1.0]
# PostgreSQL: divide by 1 + the logarithm of the length, so that long texts do not win by their length alone.
BY_LENGTH = 1
CODE_FIRST = 100.0
# Characters that no text contains mark a hit; the template makes <mark> of them after escaping.
START, STOP = "\x02", "\x03"
HEADLINE: dict[str, Any] = {
    "max_words": 32,
    "min_words": 16,
    "max_fragments": 2,
    "fragment_delimiter": " … ",
    "start_sel": START,
    "stop_sel": STOP,
}

Snippet = list[tuple[str, bool]]


@dataclass(frozen=True)
class SearchResult:
    queryset: InitiativeQuerySet
    parsed: ParsedQuery

    @property
    def best_first(self) -> list[str]:
        return ["-rank", "code"] if self.parsed else ["code"]

    def snippets(self, initiatives: Iterable[Initiative]) -> dict[int, Snippet]:
        """For each entry its matching passages as (text, is a hit) pieces, by primary key. One query."""
        if not self.parsed:
            return {}
        headline = SearchHeadline("body", self.parsed.search_query(), config=CONFIGURATION, **HEADLINE)
        rows = SearchDocument.objects.filter(pk__in=[initiative.pk for initiative in initiatives])
        return {pk: pieces(text) for pk, text in rows.values_list("pk", headline)}


def search(text: str, queryset: InitiativeQuerySet) -> SearchResult:
    """Narrows `queryset` to entries that match `text` (any string) and ranks them.

    Words are combined by AND and found in every form (English); "quoted words" must stand together; the last word may be
    a beginning; a code alone puts its entry first. Text without a single word matches everything with rank 0.
    """
    parsed = parse(text)
    if not parsed:
        return SearchResult(queryset.annotate(rank=Value(0.0)), parsed)
    query = parsed.search_query()
    vector = F("search_document__vector")
    rank = SearchRank(vector, query, weights=WEIGHTS, normalization=Value(BY_LENGTH))
    exact = Case(When(code=parsed.code, then=Value(CODE_FIRST)), default=Value(0.0), output_field=FloatField())
    return SearchResult(queryset.filter(search_document__vector=query).annotate(rank=rank + exact), parsed)


def pieces(headline: str) -> Snippet:
    r"""Splits `a \x02hit\x03 b` into [("a ", False), ("hit", True), (" b", False)]."""
    result = []
    for part in headline.split(START):
        hit, stop, rest = part.partition(STOP)
        result += [(hit, True), (rest, False)] if stop else [(part, False)]
    return [piece for piece in result if piece[0]]
