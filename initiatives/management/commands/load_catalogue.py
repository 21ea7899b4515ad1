from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from initiatives.imports.build import CATALOGUE
from initiatives.imports.tables import FIXTURES
from initiatives.models import Initiative

TRAININGS = FIXTURES / "trainings.json"


class Command(BaseCommand):
    help = "Loads the catalogue and the trainings of fixtures/ into a new database. All or nothing."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if Initiative.objects.exists():
            sentence = "There are initiatives in this database already, so nothing was loaded. Give a new one in DATABASE_URL."
            raise CommandError(sentence)
        call_command("loaddata", CATALOGUE, TRAININGS, verbosity=0)
        self.stdout.write(f"{Initiative.objects.count()} initiatives loaded")
