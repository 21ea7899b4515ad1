from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from interest import privacy
from interest.actions import forgetting


class Command(BaseCommand):
    help = "Deletes or empties personal data that was kept long enough (docs/privacy.md). May run at any time, and twice at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count what would go.")
        parser.add_argument("--list", action="store_true", help="Only print the list of personal columns, for docs/privacy.md.")

    def handle(self, *_args: Any, dry_run: bool, **options: Any) -> None:
        if options["list"]:
            self.stdout.write(privacy.table())
            return
        counts = forgetting.count() if dry_run else forgetting.forget()
        said = ", ".join(f"{number} {name}" for name, number in counts.items())
        self.stdout.write(f"{'would forget' if dry_run else 'forgotten'}: {said}")
