"""Takes apart what a visitor typed. Any input is safe: only words get through."""

import re
import unicodedata
from dataclasses import dataclass

PHRASE = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')
# Chinese has no spaces, so each of its characters is a word here; a number such as 1.2 is one word.
HAN = r"\u3400-\u9fff"
WORD = re.compile(rf"\d\.\d\b|[{HAN}]|[^\W{HAN}]+")
# 32.10, 32-10, 2206-A and 2206 A are codes too.
CODE = re.compile(r"(?<![\w.-])(\d\d)[.-]?(\d\d)(?:[.-]?([A-Za-z])|[ ]([A-Z]))?(?![\w.-]*\d)\b")
# Longer texts are cut: nobody searches for more words than this, and each one costs time.
MOST_WORDS = 20
LONGEST_WORD = 100
# `c:*` would match every word that begins with c.
SHORTEST_PREFIX = 3


@dataclass(frozen=True)
class Piece:
    """Words that belong together: one word, or a quoted phrase, which is taken literally."""

    words: tuple[str, ...]
    is_quoted: bool = False
    # Still being typed, so it may be a beginning.
    is_prefix: bool = False


def parse(text: str) -> tuple[Piece, ...]:
    """Reads words and quoted phrases; everything else, from quotes without a partner to NUL, separates words."""
    text = _with_plain_codes(text)
    pieces: list[Piece] = []
    end = 0
    for match in PHRASE.finditer(text):
        pieces += _loose(text[end : match.start()])
        pieces.append(Piece(tuple(words_of(match[1])), is_quoted=True))
        end = match.end()
    loose = _loose(text[end:])
    pieces = [piece for piece in [*pieces, *loose] if piece.words][:MOST_WORDS]
    if loose and pieces[-1] == loose[-1] and len(loose[-1].words[0]) >= SHORTEST_PREFIX:
        pieces[-1] = Piece(loose[-1].words, is_prefix=True)
    return tuple(pieces)


def _with_plain_codes(text: str) -> str:
    """Codes as the catalogue writes them, in digits that it knows: ٣٢١٠ is 3210."""
    plain = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in text)
    return CODE.sub(lambda found: "".join(part or "" for part in found.groups()), plain)


def _loose(text: str) -> list[Piece]:
    return [Piece((word,)) for word in words_of(text)]


def words_of(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in WORD.findall(text)]
