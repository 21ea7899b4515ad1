"""A file as numbered lines, or the sentences that say why it cannot be one."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

# The catalogue page has 0.12 MB. What is 40 times as large is something else, and is refused before it fills the memory.
LIMIT = 5_000_000
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
LINE_END = re.compile(rb"\r\n|\r|\n")


class Line(NamedTuple):
    number: int
    text: str


class Problem(NamedTuple):
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class RefusedError(Exception):
    """The file has mistakes, so nothing of it was imported. Takes all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(map(str, self.problems)))


def refuse_if(problems: list[Problem]) -> None:
    if problems:
        raise RefusedError(problems)


def read_lines(path: Path) -> list[Line]:
    """The lines that are not empty, with every run of white space made one space. Numbers begin at 1, as editors show them."""
    texts = (" ".join(text.split()) for text in read_text(path).split("\n"))
    lines = [Line(number, text) for number, text in enumerate(texts, start=1) if text]
    if not lines:
        raise RefusedError([Problem(1, "The file is empty. Save the page again as plain text.")])
    return lines


def read_text(path: Path) -> str:
    r"""The whole text with `\n` between lines. Refuses what is no UTF-8 text or has more than LIMIT bytes."""
    with path.open("rb") as file:
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        sentence = (
            f"The file has more than {LIMIT // 1_000_000} MB, which no page has. Save the page as plain text, without pictures."
        )
        raise RefusedError([Problem(1, sentence)])
    data = LINE_END.sub(b"\n", data)
    if control := CONTROL.search(data):
        sentence = "This is not plain text: it has a control character. Save the page as plain text in UTF-8."
        raise RefusedError([Problem(_line_at(data, control.start()), sentence)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(error.object, error.start)
        raise RefusedError([Problem(line, "This line is not UTF-8. Save the file as UTF-8 text.")]) from None


def _line_at(data: bytes, position: int) -> int:
    return 1 + data.count(b"\n", 0, position)
