"""What is strange on the catalogue page although it can be read: one sentence for each, beginning with its line."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from initiatives.imports.catalogue_page import GROUPS, CataloguePage, Entry
from initiatives.imports.contact_block import ADDRESS
from initiatives.imports.organizations import Finder
from initiatives.imports.texts import key, shorten

# Longer titles break headings, lists and mail subjects; most have under 120 characters.
LONG_TITLE = 200
DANGLING = re.compile(r"\bsection (?:below|above)\b|\b(?:see|click|link) (?:below|here)\b", re.IGNORECASE)


def oddities(page: CataloguePage, finder: Finder) -> Iterator[str]:
    yield from (f"Sub-Working Group {number} is not on the page" for number in GROUPS if not _has(page, number))
    for first, *others in _groups(page, lambda entry: entry.printed):
        codes, lines = ", ".join([first.code, *(e.code for e in others)]), ", ".join(str(other.line) for other in others)
        yield f"line {first.line}: number {first.printed} is used again in line {lines}; they are kept apart as {codes}"
    for first, *others in _groups(page, lambda entry: key(entry.summary)):
        yield f"line {first.line}: {first.code} has the same text as {', '.join(other.code for other in others)}"
    for entry in page.entries:
        yield from (f"line {line}: {entry.code} {sentence}" for line, sentence in _oddities_of(entry, finder))


def _has(page: CataloguePage, number: str) -> bool:
    return any(group.number == number for group in page.groups)


def _groups(page: CataloguePage, trait: Callable[[Entry], str]) -> list[list[Entry]]:
    """Entries that share a trait with others."""
    alike = defaultdict(list)
    for entry in page.entries:
        alike[trait(entry)].append(entry)
    return [entries for entries in alike.values() if len(entries) > 1]


def _oddities_of(entry: Entry, finder: Finder) -> Iterator[tuple[int, str]]:
    if len(entry.title) > LONG_TITLE:
        yield entry.line, f"has a title of {len(entry.title)} characters, more than {LONG_TITLE}"
    if not finder.first_in(f"{entry.title}\n{entry.summary}"):
        yield entry.line, "names no organization"
    for line in entry.paragraphs:
        if DANGLING.search(line.text):
            yield line.number, f"points to something that is not there: “{shorten(line.text, 80)}”"
        if ADDRESS.search(line.text):
            yield line.number, "has an e-mail address in its public text"
