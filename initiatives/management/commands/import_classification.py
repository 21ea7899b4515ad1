from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from initiatives.imports.classification import import_classification
from initiatives.imports.command import ImportCommand
from initiatives.imports.report import Report
from initiatives.imports.tables import CLASSIFICATION


class Command(ImportCommand):
    help = "Checks and loads the editors' classification, with organizations.csv and vocabulary.csv (see docs/classification.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", type=Path, nargs="?", default=CLASSIFICATION, help=f"default {CLASSIFICATION}"
        )

    def run(self, options: dict[str, Any]) -> Report:
        return import_classification(path=options["file"])
