"""Reads exported files back, as the programs of their readers would."""

import csv
import io
import re

import openpyxl
import pypdf

MARKED = re.compile(r"'+[=+\-@\t\r\n\0＝＋－＠−]")


def unmarked(cell: str) -> str:
    """The text without the ' that keeps it from being a formula."""
    return cell[1:] if MARKED.match(cell) else cell


def csv_rows(response) -> list[dict[str, str]]:
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def workbook(response) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(response.getvalue()))


def xlsx_rows(response) -> list[dict[str, str]]:
    header, *rows = workbook(response).worksheets[0].iter_rows(values_only=True)
    return [{str(name): cell or "" for name, cell in zip(header, row, strict=True)} for row in rows]


def pdf(response) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(response.getvalue()))


def pdf_text(response) -> str:
    return "\n".join(page.extract_text() for page in pdf(response).pages)


def letters(text: str) -> str:
    """Without what a line break changes, and without bullets: a PDF file has them behind the words of their page."""
    return re.sub(r"[\s\u00ad\u200b•]+", "", text)
