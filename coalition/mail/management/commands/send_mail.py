import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, close_old_connections

from coalition.mail import queue
from coalition.mail.models import Pause

PAUSE_SECONDS = 2


class Command(BaseCommand):
    help = "Sends the mail that is due, without Celery. With --loop it goes on until you stop it (Ctrl-C)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="Look for due mail every two seconds, for ever.")

    def handle(self, *_args: Any, loop: bool, **_options: Any) -> None:
        if not loop:
            self.send()
            self.say_whether_paused()
            return
        while True:
            try:
                self.send()
            except (CommandError, OperationalError) as error:
                self.stderr.write(f"{error} (trying again)")
            close_old_connections()
            time.sleep(PAUSE_SECONDS)

    def say_whether_paused(self) -> None:
        pause = Pause.objects.first()
        if pause:
            raise CommandError(f"No mail can be sent now, the queue waits: {pause}")

    def send(self) -> None:
        try:
            sent = queue.send_due()
        except queue.ChannelError as error:
            raise CommandError(f"No mail can be sent now, the queue waits: {error}") from error
        if sent:
            self.stdout.write(f"sent {sent}")
