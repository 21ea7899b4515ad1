"""The calendar of trainings, read as a calendar program reads it."""

from datetime import date

import pytest
from icalendar import Calendar

from tests import factories

pytestmark = pytest.mark.django_db


def events(client):
    response = client.get("/trainings/calendar.ics")
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_event_says_when_where_and_ends_before_the_day_after(client, settings):
    settings.SITE_URL = "https://portal.example.org"
    factories.training("t", title="A, B; C", starts_on=date(2025, 12, 30), ends_on=date(2026, 1, 2), city="Tehran", country="IR")
    [event] = events(client)
    assert {name: str(event[name]) for name in ("uid", "summary", "location", "url")} == {
        "uid": "t@portal.example.org",
        "summary": "A, B; C",
        "location": "Tehran, Iran (Islamic Republic of)",
        "url": "https://portal.example.org/trainings/t/",
    }
    # RFC 5545 §3.6.1: the end of an event is the first day that is no longer part of it.
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2025, 12, 30), date(2026, 1, 3))


def test_event_without_a_last_day_has_one_day(client):
    factories.training(starts_on=date(2025, 12, 21))
    [event] = events(client)
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2025, 12, 21), date(2025, 12, 22))


def test_each_event_has_a_uid_of_its_own_that_stays(client):
    for slug in ("a", "b"):
        factories.training(slug, starts_on=date(2025, 12, 21))
    before = [str(event["uid"]) for event in events(client)]
    assert len(set(before)) == 2
    assert [str(event["uid"]) for event in events(client)] == before


def test_calendar_has_only_published_trainings_whose_day_is_known(client):
    day = date(2025, 12, 21)
    factories.training("shown", starts_on=day)
    factories.training("month", starts_on=day.replace(day=1), ends_on=day.replace(day=1), date_precision="month")
    factories.training("undated")
    for state in ("draft", "review", "archived"):
        factories.training(state, starts_on=day, state=state)
    assert [str(event["uid"]).split("@")[0] for event in events(client)] == ["shown"]


def test_calendar_without_trainings_is_empty(client):
    assert events(client) == []
