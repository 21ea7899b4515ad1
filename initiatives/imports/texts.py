"""Texts of the source: white space put in order, words left alone."""

import re
from itertools import pairwise

BULLET = re.compile(r"(?:[-*•▪‣]|\d{1,2}[.)]) ")
CONTEXT = 3
SHOWN = 160


def to_markdown(lines: list[str]) -> str:
    """Paragraphs with an empty line between them; items of one list stay on lines that follow each other."""
    gaps = ["\n" if BULLET.match(one) and BULLET.match(other) else "\n\n" for one, other in pairwise(lines)]
    return "".join(line + gap for line, gap in zip(lines, [*gaps, ""], strict=True))


def normal(text: str) -> str:
    """For comparing: without differences of white space."""
    return " ".join(text.split())


def key(text: str) -> str:
    """For finding a name or a title: without differences of white space and capitals."""
    return normal(text).casefold()


def shorten(text: str, length: int = SHOWN) -> str:
    text = normal(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def difference(old: str, new: str) -> str:
    """Where two texts differ, with a few words around: “… is available in English …” -> “… is available in Arabic, English …”."""
    before, after = old.split(), new.split()
    start = _common(before, after)
    end = min(_common(before[::-1], after[::-1]), min(len(before), len(after)) - start)
    return f"{_excerpt(before, start, end)} -> {_excerpt(after, start, end)}"


def _common(one: list[str], other: list[str]) -> int:
    """How many words they begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((number for number, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _excerpt(words: list[str], start: int, end: int) -> str:
    first, last = max(0, start - CONTEXT), min(len(words), len(words) - end + CONTEXT)
    excerpt = shorten(" ".join(words[first:last]))
    return f"“{'… ' if first else ''}{excerpt}{' …' if last < len(words) else ''}”"
