"""Counting in working days: Monday to Friday without the holidays that are given. Dates are UTC."""

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < SATURDAY and day not in holidays


def working_days_after(start: date, count: int, holidays: Collection[date]) -> date:
    """The working day that is `count` working days after `start`, which itself does not count, whatever day it is."""
    day = start
    while count > 0:
        day += ONE_DAY
        count -= is_working_day(day, holidays)
    return day


def working_days_since(start: date, today: date, holidays: Collection[date]) -> int:
    """How many working days began after `start`, the present one included."""
    return sum(is_working_day(start + ONE_DAY * number, holidays) for number in range(1, (today - start).days + 1))
