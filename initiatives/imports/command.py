"""What the import commands share: where the sentences go, and the exit code."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from initiatives.imports.report import Report
from initiatives.imports.source import RefusedError

# More of them say only that this is another kind of file.
MOST_PROBLEMS = 100


class ImportCommand(BaseCommand):
    """Subclasses read `options["file"]` in `run` and return a report.

    Exits with 1 and `line N: ...` on stderr when the file is refused; then nothing has changed.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the file to read, UTF-8 text")

    def run(self, options: dict[str, Any]) -> Report:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self.run(options)
        except RefusedError as refused:
            for problem in refused.problems[:MOST_PROBLEMS]:
                self.stderr.write(str(problem))
            sys.exit(1)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        for line in report.lines():
            self.stdout.write(line)
