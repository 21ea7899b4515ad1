"""The pages of the trainings."""

import re
from datetime import date

import pytest
import time_machine

from tests import factories
from tests.pages import words
from trainings.models import Session, TrainingInitiative, TrainingOrganization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "precision", "expected"),
    [
        (None, None, "day", "Date not stated"),
        (date(2025, 12, 21), None, "day", "21 December 2025"),
        (date(2025, 12, 21), date(2025, 12, 21), "day", "21 December 2025"),
        (date(2025, 12, 21), date(2025, 12, 25), "day", "21–25 December 2025"),
        (date(2027, 1, 29), date(2027, 2, 3), "day", "29 January – 3 February 2027"),
        (date(2025, 12, 30), date(2026, 1, 2), "day", "30 December 2025 – 2 January 2026"),
        (date(2023, 5, 1), None, "month", "May 2023"),
        (date(2022, 10, 1), date(2022, 11, 1), "month", "October – November 2022"),
        (date(2022, 12, 1), date(2023, 1, 1), "month", "December 2022 – January 2023"),
    ],
)
def test_dates_are_said_in_words(client, starts_on, ends_on, precision, expected):
    factories.training("t", starts_on=starts_on, ends_on=ends_on, date_precision=precision)
    assert f"When {expected} Where" in words(client.get("/trainings/t/"))


@time_machine.travel("2026-06-15 12:00:00+00:00", tick=False)
def test_upcoming_trainings_come_first_and_those_held_newest_first(client):
    for slug, day in [("next", "2026-07-01"), ("later", "2026-09-01"), ("last", "2026-06-14"), ("old", "2020-01-01")]:
        factories.training(slug, starts_on=date.fromisoformat(day))
    factories.training("undated")
    factories.training("hidden", state="draft")
    page = client.get("/trainings/").content.decode()
    upcoming, held = page[: page.index('id="held"')], page[page.index('id="held"') :]
    slugs = re.compile(r'href="/trainings/([a-z]+)/"')
    assert slugs.findall(upcoming) == ["next", "later"]
    assert slugs.findall(held) == ["last", "old", "undated"]
    assert 'href="/trainings/calendar.ics"' in page


def test_without_an_upcoming_training_the_page_says_how_to_ask_for_one(client):
    factories.training("t", starts_on=date(2020, 1, 1))
    page = client.get("/trainings/")
    assert "No training is announced here at the moment." in words(page)
    assert 'href="/initiatives/?support=training"' in page.content.decode()


def test_training_shows_all_that_is_known_of_it(client):
    unodc = factories.organization("unodc")
    before = factories.training("before", title="The first workshop", starts_on=date(2022, 10, 1), date_precision="month")
    training = factories.training(
        "t",
        mode="hybrid",
        city="Tehran",
        country="IR",
        languages=["fa"],
        story="It **went** well.",
        participants=30,
        indicators=["58 % women"],
        source_title="UNODC Iran",
        source_url="https://story.example.org",
        source_date=date(2023, 5, 23),
    )
    training.topics.add(factories.term("topic", "treatment"))
    training.audience.add(factories.term("audience", "treatment-workers"))
    training.follow_up_of.add(before, factories.training("hidden", title="Hidden draft", state="draft"))
    TrainingOrganization.objects.create(training=training, organization=unodc, name="UNODC Iran", role="organizer")
    TrainingOrganization.objects.create(training=training, name="Drug Control Headquarters", role="partner", position=1)
    Session.objects.create(training=training, title="Overdose", description="A guide.", facilitators=["Dr. A", "Ms. B"])
    for code, state in [("1101", "published"), ("1102", "draft")]:
        initiative = factories.initiative(code, state=state)
        TrainingInitiative.objects.create(training=training, initiative=initiative, basis="inferred")
    page = client.get("/trainings/t/")
    text, html = words(page), page.content.decode()
    for expected in [
        "Where Tehran, Iran (Islamic Republic of) and online",
        "Organizer UNODC Iran Partner Drug Control Headquarters",
        "Participants 30",
        "Results in numbers 58 % women",
        "Who it is for Treatment workers",
        "Topics Treatment",
        "Languages Persian",
        "Under these initiatives 1101 Title of 1101 read from the text",
        "Source: UNODC Iran, 23 May 2023",
        "Sessions Overdose A guide. Led by Dr. A, Ms. B",
        "This training continues The first workshop October 2022",
    ]:
        assert expected in text
    assert "It <strong>went</strong> well." in html
    assert '<a href="/organizations/unodc/">UNODC Iran</a>' in html
    assert 'href="https://story.example.org"' in html
    assert "1102" not in text
    assert "Hidden draft" not in text
    assert "It was continued by Training t" in words(client.get("/trainings/before/"))


def test_training_online_says_for_whom_instead_of_where(client):
    factories.training("t", mode="online", country="KZ")
    assert "Where Online for Kazakhstan" in words(client.get("/trainings/t/"))


def test_training_without_an_initiative_says_so_and_leads_to_those_like_it(client):
    factories.training("t", title="Drug & chemical handling")
    html = client.get("/trainings/t/").content.decode()
    assert "The sources do not say to which initiative this training belongs." in html
    assert '<a href="/initiatives/?search=Drug%20%26%20chemical%20handling">Find initiatives like it</a>' in html


def test_training_that_is_not_published_is_not_found(client):
    factories.training("t", state="draft")
    assert client.get("/trainings/t/").status_code == 404


def test_initiative_and_organization_show_their_trainings(client):
    lead = factories.organization("unodc")
    initiative = factories.initiative("1101", lead=lead)
    for slug, state in [("shown", "published"), ("hidden", "draft")]:
        training = factories.training(slug, state=state)
        TrainingInitiative.objects.create(training=training, initiative=initiative)
        TrainingOrganization.objects.create(training=training, organization=lead, role="organizer")
    for address in ("/initiatives/1101/", "/organizations/unodc/"):
        text = words(client.get(address))
        assert "Training shown" in text
        assert "Training hidden" not in text
