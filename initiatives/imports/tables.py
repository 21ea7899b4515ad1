"""The tables that editors keep as CSV in `fixtures/`: organizations and vocabulary. Several values in a cell: with semicolons."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError

from initiatives.imports.report import Report
from initiatives.imports.source import Problem, RefusedError, read_text, refuse_if
from initiatives.models import Organization, Term

FIXTURES: Path = settings.BASE_DIR / "fixtures"
ORGANIZATIONS = FIXTURES / "organizations.csv"
VOCABULARY = FIXTURES / "vocabulary.csv"
CLASSIFICATION = FIXTURES / "classification.csv"

Row = TypeVar("Row", Organization, Term)


def read_table(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers. Refuses other columns than these, and rows with too few or too many cells."""
    reader = csv.reader(io.StringIO(read_text(path)), strict=True)
    if next(reader, []) != columns:
        raise RefusedError([Problem(1, f"The first line must name the columns: {','.join(columns)}")])
    line = 2
    try:
        for cells in reader:
            if cells and len(cells) != len(columns):
                raise RefusedError(
                    [Problem(line, f"{len(cells)} cells instead of {len(columns)}. A cell with a comma needs quotes.")]
                )
            if cells:
                yield line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise RefusedError([Problem(line, f"This is no CSV: {error}. Look for a quote that is not closed.")]) from error


def read_organizations(path: Path = ORGANIZATIONS) -> list[Organization]:
    """Rows that are not saved yet."""
    columns = ["slug", "name", "acronym", "aliases", "kind", "website", "participating"]
    rows = []
    for line, cells in read_table(path, columns):
        values = {"aliases": _list(cells["aliases"]), "is_participating": cells.pop("participating") == "yes"}
        rows.append((line, Organization(**cells | values)))
    return _checked(path, rows)


def read_vocabulary(path: Path = VOCABULARY) -> list[Term]:
    """Rows that are not saved yet, in the order of the file."""
    columns = ["facet", "slug", "name", "synonyms", "countries"]
    rows = []
    for position, (line, cells) in enumerate(read_table(path, columns), start=1):
        lists = {"synonyms": _list(cells["synonyms"]), "countries": cells["countries"].split()}
        rows.append((line, Term(**cells | lists, position=position)))
    return _checked(path, rows)


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


def save_missing(rows: list[Row], fields: list[str], report: Report) -> None:
    """Creates the rows that the database does not have. Those it has belong to staff: a difference is only reported."""
    existing = {row.natural_key(): row for row in type(rows[0]).objects.all()}
    for row in rows:
        name = "/".join(row.natural_key())
        if found := existing.get(row.natural_key()):
            different = [field for field in fields if getattr(found, field) != getattr(row, field)]
            report.odd += [f"{name}: {field} differs from the file and is kept" for field in different]
        else:
            row.save()
