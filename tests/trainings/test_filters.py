"""Trainings of a country and of an organization: the same on the page, in the calendar and in the API."""

import re
from datetime import date

import pytest

from tests import factories
from tests.pages import Structure, words
from trainings.models import TrainingOrganization

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(db):
    for slug, country, organizers in [
        ("kazakh", "KZ", ["unodc"]),
        ("iranian", "IR", ["unodc", "who"]),
        ("kenyan", "KE", ["who"]),
        ("nowhere", "", []),
    ]:
        training = factories.training(slug, country=country, city=f"City of {slug}", starts_on=date(2025, 12, 21))
        for role in ("organizer", "donor"):
            for organizer in organizers:
                TrainingOrganization.objects.create(training=training, organization=factories.organization(organizer), role=role)
    draft = factories.training("draft", country="FR", starts_on=date(2025, 12, 21), state="draft")
    TrainingOrganization.objects.create(training=draft, organization=factories.organization("incb"), role="organizer")


CASES = {
    "": {"kazakh", "iranian", "kenyan", "nowhere"},
    "country=KZ": {"kazakh"},
    "country=KZ&country=KE": {"kazakh", "kenyan"},
    "country=FR": set(),
    "country=": {"kazakh", "iranian", "kenyan", "nowhere"},
    "organization=unodc": {"kazakh", "iranian"},
    "organization=unodc&organization=who": {"kazakh", "iranian", "kenyan"},
    "country=IR&organization=who": {"iranian"},
    "search=Nowhere": {"nowhere"},
    "search=city+kazakh": {"kazakh"},
    "search=Kenya": {"kenyan"},
    "search=Iran": {"iranian"},
    "search=Islamic": {"iranian"},
    "search=Laos": set(),
    "search=WHO": {"iranian", "kenyan"},
    "search=who+kenya": {"kenyan"},
    "search=trainings": {"kazakh", "iranian", "kenyan", "nowhere"},
    "search=WHO&country=IR": {"iranian"},
    "search=%22city+of+kenyan%22": {"kenyan"},
    "search=draft": set(),
    "search=": {"kazakh", "iranian", "kenyan", "nowhere"},
}


@pytest.mark.parametrize(("query", "expected"), CASES.items())
def test_page_calendar_and_api_narrow_alike(client, held, query, expected):
    page = client.get(f"/trainings/?{query}").content.decode()
    assert set(re.findall(r'href="/trainings/([a-z]+)/"', page)) == expected
    calendar = client.get(f"/trainings/calendar.ics?{query}").content.decode()
    assert set(re.findall(r"UID:(\w+)@", calendar)) == expected
    found = client.get(f"/api/v1/trainings/?{query}").json()
    assert (found["count"], {training["slug"] for training in found["results"]}) == (len(expected), expected)


@pytest.mark.parametrize(
    "query", ["country=kz", "country=Kenya", "organization=incb", "organization=%00", "country=KZ&country=XX"]
)
def test_an_unknown_value_is_left_out_on_the_page_and_refused_by_calendar_and_api(client, held, query):
    page = client.get(f"/trainings/?{query}")
    assert "It was left out." in words(page)
    assert set(re.findall(r'href="/trainings/([a-z]+)/"', page.content.decode())) == CASES[""]
    assert client.get(f"/api/v1/trainings/?{query}").status_code == 400
    calendar = client.get(f"/trainings/calendar.ics?{query}")
    assert (calendar.status_code, calendar["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "We do not know" in words(calendar)


def test_form_offers_what_has_trainings_and_keeps_what_is_chosen(client, held):
    page = client.get("/trainings/?country=FR&country=KZ&organization=who").content.decode()
    options = re.findall(r'<option value="([^"]+)"( selected)?>', page)
    assert options == [
        ("FR", " selected"),
        ("IR", ""),
        ("KZ", ""),
        ("KE", ""),
        ("unodc", ""),
        ("who", " selected"),
    ]
    assert re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page) == [("country", "KZ")]
    assert 'href="/trainings/calendar.ics?country=FR&amp;country=KZ&amp;organization=who"' in page
    assert Structure(page).faults == []


def test_page_hands_on_what_was_understood(client, held):
    page = client.get("/trainings/?country=KZ&organization=nonsense&search=city").content.decode()
    assert 'href="/trainings/calendar.ics?search=city&amp;country=KZ"' in page
    refused = client.get("/trainings/calendar.ics?country=KZ&organization=nonsense").content.decode()
    assert '<a href="/trainings/?country=KZ">Choose filters</a>' in refused


def test_filtered_page_is_named_and_leads_to_the_country(client, held):
    page = client.get("/trainings/?country=KE&organization=who")
    assert "Trainings: Kenya, WHO ·" in words(page)
    assert '<a href="/countries/ke/">Kenya: what it takes part in, and what is open to it</a>' in page.content.decode()
    assert 'name="robots" content="noindex"' in page.content.decode()


def test_nothing_found_says_what_to_do(client, held):
    page = client.get("/trainings/?country=FR")
    assert "No training with these filters was reported. See all trainings." in words(page)


def test_filters_need_no_more_queries_for_many(client, held, django_assert_num_queries):
    for number in range(20):
        factories.training(f"more-{number}", country="KZ")
    # trainings and their four lists, countries, organizations offered and those that the address may name
    with django_assert_num_queries(8):
        client.get("/trainings/?country=KZ&organization=unodc")
