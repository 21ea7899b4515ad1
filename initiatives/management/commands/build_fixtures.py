from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from initiatives.imports.build import CATALOGUE, NotEmptyError, SourceError, build_catalogue


class Command(BaseCommand):
    help = "Writes fixtures/catalogue.json from the sources and the editors' tables. Needs an empty database and leaves it empty."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, default=CATALOGUE, help=f"default {CATALOGUE}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = build_catalogue()
        except NotEmptyError as error:
            message = "This database has a catalogue. Give a new, migrated one in DATABASE_URL, or use `make fixtures`."
            raise CommandError(message) from error
        except SourceError as error:
            raise CommandError(f"Nothing was written, because of {error}") from error
        options["output"].write_text(text, encoding="utf-8")
        self.stdout.write(f"wrote {options['output']}")
