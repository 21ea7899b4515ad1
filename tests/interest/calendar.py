"""Time in tests of what the database's clock decides: days of the past, to which rows are moved."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models.functions import Now

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.actions import pursuing
from interest.models import Answer, Inquiry, Referral

COLUMNS = [
    (OutgoingEmail, "created_at"),
    (OutgoingEmail, "accepted_at"),
    (Inquiry, "created_at"),
    (Answer, "created_at"),
    (Referral, "staff_called_at"),
]


class Calendar:
    """December 2024 begins on a Sunday."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.steps = 0

    def send(self, day):
        """Whatever was written since the last step was written, and sent, on this day."""
        queue.send_due()
        self.steps += 1
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(seconds=self.steps)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL interest.purging = 'on'")
            for model, column in COLUMNS:
                model.objects.filter(**{f"{column}__gt": Now() - timedelta(days=1)}).update(**{column: moment})
            cursor.execute("SET LOCAL interest.purging = 'off'")

    def run(self, day):
        """The task runs on this day, and what it wrote is sent."""
        self.monkeypatch.setattr(pursuing, "database_day", lambda: day)
        done = actions.pursue_silence()
        self.send(day)
        return done.reminders, done.deputies, done.called, done.failures


def december(day):
    return date(2024, 12, 1) + timedelta(days=day - 1)
