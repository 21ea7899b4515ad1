"""Parses the text of one initiative's own page: title, text, headed sections, and a contact in one line at the end.

Headings vary from page to page; those known are in HEADINGS. The code is printed on some pages only.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from initiatives.imports.contact_block import ADDRESS
from initiatives.imports.source import Line, Problem, read_lines, refuse_if
from initiatives.imports.texts import key, to_markdown

IMPLEMENTER = "implementing organization"
HEADINGS = {
    "description": "description",
    "background": "background",
    "prerequisite for participation": "prerequisites",
    "prerequisites for participation": "prerequisites",
    "accomplishments to date": "accomplishments",
    "project activities": "activities",
    "global level outcomes": "global_outcomes",
    "national level outcomes": "national_outcomes",
    "current state participation": "state_participation",
    "current state participants": "state_participation",
    IMPLEMENTER: IMPLEMENTER,
}
LONGEST_NAME = 150
CODE_LINE = re.compile(r"Initiative code:? (?P<code>\d{4}[A-Z]?)", re.IGNORECASE)


@dataclass
class Section:
    """A part of the page: `name` is a field of Initiative, IMPLEMENTER, or empty for the text above the first heading."""

    name: str
    line: int
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        return to_markdown([line.text for line in self.lines])


@dataclass
class InitiativePage:
    title: Line
    code: str
    sections: list[Section]
    contacts: list[Line]


def read_initiative_page(path: Path, *, has_contact: bool = True) -> InitiativePage:
    """Raises RefusedError with all mistakes of the file. A page that does not end with its contact was cut off."""
    title, *lines = read_lines(path)
    last = (lines or [title])[-1]
    codes = [match["code"] for line in lines if (match := CODE_LINE.fullmatch(line.text))]
    lines = [line for line in lines if not CODE_LINE.fullmatch(line.text)]
    # A person's name and address must never land in a public text, wherever on the page they stand.
    contacts = [line for line in lines if ADDRESS.search(line.text)]
    sections = _split([line for line in lines if line not in contacts])
    problems = _problems(sections)
    if has_contact and last not in contacts:
        sentence = "The page breaks off here: no point of contact ends it. Save all of the page. If it has none: --no-contact."
        problems.append(Problem(last.number, sentence))
    refuse_if(problems)
    return InitiativePage(title, codes[0] if codes else "", sections, contacts)


def _split(lines: list[Line]) -> list[Section]:
    sections = [text] = [Section("", 1)]
    for line in lines:
        if name := HEADINGS.get(key(line.text).rstrip(" :")):
            sections.append(Section(name, line.number))
        elif sections[-1].name == IMPLEMENTER and (sections[-1].lines or len(line.text) > LONGEST_NAME):
            # Many pages show the implementer as a picture: then the text follows its heading at once.
            text.lines.append(line)
        else:
            sections[-1].lines.append(line)
    return sections


def _problems(sections: list[Section]) -> list[Problem]:
    if len(sections) == 1:
        known = ", ".join(f"“{heading.capitalize()}”" for heading in HEADINGS)
        return [Problem(1, f"No known heading was found. Is this the page of an initiative? Headings are {known}.")]
    problems = []
    first_lines: dict[str, int] = {}
    for section in sections:
        if (first := first_lines.setdefault(section.name, section.line)) != section.line:
            problems.append(Problem(section.line, f"This heading stands in line {first} already. Keep one of them."))
        if not section.lines and section.name not in {"", IMPLEMENTER}:
            problems.append(Problem(section.line, "This heading has no text below it. Add the text or remove the heading."))
    return problems
