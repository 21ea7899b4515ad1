"""What a word that is nowhere in the catalogue may have meant."""

import re
from collections.abc import Iterator

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q

from initiatives.models import SearchWord
from initiatives.search.stems import fold, is_english
from initiatives.search.wording import Unit

SHORTEST, LONGEST = 4, 40
# Words that are looked at more closely, and those of them that are tried.
MOST_SIMILAR = 60
MOST_TRIED = 3
# Short words sound like too many others.
SHORTEST_SOUND = 6
# What sounds alike to people who write English as their third language.
ALIKE = [
    ("ph", "f"),
    ("ch", "k"),
    ("ck", "k"),
    ("c", "k"),
    ("q", "k"),
    ("x", "ks"),
    ("z", "s"),
    ("y", "i"),
    ("w", "v"),
    ("h", ""),
]
DOUBLE = re.compile(r"(.)\1+")
HAS_DIGIT = re.compile(r"\d")


def can_be_misspelled(unit: Unit) -> bool:
    """Single loose words that are not English: an English word that the catalogue does not have is no mistake.

    What has a digit is a code or a name: 1103 and 1104 are both right.
    """
    return (
        len(unit.words) == 1
        and not unit.is_quoted
        and SHORTEST <= len(unit.words[0]) <= LONGEST
        and not HAS_DIGIT.search(unit.words[0])
        and not is_english(unit.words[0])
    )


def similar_words(unit: Unit) -> list[str]:
    """Words of the catalogue that differ in a few letters, the nearest first. For a beginning also words that begin so."""
    word = fold(unit.words[0])
    near = Q(word__trigram_similar=word) | Q(word__in=list(_swapped(word)))
    if unit.is_prefix:
        near |= Q(word__startswith=word[:3])
    rows = SearchWord.objects.filter(near).annotate(similarity=TrigramSimilarity("word", word))
    found = rows.order_by("-similarity", "-entries", "word").values_list("word", "entries")[:MOST_SIMILAR]
    ranked = []
    for candidate, entries in found:
        changes: float = distance(word, candidate)
        if len(word) >= SHORTEST_SOUND:
            changes = min(changes, 0.5 + distance(sound(word), sound(candidate)))
        if unit.is_prefix:
            # A beginning is not chosen over a whole word that is as near.
            changes = min(changes, 0.5 + distance(word, candidate[: len(word)]))
        # People seldom mistake the first letter.
        changes += sound(word)[:1] not in sound(candidate)[:2]
        if candidate != word and changes <= _most_changes(word):
            ranked.append((changes, -entries, candidate))
    return [candidate for _, _, candidate in sorted(ranked)[:MOST_TRIED]]


def sound(word: str) -> str:
    for letters, other in ALIKE:
        word = word.replace(letters, other)
    return DOUBLE.sub(r"\1", word)


def _most_changes(word: str) -> float:
    """One letter in a short word, three in a long one; half a letter for a beginning."""
    return 0.5 + (1 if len(word) < 7 else 2 if len(word) < 10 else 3)  # noqa: PLR2004 - letters


def _swapped(word: str) -> Iterator[str]:
    """The word with each two neighboring letters exchanged: too different in its letter groups for a short word."""
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def distance(one: str, other: str) -> int:
    """How many letters to add, leave out, change or exchange with their neighbor (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, opposite in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
