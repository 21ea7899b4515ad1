"""Parses the text of the catalogue page: seven headings, each with its entries, then the organizations that take part.

    Sub-Working Group 1.1 - Manufacturing of Synthetic Drugs and their Precursors
    1101: Preventing the diversion of chemicals through enhanced cooperation with industry partners
    INCB's activities related to cooperation with industry aim at ...
    -
    Africa Union -
    Caricom -

What stands before the first heading introduces the page and is no part of the catalogue.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from initiatives.imports.source import Line, Problem, read_lines, refuse_if
from initiatives.imports.texts import to_markdown
from initiatives.models import Initiative, SubWorkingGroup

GROUPS = ("1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "3.3")
GROUP_TITLE = re.compile(r"Sub-Working Group (?P<number>\d\.\d) [-–—] (?P<title>.+)")
# A line that means to be a heading, whatever is wrong with it.
LIKE_GROUP_TITLE = re.compile(r"sub\W?\s?working\W?\s?group\b|working group \d", re.IGNORECASE)
ENTRY_TITLE = re.compile(r"(?P<code>\d{4}[A-Z]?): ?(?P<title>.*)")
LIKE_ENTRY_TITLE = re.compile(r"\d\w{0,5} ?:")
# The same without its colon: what follows would be read as text of the entry above.
NO_COLON = re.compile(rf"(?:{'|'.join(group.replace('.', '') for group in GROUPS)})\d\d[A-Z]? ?[-–—.;,]? ?(?=[A-Z“\"(#]|$)")
DASHES = {"-", "–", "—"}
DASH_AT_END = re.compile(r" ?[-–—]$")

LONGEST_TITLE = Initiative._meta.get_field("title").max_length or 0  # noqa: SLF001
LONGEST_GROUP_TITLE = SubWorkingGroup._meta.get_field("title").max_length or 0  # noqa: SLF001


@dataclass
class Group:
    line: int
    number: str
    title: str


@dataclass
class Entry:
    """`printed` is the number at the beginning of the line; `code` differs from it in “2206: 2206A: ...”."""

    line: int
    printed: str
    code: str
    title: str
    group: str
    paragraphs: list[Line] = field(default_factory=list)

    @property
    def summary(self) -> str:
        return to_markdown([paragraph.text for paragraph in self.paragraphs])


@dataclass
class CataloguePage:
    groups: list[Group]
    entries: list[Entry]
    organizations: list[Line]


def read_catalogue_page(path: Path) -> CataloguePage:
    """Raises RefusedError with all mistakes of the file."""
    lines = read_lines(path)
    body, names, problems = _split_off_organizations(lines)
    parser = _Parser()
    for line in body:
        parser.take(line)
    if not parser.seen_heading:
        problems.append(Problem(1, "No heading such as “Sub-Working Group 1.1 - ...” was found. Is this the catalogue page?"))
    refuse_if([*problems, *parser.problems, *_problems_of(parser)])
    return CataloguePage(parser.groups, parser.entries, names)


def _split_off_organizations(lines: list[Line]) -> tuple[list[Line], list[Line], list[Problem]]:
    """The list begins after the last entry with a line that is only a dash; every name but the last one is followed by a dash."""
    last = max((number for number, line in enumerate(lines) if _is_title(line)), default=0)
    start = next((number for number in range(last, len(lines)) if lines[number].text in DASHES), None)
    if start is None:
        sentence = "No list of organizations follows (a line with only a dash, then their names). Save all of the page."
        return lines, [], [Problem(lines[-1].number, sentence)]
    if DASH_AT_END.search(lines[-1].text):
        return lines[:start], [], [Problem(lines[-1].number, "The list of organizations breaks off here. Save all of the page.")]
    names = [Line(line.number, DASH_AT_END.sub("", line.text)) for line in lines[start + 1 :] if line.text not in DASHES]
    return lines[:start], names, []


def _is_title(line: Line) -> bool:
    return bool(LIKE_GROUP_TITLE.match(line.text) or LIKE_ENTRY_TITLE.match(line.text))


class _Parser:
    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.seen_heading = False
        # Empty after a heading that is wrong, so that its entries are not reported one by one.
        self.group = ""
        self.entry: Entry | None = None

    def take(self, line: Line) -> None:
        if LIKE_GROUP_TITLE.match(line.text):
            self.take_heading(line)
        elif LIKE_ENTRY_TITLE.match(line.text):
            self.take_entry(line)
        elif self.seen_heading and NO_COLON.match(line.text):
            self.refuse(line, "No colon follows the code. Write “1103: ...”, or, if this is text, begin it with another word.")
        elif self.entry:
            self.entry.paragraphs.append(line)
        elif self.seen_heading:
            self.refuse(line, "This text belongs to no entry. Begin an entry with its code before it (“1103: ...”) or remove it.")

    def refuse(self, line: Line, sentence: str) -> None:
        self.problems.append(Problem(line.number, sentence))

    def take_heading(self, line: Line) -> None:
        self.seen_heading, self.group, self.entry = True, "", None
        heading = GROUP_TITLE.fullmatch(line.text)
        if not heading:
            self.refuse(line, "This heading cannot be read. Write it as “Sub-Working Group 1.1 - Title”.")
        elif heading["number"] not in GROUPS:
            self.refuse(line, f"There is no Sub-Working Group {heading['number']}. The Coalition has {', '.join(GROUPS)}.")
        elif first := next((group for group in self.groups if group.number == heading["number"]), None):
            self.refuse(
                line, f"Sub-Working Group {first.number} has begun in line {first.line} already. Keep one heading for it."
            )
        elif len(heading["title"]) > LONGEST_GROUP_TITLE:
            self.refuse(line, f"This heading has more than {LONGEST_GROUP_TITLE} characters. Is its text missing a line break?")
        else:
            self.group = heading["number"]
            self.groups.append(Group(line.number, self.group, heading["title"]))

    def take_entry(self, line: Line) -> None:
        entry = ENTRY_TITLE.fullmatch(line.text)
        if not entry:
            self.refuse(line, "This is no code. A code has four digits and perhaps a capital letter: “1103: ...”, “2206A: ...”.")
            return
        printed, code, title = entry["code"], entry["code"], entry["title"]
        # “2206: 2206A: ...”: the page prints one number for two entries and corrects itself in the title.
        if (inner := ENTRY_TITLE.fullmatch(title)) and inner["code"][:4] == printed[:4]:
            code, title = inner["code"], inner["title"]
        self.entry = Entry(line.number, printed, code, title, self.group)
        self.entries.append(self.entry)
        if not self.seen_heading:
            self.refuse(line, f"Entry {code} stands before the first heading. Put “Sub-Working Group ... - ...” above it.")


def _problems_of(parser: _Parser) -> Iterator[Problem]:
    """What only shows when the whole page is read."""
    filled = {entry.group for entry in parser.entries}
    for group in parser.groups:
        if group.number not in filled:
            yield Problem(
                group.line, f"Sub-Working Group {group.number} has no entries. Remove its heading or add what is missing."
            )
    first_lines: dict[str, int] = {}
    for entry in parser.entries:
        if (first := first_lines.setdefault(entry.code, entry.line)) != entry.line:
            yield Problem(
                entry.line, f"Code {entry.code} is used in line {first} already. Give one of them a letter: {entry.code[:4]}A."
            )
        yield from _problems_of_entry(entry)


def _problems_of_entry(entry: Entry) -> Iterator[Problem]:
    prefix = entry.group.replace(".", "")
    if not entry.code.startswith(prefix):
        sentence = (
            f"Entry {entry.code} stands under Sub-Working Group {entry.group}, whose codes begin with {prefix}. Move it there."
        )
        yield Problem(entry.line, sentence)
    if not entry.title:
        yield Problem(entry.line, f"Entry {entry.code} has no title. Write it after the code.")
    if len(entry.title) > LONGEST_TITLE:
        yield Problem(entry.line, f"The title of {entry.code} has more than {LONGEST_TITLE} characters. Is a line break missing?")
    if not entry.paragraphs:
        yield Problem(entry.line, f"Entry {entry.code} has no text. Write it on the lines below its title.")
