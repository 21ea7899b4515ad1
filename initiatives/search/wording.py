"""Reads a search with the help of the synonyms: which words belong together, and what else would do for them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, zip_longest
from operator import and_, or_

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable

from initiatives.models import Synonym, SynonymKey
from initiatives.models.search import CONFIGURATION
from initiatives.search.parser import HAN, Piece, parse, words_of
from initiatives.search.stems import fold, is_english, key, stems

# Words of one synonym, such as “new psychoactive substances (NPS) market”; in Chinese characters.
LONGEST = 8
MOST_ALTERNATIVES = 24
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
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
    # Stands in no text, but its stems may be English words: “usées” is read as “use”, ASSIST as “assistance”.
    is_foreign: bool = False
    # Says where, not what.
    is_place: bool = False
    # A word of every day that the vocabulary does not know: “results” tells less than “laboratories”, however few say it.
    is_usual: bool = False
    # The first tells most.
    alternatives: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = BETWEEN_HAN.sub("", " ".join(self.words))
        return f'"{text}"' if self.is_quoted else text

    def query(self, where: str = "") -> SearchQuery:
        """What an entry must have. Without quotes its words may stand apart: the index does not know which ones are neighbors."""
        return self._query(self.alternatives, " <-> " if self.is_quoted else " & ", where)

    def first_query(self, where: str = SAID) -> SearchQuery:
        """Without what is only near in meaning, and only where the entry itself says it."""
        return self._query(self.alternatives[:1], " <-> ", where)

    def own_query(self, where: str) -> SearchQuery:
        """The words as they were typed, only where the entry itself says them."""
        return self._query((), " <-> ", where)

    def _query(self, alternatives: tuple[str, ...], joined: str, where: str) -> SearchQuery:
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
    if text.isupper() and len(pieces) > 1:
        # Who writes everything in capitals writes no names.
        pieces = parse(text.lower())
    stems_of = stems({word for piece in pieces for word in piece.words})
    units = list(_units(pieces, _synonyms(pieces, stems_of), stems_of["en"]))
    telling = []
    for unit, is_filler in units:
        says_nothing = not unit.is_quoted and not any(stems_of["en"][word] for word in unit.words)
        is_name = says_nothing and _may_be_name(unit)
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
        for start, end in places[row.key]:
            if not _is_chance(row.synonym, [word for piece in pieces[start:end] for word in piece.words]):
                found[start, end].append(row.synonym)
    return found


def _is_chance(row: Synonym, words: list[str]) -> bool:
    """An English word that has the stem of one of another language: “fill” is no “fille”."""
    if row.language == Synonym.Language.ENGLISH or len(words) > 1:
        return False
    return is_english(words[0]) and not _has(row, words[0])


def _has(row: Synonym, word: str) -> bool:
    return fold(word) in {fold(text) for text in row.words()}


def _spans(pieces: tuple[Piece, ...]) -> Iterator[tuple[int, int]]:
    """All runs of words without quotes, up to the length of a synonym."""
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + LONGEST, len(pieces)) + 1):
            if pieces[end - 1].is_quoted:
                break
            yield start, end


def _units(
    pieces: tuple[Piece, ...], synonyms: dict[tuple[int, int], list[Synonym]], english: dict[str, str]
) -> Iterator[tuple[Unit, bool]]:
    """From left to right, the longest run that is a synonym first; with each whether it says nothing."""
    start = 0
    while start < len(pieces):
        end = next((end for end in range(start + LONGEST, start, -1) if (start, end) in synonyms), start + 1)
        rows = synonyms.get((start, end), [])
        # “in the Pacific” means no more than “Pacific”, “customs officers in the” no more than “customs officers”.
        while end - start > 1 and not english[pieces[start].words[0]] and not _may_be_name(pieces[start]):
            start += 1
        while end - start > 1 and not english[pieces[end - 1].words[0]]:
            end -= 1
        words = tuple(word for piece in pieces[start:end] for word in piece.words)
        yield _unit(words, pieces[start], rows), _says_nothing(words, rows)
        start = end


def _may_be_name(piece: Piece | Unit) -> bool:
    return piece.words[0].isupper() and len(piece.words[0]) > 1


def _unit(words: tuple[str, ...], first: Piece, rows: list[Synonym]) -> Unit:
    # Of each row the first, then of each row the second.
    texts = dict.fromkeys(chain.from_iterable(zip_longest(*(row.equivalents() for row in rows))))
    texts.pop(None, None)
    return Unit(
        words,
        is_quoted=first.is_quoted,
        # What the vocabulary knows is a whole word.
        is_prefix=first.is_prefix and not rows,
        is_foreign=bool(texts) and all(_stands_for(row, words) for row in rows),
        is_place=any(row.is_place for row in rows),
        is_usual=not rows and not first.is_quoted and all(map(is_english, words)),
        alternatives=tuple(texts)[:MOST_ALTERNATIVES],
    )


def _says_nothing(words: tuple[str, ...], rows: list[Synonym]) -> bool:
    """Of a word that says nothing here and something there the capitals tell which is meant: help us, help the US."""
    fillers = [row.is_filler for row in rows]
    return all(fillers) and bool(fillers) if words[0].isupper() else any(fillers)


def _stands_for(row: Synonym, words: tuple[str, ...]) -> bool:
    """Whether the texts have what the row finds and not the words themselves: an abbreviation, a word of another language."""
    if row.language == Synonym.Language.ENGLISH:
        return bool(row.finds) and words[0].isupper()
    return len(words) > 1 or _has(row, words[0])
