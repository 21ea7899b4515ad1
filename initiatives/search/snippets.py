"""Passages of the texts with the words that were found."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQueryCombinable

from initiatives.models import Initiative, SearchDocument
from initiatives.models.search import CONFIGURATION

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


def snippets(query: SearchQueryCombinable, initiatives: Iterable[Initiative]) -> dict[int, Snippet]:
    """For each entry its matching passages as (text, is a hit) pieces, by primary key. One query."""
    headline = SearchHeadline("body", query, config=CONFIGURATION, **HEADLINE)
    rows = SearchDocument.objects.filter(pk__in=[initiative.pk for initiative in initiatives])
    return {pk: pieces(text) for pk, text in rows.values_list("pk", headline)}


def pieces(headline: str) -> Snippet:
    r"""Splits `a \x02hit\x03 b` into [("a ", False), ("hit", True), (" b", False)]."""
    result = []
    for part in headline.split(START):
        hit, stop, rest = part.partition(STOP)
        result += [(hit, True), (rest, False)] if stop else [(part, False)]
    return [piece for piece in result if piece[0]]
