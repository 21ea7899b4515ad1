from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from initiatives.imports.demonstration import load_demonstration
from initiatives.models import Initiative


class Command(BaseCommand):
    help = "Loads the fictional contacts of fixtures/demo.json. Only in a demonstration, after load_catalogue."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Fictional contacts are for a demonstration only: DEMONSTRATION is off.")
        if not Initiative.objects.exists():
            raise CommandError("There is no catalogue yet: manage.py load_catalogue")
        self.stdout.write(f"created {load_demonstration()} contacts")
