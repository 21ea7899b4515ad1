"""The tables that editors keep as CSV in `fixtures/`: organizations, vocabulary, synonyms.

Several values in a cell: with semicolons.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django_countries import countries

from initiatives.imports.report import Report
from initiatives.imports.source import Problem, RefusedError, read_text, refuse_if
from initiatives.models import Organization, Synonym, Term

FIXTURES: Path = settings.BASE_DIR / "fixtures"
ORGANIZATIONS = FIXTURES / "organizations.csv"
VOCABULARY = FIXTURES / "vocabulary.csv"
# Words of the trade, and names of countries: as people say them, and in other languages.
SYNONYMS = [FIXTURES / "synonyms.csv", FIXTURES / "synonyms-countries.csv"]
KINDS = {"", "filler", "place"}
COUNTRIES = {country.code for country in countries}
CLASSIFICATION = FIXTURES / "classification.csv"

Row = TypeVar("Row", Organization, Term, Synonym)


def read_table(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers. Refuses other columns than these, rows with too few or too many cells, and no rows at all."""
    reader = csv.reader(io.StringIO(read_text(path)), strict=True)
    line, is_empty = 1, True
    try:
        if next(reader, []) != columns:
            raise _refused(path, line, f"The first line must name the columns: {','.join(columns)}")
        line = 2
        for cells in reader:
            if cells and len(cells) != len(columns):
                raise _refused(path, line, f"{len(cells)} cells instead of {len(columns)}. A cell with a comma needs quotes.")
            if cells:
                is_empty = False
                yield line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refused(path, line, f"This is no CSV: {error}. Look for a quote that is not closed.") from error
    if is_empty:
        raise _refused(path, 2, "There are no rows below the first line. Add one.")


def _refused(path: Path, line: int, sentence: str) -> RefusedError:
    return RefusedError([Problem(line, f"{path.name}: {sentence}")])


def read_organizations() -> list[Organization]:
    """Rows that are not saved yet."""
    columns = ["slug", "name", "acronym", "aliases", "kind", "website", "participating"]
    rows = []
    for line, cells in read_table(ORGANIZATIONS, columns):
        values = {"aliases": _list(cells["aliases"]), "is_participating": cells.pop("participating") == "yes"}
        rows.append((line, Organization(**cells | values)))
    return _checked(ORGANIZATIONS, rows)


def read_vocabulary() -> list[Term]:
    """Rows that are not saved yet, in the order of the file."""
    columns = ["facet", "slug", "name", "synonyms", "countries"]
    rows = []
    for position, (line, cells) in enumerate(read_table(VOCABULARY, columns), start=1):
        lists = {"synonyms": _list(cells["synonyms"]), "countries": cells["countries"].split()}
        if unknown := set(lists["countries"]) - (COUNTRIES if cells["facet"] == Term.Facet.REGION else set()):
            raise _refused(
                VOCABULARY, line, f"{', '.join(sorted(unknown))}: only a region has countries, by their two-letter codes."
            )
        rows.append((line, Term(**cells | lists, position=position)))
    return _checked(VOCABULARY, rows)


def read_synonyms() -> list[Synonym]:
    """Rows of both files that are not saved yet."""
    columns = ["language", "word", "others", "finds", "kind"]
    found = []
    for path in SYNONYMS:
        rows = []
        for line, cells in read_table(path, columns):
            if (kind := cells.pop("kind")) not in KINDS:
                raise _refused(path, line, f"{kind}: the kind is filler, place or empty.")
            lists = {name: _list(cells[name]) for name in ("others", "finds")}
            rows.append((line, Synonym(**cells | lists, is_filler=kind == "filler", is_place=kind == "place")))
        found += _checked(path, rows)
    return found


def _list(cell: str) -> list[str]:
    return [value.strip() for value in cell.split(";") if value.strip()]


def _checked(path: Path, rows: list[tuple[int, Row]]) -> list[Row]:
    problems = []
    seen: set[tuple] = set()
    for line, row in rows:
        try:
            row.clean_fields()
        except ValidationError as error:
            sentences = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
            problems += [Problem(line, f"{path.name}: {sentence}") for sentence in sentences]
        if row.natural_key() in seen:
            problems.append(Problem(line, f"{path.name}: {'/'.join(row.natural_key())} is there twice. Remove one row."))
        seen.add(row.natural_key())
    refuse_if(problems)
    return [row for _, row in rows]


def save_missing(rows: list[Row], fields: list[str], report: Report) -> list[Row]:
    """Creates the rows that the database does not have, all at once and without signals, and returns them.

    Those it has belong to staff: a difference is only reported.
    """
    existing = {row.natural_key(): row for row in type(rows[0]).objects.all()}
    for row in rows:
        if found := existing.get(row.natural_key()):
            name = "/".join(row.natural_key())
            different = [field for field in fields if getattr(found, field) != getattr(row, field)]
            report.odd += [f"{name}: {field} differs from the file and is kept" for field in different]
    return type(rows[0]).objects.bulk_create([row for row in rows if row.natural_key() not in existing])
