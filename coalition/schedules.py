from datetime import datetime, timedelta

from celery.schedules import schedstate, schedule


class Every(schedule):
    """Due every so often. A last run that lies ahead means that the clock was set back: then it is due at once.

    Celery's own schedule would wait until the clock is there again, for a day if it was a day wrong.
    """

    run_every: timedelta

    def is_due(self, last_run_at: datetime) -> schedstate:
        if self.maybe_make_aware(last_run_at) > self.now():
            return schedstate(is_due=True, next=self.run_every.total_seconds())
        return super().is_due(last_run_at)
