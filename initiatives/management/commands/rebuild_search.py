from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from initiatives.search import index


class Command(BaseCommand):
    help = "Writes the search table anew: after a change of what is indexed, or after rows written by SQL. Safe at any time."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{index.rebuild()} initiatives indexed")
