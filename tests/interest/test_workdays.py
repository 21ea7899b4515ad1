"""Working days around weekends, holidays and the turn of the year."""

from datetime import date

import pytest

from interest.workdays import is_working_day, working_days_after

NONE = frozenset()
CHRISTMAS = frozenset({date(2026, 12, 25), date(2027, 1, 1)})


@pytest.mark.parametrize(
    ("day", "holidays", "works"),
    [
        (date(2026, 12, 24), CHRISTMAS, True),  # Thursday
        (date(2026, 12, 25), NONE, True),  # Friday
        (date(2026, 12, 25), CHRISTMAS, False),
        (date(2026, 12, 26), NONE, False),  # Saturday
        (date(2026, 12, 27), NONE, False),
        (date(2026, 12, 28), NONE, True),
    ],
)
def test_working_day_is_monday_to_friday_without_holidays(day, holidays, works):
    assert is_working_day(day, holidays) is works


@pytest.mark.parametrize(
    ("start", "count", "holidays", "expected"),
    [
        (date(2026, 12, 7), 0, NONE, date(2026, 12, 7)),
        (date(2026, 12, 7), 1, NONE, date(2026, 12, 8)),
        (date(2026, 12, 7), 5, NONE, date(2026, 12, 14)),  # Monday to Monday
        (date(2026, 12, 11), 1, NONE, date(2026, 12, 14)),  # over a weekend
        (date(2026, 12, 12), 1, NONE, date(2026, 12, 14)),  # from a Saturday
        (date(2026, 12, 13), 5, NONE, date(2026, 12, 18)),  # from a Sunday
        (date(2026, 12, 24), 1, CHRISTMAS, date(2026, 12, 28)),
        (date(2026, 12, 25), 1, CHRISTMAS, date(2026, 12, 28)),  # from a holiday
        (date(2026, 12, 24), 5, CHRISTMAS, date(2027, 1, 4)),  # two holidays, two weekends, a new year
        (date(2026, 12, 31), 20, CHRISTMAS, date(2027, 1, 29)),
        (date(2028, 2, 28), 2, NONE, date(2028, 3, 1)),  # a leap day
        (date(2026, 12, 7), 5, frozenset({date(2026, 12, 12)}), date(2026, 12, 14)),  # a holiday on a Saturday takes nothing
    ],
)
def test_working_days_after(start, count, holidays, expected):
    assert working_days_after(start, count, holidays) == expected
