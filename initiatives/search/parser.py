"""Turns what a visitor typed into a query of PostgreSQL's text search. Any input is safe: only words get through."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery

from initiatives.models.initiatives import CODE
from initiatives.models.search import CONFIGURATION

PHRASE = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')
WORD = re.compile(r"\w+")
# Longer texts are cut: nobody searches for more words than this, and each one costs time.
MOST_WORDS = 20
# `c:*` would match every word that begins with c.
SHORTEST_PREFIX = 3


@dataclass(frozen=True)
class ParsedQuery:
    """The parts of a search: each phrase is a tuple of words, a single word is a phrase of one."""

    phrases: tuple[tuple[str, ...], ...]
    last_is_prefix: bool

    def __bool__(self) -> bool:
        return bool(self.phrases)

    @property
    def code(self) -> str:
        """The initiative code that was asked for, or nothing."""
        words = [word for phrase in self.phrases for word in phrase]
        return words[0].upper() if len(words) == 1 and CODE.fullmatch(words[0].upper()) else ""

    def search_query(self) -> SearchQuery:
        """All phrases must occur; the last word, when still being typed, may be a beginning."""
        parts = [" <-> ".join(f"'{word}'" for word in phrase) for phrase in self.phrases]
        if self.last_is_prefix:
            # Both, so that a whole word is still stemmed: 'training':* alone would miss what 'train' finds.
            parts[-1] = f"({parts[-1]} | {parts[-1]}:*)"
        return SearchQuery(" & ".join(parts), config=CONFIGURATION, search_type="raw")


def parse(text: str) -> ParsedQuery:
    """Reads words and quoted phrases; everything else, from quotes without a partner to NUL, separates words."""
    phrases: list[tuple[str, ...]] = []
    end = 0
    for match in PHRASE.finditer(text):
        phrases += [(word,) for word in WORD.findall(text[end : match.start()])]
        phrases.append(tuple(WORD.findall(match[1])))
        end = match.end()
    loose = WORD.findall(text[end:])
    phrases += [(word,) for word in loose]
    phrases = [phrase for phrase in phrases if phrase][:MOST_WORDS]
    return ParsedQuery(tuple(phrases), bool(loose and len(loose[-1]) >= SHORTEST_PREFIX and phrases[-1] == (loose[-1],)))
