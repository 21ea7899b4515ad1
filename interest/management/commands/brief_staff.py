from typing import Any

from django.core.management.base import BaseCommand

from interest import actions
from interest.actions.briefing import why_none


class Command(BaseCommand):
    help = "Writes the mail of the day to the Coalition's mailbox, if something needs staff: what beat asks for every morning."

    def handle(self, *_args: Any, **_options: Any) -> None:
        email = actions.brief_staff()
        self.stdout.write(email.subject if email else why_none() or "nothing to write")
