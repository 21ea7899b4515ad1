import csv
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from interest.affected import TABLES, Affected, Window, affected


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time; write 2026-11-22 or 2026-11-22T14:30 (UTC).") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Lists as CSV the people to tell after a leak. Name what leaked: the reference of a link or mail, a table that was "
        "copied, or only the time in which somebody was inside."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment, help="Written at this time or later (UTC).")
        parser.add_argument("--until", type=moment, help="Written before this time (UTC).")
        parser.add_argument("--reference", action="append", default=[], type=str.upper, help="May be given several times.")
        parser.add_argument("--table", action="append", default=[], choices=TABLES, help="May be given several times.")

    def handle(self, *_args: Any, since: datetime | None, until: datetime | None, **options: Any) -> None:
        people = affected(window=Window(since, until), references=options["reference"], tables=options["table"])
        writer = csv.writer(self.stdout)
        writer.writerow(Affected._fields)
        writer.writerows(map(safe, people))
        self.stderr.write(f"{len(people)} people")


def safe(person: Affected) -> list[str]:
    """A spreadsheet takes a cell that begins like a formula for one (OWASP, CSV injection)."""
    return [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell for cell in person]
