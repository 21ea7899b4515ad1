"""Reads a search with the help of the synonyms: which words belong together, and what else would do for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, zip_longest
from operator import and_, or_

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable

from initiatives.models import Synonym, SynonymKey
from initiatives.models.search import CONFIGURATION
from initiatives.search.parser import Piece, parse, words_of
from initiatives.search.stems import key, stems

# Words of one synonym, such as “new psychoactive substances (NPS) market”.
LONGEST = 6
MOST_ALTERNATIVES = 24
# Weights of what stands in the entry; D is what its terms imply.
SAID = "ABC"


@dataclass(frozen=True)
class Unit:
    """A part of the search that an entry must have: its words, or one of the alternatives."""

    words: tuple[str, ...]
    is_quoted: bool = False
    is_prefix: bool = False
    # A word that says nothing in English is one that people mean here: WHO.
    is_literal: bool = False
    # Several words of another language stand in no text, but their stems may be English words: “usées” is read as “use”.
    is_foreign: bool = False
    # The first tells most.
    alternatives: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = " ".join(self.words)
        return f'"{text}"' if self.is_quoted else text

    def query(self) -> SearchQuery:
        """What an entry must have. Without quotes its words may stand apart: the index does not know which ones are neighbors."""
        return self._query(self.alternatives, " <-> " if self.is_quoted else " & ")

    def first_query(self) -> SearchQuery:
        """Without what is only near in meaning, and only where the entry itself says it."""
        return self._query(self.alternatives[:1], " <-> ", SAID)

    def own_query(self) -> SearchQuery:
        """The words as they were typed, only where the entry itself says them."""
        return self._query((), " <-> ", SAID)

    def _query(self, alternatives: tuple[str, ...], joined: str, where: str = "") -> SearchQuery:
        # PostgreSQL stems beginnings too: training:* finds what train:* finds.
        own = _joined(self.words, joined, where) + ("*" if self.is_prefix else "")
        typed = [word.casefold() for word in self.words]
        # Nothing twice: that would make the planner expect too much.
        others = [words for text in alternatives if (words := words_of(text)) and [word.casefold() for word in words] != typed]
        equivalents = [_joined(words, joined, where) for words in others]
        texts = equivalents if self.is_foreign and equivalents else [own, *equivalents]
        configuration = "simple" if self.is_literal else CONFIGURATION
        return SearchQuery(" | ".join(f"({text})" for text in texts), config=configuration, search_type="raw")


def _joined(words: Sequence[str], joined: str, where: str) -> str:
    return joined.join(f"'{word}':{where}" for word in words)


def all_of(queries: Iterable[SearchQueryCombinable]) -> SearchQueryCombinable:
    return reduce(and_, queries)


def any_of(queries: Iterable[SearchQueryCombinable]) -> SearchQueryCombinable:
    return reduce(or_, queries)


def read(text: str) -> tuple[Unit, ...]:
    """The units of a search, without the words that say nothing unless it has no others. Two queries."""
    pieces = parse(text)
    if not pieces:
        return ()
    stems_of = stems({word for piece in pieces for word in piece.words})
    synonyms = _synonyms(pieces, stems_of)
    # In capitals among other words it is a name.
    shouts = text.isupper()
    units = list(_units(pieces, synonyms))
    telling = []
    for unit, is_filler in units:
        says_nothing = not unit.is_quoted and not any(stems_of["en"][word] for word in unit.words)
        is_name = says_nothing and unit.words[0].isupper() and len(unit.words[0]) > 1 and not shouts
        if is_name or not (is_filler or (says_nothing and not unit.alternatives)):
            telling.append(replace(unit, is_literal=is_name))
    return tuple(telling) or tuple(replace(unit, is_literal=not stems_of["en"][unit.words[0]]) for unit, _ in units)


def _synonyms(pieces: tuple[Piece, ...], stems_of: dict[str, dict[str, str]]) -> dict[tuple[int, int], list[Synonym]]:
    """The synonyms by the places in the search, from and up to, where their words stand."""
    places = defaultdict(set)
    for start, end in _spans(pieces):
        words = [word for piece in pieces[start:end] for word in piece.words]
        for language in stems_of:
            places[key(language, words, stems_of)].add((start, end))
    found = defaultdict(list)
    for row in SynonymKey.objects.filter(key__in=list(places)).select_related("synonym").order_by("synonym_id"):
        for place in places[row.key]:
            found[place].append(row.synonym)
    return found


def _spans(pieces: tuple[Piece, ...]) -> Iterator[tuple[int, int]]:
    """All runs of words without quotes, up to the length of a synonym."""
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + LONGEST, len(pieces)) + 1):
            if pieces[end - 1].is_quoted:
                break
            yield start, end


def _units(pieces: tuple[Piece, ...], synonyms: dict[tuple[int, int], list[Synonym]]) -> Iterator[tuple[Unit, bool]]:
    """From left to right, the longest run that is a synonym first; with each whether it says nothing."""
    start = 0
    while start < len(pieces):
        end = next((end for end in range(start + LONGEST, start, -1) if (start, end) in synonyms), start + 1)
        rows = synonyms.get((start, end), [])
        # “customs officers in the” means no more than “customs officers”.
        end = next(shorter for shorter in range(start + 1, end + 1) if synonyms.get((start, shorter), []) == rows)
        # Of each row the first, then of each row the second.
        texts = dict.fromkeys(chain.from_iterable(zip_longest(*(row.equivalents() for row in rows))))
        texts.pop(None, None)
        yield (
            Unit(
                words=tuple(word for piece in pieces[start:end] for word in piece.words),
                is_quoted=pieces[start].is_quoted,
                is_prefix=pieces[start].is_prefix,
                is_foreign=end - start > 1 and bool(texts) and all(row.language != Synonym.Language.ENGLISH for row in rows),
                alternatives=tuple(texts)[:MOST_ALTERNATIVES],
            ),
            bool(rows) and all(row.is_filler for row in rows),
        )
        start = end
