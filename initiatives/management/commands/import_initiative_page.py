from typing import Any

from django.core.management.base import CommandParser

from initiatives.imports.command import ImportCommand
from initiatives.imports.initiative import import_initiative_page
from initiatives.imports.initiative_page import read_initiative_page
from initiatives.imports.report import Report


class Command(ImportCommand):
    help = "Imports the text of one initiative's own page into the initiative of the same title: sections and point of contact."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--code", default="", help="the initiative, where the page prints no code and the title does not tell"
        )

        parser.add_argument(
            "--no-contact", action="store_true", help="the page names no point of contact; otherwise it would count as cut off"
        )

    def run(self, options: dict[str, Any]) -> Report:
        page = read_initiative_page(options["file"], has_contact=not options["no_contact"])
        return import_initiative_page(page=page, code=options["code"])
