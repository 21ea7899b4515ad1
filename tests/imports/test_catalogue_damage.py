"""A damaged page is refused as a whole: exit code 1, `line N: what to do`, not one row touched."""

import resource

import pytest

from initiatives.imports.catalogue_page import read_catalogue_page
from initiatives.imports.source import LIMIT, RefusedError
from tests.imports.conftest import CATALOGUE_PAGE, SMALL_PAGE

NO_LIST = "No list of organizations follows (a line with only a dash, then their names). Save all of the page."
NO_HEADING = "line 1: No heading such as “Sub-Working Group 1.1 - ...” was found. Is this the catalogue page?"


def without(part: str) -> str:
    assert part in SMALL_PAGE
    return SMALL_PAGE.replace(part, "")


def with_(old: str, new: str) -> str:
    assert old in SMALL_PAGE
    return SMALL_PAGE.replace(old, new, 1)


DAMAGES = {
    "empty": (b"", ["line 1: The file is empty. Save the page again as plain text."]),
    "only white space": (" \n\n\t\n", ["line 1: The file is empty. Save the page again as plain text."]),
    "binary": (
        b"Initiatives\n\x00\x01\x02",
        ["line 2: This is not plain text: it has a control character. Save the page as plain text in UTF-8."],
    ),
    "other encoding": (
        SMALL_PAGE.replace("WHO does", "WHO sché").encode("latin-1"),
        ["line 11: This line is not UTF-8. Save the file as UTF-8 text."],
    ),
    "UTF-16": (
        SMALL_PAGE.encode("utf-16"),
        ["line 1: This is not plain text: it has a control character. Save the page as plain text in UTF-8."],
    ),
    "too large": (
        b"1101: x\n" * (LIMIT // 8 + 1),
        ["line 1: The file has more than 5 MB, which no page has. Save the page as plain text, without pictures."],
    ),
    "another text": ("Dear colleague,\nthanks for the page.\n", [NO_HEADING, f"line 2: {NO_LIST}"]),
    "heading without entries": (
        with_("Sub-Working Group 2.2", "Sub-Working Group 2.1 - Data\nSub-Working Group 2.2"),
        ["line 12: Sub-Working Group 2.1 has no entries. Remove its heading or add what is missing."],
    ),
    "unknown heading": (
        with_("Sub-Working Group 2.2", "Sub-Working Group 4.1"),
        ["line 12: There is no Sub-Working Group 4.1. The Coalition has 1.1, 1.2, 2.1, 2.2, 3.1, 3.2, 3.3."],
    ),
    "malformed heading": (
        with_("Sub-Working Group 2.2 - Sharing", "Working Group 2.2: Sharing"),
        ["line 12: This heading cannot be read. Write it as “Sub-Working Group 1.1 - Title”."],
    ),
    "heading twice": (
        with_("Sub-Working Group 2.2", "Sub-Working Group 1.1"),
        ["line 12: Sub-Working Group 1.1 has begun in line 3 already. Keep one heading for it."],
    ),
    "entry before any heading": (
        without("Sub-Working Group 1.1 - Manufacturing\n"),
        [
            "line 3: Entry 1101 stands before the first heading. Put “Sub-Working Group ... - ...” above it.",
            "line 9: Entry 1103 stands before the first heading. Put “Sub-Working Group ... - ...” above it.",
        ],
    ),
    "entry without text": (
        without("WHO does that.\n"),
        ["line 10: Entry 1103 has no text. Write it on the lines below its title."],
    ),
    "entry without title": (with_("1103: Second title", "1103:"), ["line 10: Entry 1103 has no title. Write it after the code."]),
    "title that swallowed a text": (
        with_("Second title", "Second title " * 50),
        ["line 10: The title of 1103 has more than 500 characters. Is a line break missing?"],
    ),
    "heading that swallowed a text": (
        with_("- Sharing", "- Sharing" * 50),
        ["line 12: This heading has more than 300 characters. Is its text missing a line break?"],
    ),
    "text without entry": (
        without("1101: First title\n"),
        [
            f"line {line}: This text belongs to no entry. Begin an entry with its code before it (“1103: ...”) or remove it."
            for line in range(4, 9)
        ],
    ),
    "same code twice": (
        with_("1103: Second", "1101: Second"),
        ["line 10: Code 1101 is used in line 4 already. Give one of them a letter: 1101A."],
    ),
    "number printed twice without a letter": (
        without("2206A: "),
        ["line 15: Code 2206 is used in line 13 already. Give one of them a letter: 2206A."],
    ),
    "code of another group": (
        with_("1103: Second", "1203: Second"),
        ["line 10: Entry 1203 stands under Sub-Working Group 1.1, whose codes begin with 11. Move it there."],
    ),
    "no code": (
        with_("1103: Second", "110: Second"),
        ["line 10: This is no code. A code has four digits and perhaps a capital letter: “1103: ...”, “2206A: ...”."],
    ),
    "letter in a code": (
        with_("1103: Second", "11O3: Second"),
        ["line 10: This is no code. A code has four digits and perhaps a capital letter: “1103: ...”, “2206A: ...”."],
    ),
    **{
        f"code followed by “{mark}” instead of a colon": (
            with_("1103: Second", f"1103{mark}Second"),
            ["line 10: No colon follows the code. Write “1103: ...”, or, if this is text, begin it with another word."],
        )
        for mark in [" ", " - ", ".", "", " “", " #"]
    },
    "code alone on its line": (
        with_("1103: Second", "1103\nSecond"),
        ["line 10: No colon follows the code. Write “1103: ...”, or, if this is text, begin it with another word."],
    ),
    "list missing": (SMALL_PAGE[: SMALL_PAGE.index("-\nUnited")], [f"line 16: {NO_LIST}"]),
    "list broken off after a name": (
        without("World Health Organization\n"),
        ["line 19: The list of organizations breaks off here. Save all of the page."],
    ),
    "list broken off inside a name": (
        with_("World Health Organization\n", "World Hea"),
        ["line 20: This looks like the beginning of a longer name. Save the whole page."],
    ),
    "list broken off below a new heading": (
        with_("World Health Organization\n", "World Hea").replace("- Sharing", "- Sharing more"),
        ["line 20: This looks like the beginning of a longer name. Save the whole page."],
    ),
    "list empty": (
        SMALL_PAGE[: SMALL_PAGE.index("United")],
        ["line 17: The list of organizations breaks off here. Save all of the page."],
    ),
    "entry after the list": (SMALL_PAGE + "2207: Late\nText.\n", [f"line 22: {NO_LIST}"]),
    "several mistakes": (
        without("WHO does that.\n").replace("2.2", "2.9"),
        [
            "line 10: Entry 1103 has no text. Write it on the lines below its title.",
            "line 11: There is no Sub-Working Group 2.9. The Coalition has 1.1, 1.2, 2.1, 2.2, 3.1, 3.2, 3.3.",
        ],
    ),
}


@pytest.mark.parametrize(("page", "errors"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_page_changes_nothing(run, snapshot, page, errors):
    run("import_catalogue", SMALL_PAGE.replace("WHO does that.", "WHO does it all."))
    before = snapshot()
    outcome = run("import_catalogue", page)
    assert (outcome.code, outcome.lines, outcome.errors) == (1, [], errors)
    assert snapshot() == before


def test_thousands_of_mistakes_are_not_all_printed(run):
    assert len(run("import_catalogue", "1: x\n" * 5000).errors) == 100


@pytest.mark.parametrize("last", [1, 5, 6, 7, 8, 40, 41, 42, 180, 359, 360, *range(361, 376)])
def test_page_cut_after_a_line_is_refused(tmp_path, last):
    lines = CATALOGUE_PAGE.read_text(encoding="utf-8").split("\n")
    assert len(lines) == 376
    path = tmp_path / "cut.txt"
    path.write_text("\n".join(lines[:last]), encoding="utf-8")
    with pytest.raises(RefusedError):
        read_catalogue_page(path)


def test_50_megabytes_are_refused_without_being_read(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RefusedError, match=r"^line 1: The file has more than 5 MB"):
        read_catalogue_page(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB
