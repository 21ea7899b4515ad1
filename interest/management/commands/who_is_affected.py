import csv
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interest.affected import TABLES, Affected, UnknownReferenceError, Window, affected

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


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

        parser.add_argument("--watched", action="store_true", help="Only requests in which something happened in this time.")

    def handle(self, *_args: Any, since: datetime | None, until: datetime | None, **options: Any) -> None:
        names = {"references": options["reference"], "tables": options["table"]}
        try:
            people = affected(window=Window(since, until), watched=options["watched"], **names)
        except UnknownReferenceError as error:
            raise CommandError(f"No request has the reference {error}. Is it spelled like EOI-2026-K7M3QX?") from error
        writer = csv.writer(self.stdout)
        writer.writerow(Affected._fields)
        writer.writerows(map(safe, people))
        self.stderr.write(f"{len(people)} people")


def safe(person: Affected) -> list[str]:
    """A spreadsheet takes a cell that begins like a formula for one, also with wide signs (OWASP, CSV injection)."""
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in person]
