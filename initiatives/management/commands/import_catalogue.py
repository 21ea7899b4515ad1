import datetime
from typing import Any

from django.core.management.base import CommandParser

from initiatives.imports.catalogue import import_catalogue
from initiatives.imports.catalogue_page import read_catalogue_page
from initiatives.imports.command import ImportCommand
from initiatives.imports.report import Report


class Command(ImportCommand):
    help = "Imports the text of the Coalition's catalogue page. Safe to repeat: what staff have edited is kept and reported."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source-url", default="", help="where the page was published")
        parser.add_argument("--source-date", type=datetime.date.fromisoformat, help="the day on which it was read, 2026-01-31")

    def run(self, options: dict[str, Any]) -> Report:
        page = read_catalogue_page(options["file"])
        return import_catalogue(page=page, source_url=options["source_url"], source_date=options["source_date"])
