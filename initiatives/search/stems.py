"""Words without their endings, in the languages in which people search. PostgreSQL knows the endings."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.db import connection

# PostgreSQL has no dictionary of Chinese endings, and Chinese has none.
DICTIONARIES = {
    "en": "english_stem",
    "fr": "french_stem",
    "es": "spanish_stem",
    "ar": "arabic_stem",
    "ru": "russian_stem",
    "pt": "portuguese_stem",
    "zh": "simple",
}

ENGLISH = Path(__file__).with_name("english-words.txt")


def fold(text: str) -> str:
    """Small letters without accents; in Arabic without vowel signs, and with one kind of alif."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", "".join(letters).replace("ـ", "")).casefold()


def stems(words: Iterable[str]) -> dict[str, dict[str, str]]:
    """For each language the stem of each word; words that say nothing there, such as “the”, have an empty one. One query."""
    folded = {word: fold(word) for word in words}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT language, word, ts_lexize(dictionary::regdictionary, word)"
            " FROM unnest(%s::text[], %s::text[]) AS d (language, dictionary), unnest(%s::text[]) AS w (word)",
            [list(DICTIONARIES), list(DICTIONARIES.values()), list(set(folded.values()))],
        )
        # NULL is a word that the dictionary leaves as it is.
        found = {(language, word): word if lexemes is None else "".join(lexemes) for language, word, lexemes in cursor}
    return {language: {word: found[language, folded[word]] for word in folded} for language in DICTIONARIES}


def key(language: str, words: Iterable[str], stems_of: dict[str, dict[str, str]]) -> str:
    """What is equal for all forms of the same words. Words that say nothing are left out if others stay."""
    words = list(words)
    stemmed = [stem for word in words if (stem := stems_of[language][word] or _name(word))]
    return f"{language}:{' '.join(stemmed or map(fold, words))}"


def _name(word: str) -> str:
    """In capitals a word that says nothing is a name: WHO, JUST, IT."""
    return fold(word) if word.isupper() and len(word) > 1 else ""


def is_english(word: str) -> bool:
    """Whether it is one of the most usual words."""
    return fold(word) in _english()


@cache
def _english() -> frozenset[str]:
    lines = ENGLISH.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
