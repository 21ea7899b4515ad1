"""The selection as CSV and as a workbook: one row an entry, the fields of the API under the API's names (design §6)."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from xlsxwriter.worksheet import Worksheet

from initiatives.api import InitiativeSerializer
from initiatives.exports.selection import Selection

COLUMNS: list[str] = InitiativeSerializer.Meta.fields
# Texts that a spreadsheet would take for a formula, also behind our own mark, so that it can be taken off again: OWASP's list
# (CSV injection; ASVS 1.2.10) with the full-width forms that some programs read alike.
FORMULA = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠−]")
AT_A_TIME = 500
BYTE_ORDER_MARK = "\ufeff"

# A workbook of so many takes about ten seconds of one processor; no byte of it can leave before. A CSV file holds all there are.
MOST = 10_000
# What one cell and one sheet of a workbook can hold (Microsoft: Excel specifications and limits). Excel counts as UTF-16 does.
CELL = 32_767
LINKS = 65_530
WIDTHS = {"code": 8, "title": 60, "url": 40, "summary": 80, "organizations": 40, "source_url": 40, "updated_at": 26}


def rows(selection: Selection) -> Iterator[list[str]]:
    """The cells of every entry, read from the database some hundred at a time."""
    # One serializer for all: making its fields costs more than everything that they then do.
    serializer = InitiativeSerializer()
    for initiative in selection.initiatives.with_lists().iterator(chunk_size=AT_A_TIME):
        fields = serializer.to_representation(initiative)
        yield [harmless(text_of(fields[name])) for name in COLUMNS]


def text_of(value: Any) -> str:
    """A value of the API as text: lists with “; ” between their items, the parts of an organization with “ | ”."""
    if isinstance(value, dict):
        return " | ".join(map(text_of, value.values()))
    if isinstance(value, list):
        return "; ".join(map(text_of, value))
    return "" if value is None else str(value)


def harmless(text: str) -> str:
    """The text with ' before it, if a spreadsheet would take it for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


class _Line:
    """A file for csv.writer that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(selection: Selection, *, mark: bool = False) -> Iterator[str]:
    """RFC 4180. The mark tells Excel that this is UTF-8."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK * mark + writer.writerow(COLUMNS)
    yield from map(writer.writerow, rows(selection))


def write_workbook(selection: Selection, file: IO[bytes]) -> None:
    """An XLSX file whose every cell is text: nothing in it is computed, and no address but our own can be clicked."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": _("Initiatives"), "comments": settings.SITE_URL})
        bold = book.add_format({"bold": True, "valign": "top"})
        entries = book.add_worksheet(_("Initiatives"))
        for number, name in enumerate(COLUMNS):
            entries.set_column(number, number, WIDTHS.get(name, 20))
        entries.freeze_panes(1, COLUMNS.index("title") + 1)
        last = write_rows(entries, rows(selection), header=bold, link=book.get_default_url_format())
        entries.autofilter(0, 0, last, len(COLUMNS) - 1)
        write_about(book.add_worksheet(_("About this list")), selection, last, bold)


def write_rows(sheet: Worksheet, found: Iterable[list[str]], *, header: Any, link: Any) -> int:
    """Writes the header and a row for each entry; returns the number of entries."""
    url = COLUMNS.index("url")
    for number, name in enumerate(COLUMNS):
        sheet.write_string(0, number, name, header)
    row = 0
    for row, texts in enumerate(found, start=1):
        for number, text in enumerate(texts):
            if number == url and row <= LINKS:
                sheet.write_url(row, number, text, link)
            elif text:
                sheet.write_string(row, number, fitting(text))
    return row


def fitting(text: str) -> str:
    """What a cell can hold of a text; where that is not all, it says so."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL:
        return text
    end = _(" … (A cell holds no more. The whole text is on the page of the entry and in the CSV file.)")
    return units[: 2 * (CELL - len(end))].decode("utf-16-le", "ignore") + end


def not_in_it(selection: Selection) -> list[tuple[str, str]]:
    if not (count := selection.perhaps_open):
        return []
    words = ngettext(
        "%(count)s more initiative may be open too, but does not name the place.",
        "%(count)s more initiatives may be open too, but do not name the place.",
        count,
    )
    return [(_("Not in this list"), words % {"count": count})]


def write_about(sheet: Worksheet, selection: Selection, entries: int, bold: Any) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    facts = [
        (_("Source"), f"{_('Global Coalition to Address Synthetic Drug Threats')}, {settings.SITE_URL}"),
        (_("As of"), timezone.localdate().isoformat()),
        (_("Initiatives"), str(entries)),
        *selection.words,
        *not_in_it(selection),
        (_("Not a promise"), _("An expression of interest is not a guarantee of participation.")),
        (_("Classification"), _("Organizations, support, audience, topics, places and stage are the site’s own reading.")),
        (_("Texts"), _("Markdown. Where a text begins with a sign that Excel takes for a formula, a ' stands before it.")),
    ]
    for row, (label, value) in enumerate(facts):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, harmless(value))
