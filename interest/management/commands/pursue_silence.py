from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interest import actions


class Command(BaseCommand):
    help = "Reminds, asks deputies and calls staff where nobody answered in time: what beat asks for every morning."

    def handle(self, *_args: Any, **_options: Any) -> None:
        done = actions.pursue_silence()
        self.stdout.write(f"reminders {done.reminders}, deputies {done.deputies}, given to staff {done.called}")
        if done.failures:
            raise CommandError(f"{done.failures} could not be pursued. The log says why; the next run tries again.")
