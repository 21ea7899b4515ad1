"""Every public page: built soundly, without cookies, at a cost that does not grow. Then the pages about the site as a whole."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from initiatives.models import Initiative
from tests import factories
from tests.pages import Structure, words
from trainings.models import Session, Training, TrainingInitiative, TrainingOrganization

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/",
    "/about/",
    "/initiatives/",
    "/initiatives/?search=summary&country=KZ&support=training&support=nonsense",
    "/initiatives/?search=xyzzy",
    "/initiatives/1101/",
    "/sub-working-groups/1.1/",
    "/organizations/",
    "/organizations/unodc/",
    "/organizations/ioc/",
    "/trainings/",
    "/trainings/tehran-0/",
    "/api/v1/docs/",
]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
MOST_QUERIES = 12


def fill(numbers: range) -> None:
    """An entry with a contact, an entry without a place, a training and an organization for each number, all linked."""
    terms = [factories.term("support", "training"), factories.term("topic", "nps"), factories.term("audience", "customs")]
    terms += [factories.term("region", "central-asia", countries=["KZ"])]
    factories.organization("ioc", is_participating=True)
    for index in numbers:
        lead = factories.organization("unodc", is_participating=True)
        partner = factories.organization(f"partner-{index}")
        contact = factories.contact(partner, f"Person {index}")
        factories.initiative(str(1101 + index), lead=lead, partner=partner, terms=terms, contacts=[contact], background="Ago")
        factories.initiative(str(2101 + index), mentioned=lead, summary=f"Without a place {index}")
        training = factories.training(f"tehran-{index}", starts_on=datetime.date(2025, 12, 21), story="It went well.")
        training.topics.add(terms[1])
        TrainingOrganization.objects.create(training=training, organization=lead, role="organizer")
        TrainingInitiative.objects.create(training=training, initiative=Initiative.objects.get(code="1101"))
        Session.objects.create(training=training, title="Opening", facilitators=["Ms. Example"])
        training.follow_up_of.set(Training.objects.exclude(pk=training.pk))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_sound_html_without_cookies_or_inline_code(client, address):
    fill(range(2))
    response = client.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    assert Structure(html).faults == []
    assert INLINE.findall(html) == []
    assert not response.cookies


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_costs_more_when_lists_grow(client, address):
    counts = []
    for numbers in (range(1), range(1, 3)):
        fill(numbers)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_home_leads_to_search_needs_groups_and_trainings(client):
    factories.initiative("1101", lead=factories.organization("incb"), terms=[factories.term("support", "training")])
    factories.initiative("1201", terms=[factories.term("support", "training")])
    factories.initiative("1202", state="draft", terms=[factories.term("support", "equipment")])
    for month in range(1, 5):
        factories.training(f"t{month}", title=f"Training number {month}", starts_on=datetime.date(2025, month, 1))
    page = client.get("/")
    text = words(page)
    assert "International organizations offer countries 2 initiatives" in text
    assert '<select class="usa-select" id="country" name="country">' in page.content.decode()
    assert '<a href="/initiatives/?support=training">Training <span class="gc-count">2' in page.content.decode()
    assert "support=equipment" not in page.content.decode()
    assert re.findall(r"1\.[12] Sub-group 1\.[12] \d", text) == ["1.1 Sub-group 1.1 1", "1.2 Sub-group 1.2 1"]
    assert re.findall(r"Training number \d", text) == ["Training number 4", "Training number 3", "Training number 2"]
    assert "How registering interest works" in text
    assert page.context["entries_with_lead"] == 1
    assert page.context["trainings_reported"] == 4


def test_about_quotes_the_source_word_for_word_with_our_mailbox(client, settings, pytestconfig):
    settings.COALITION_EMAIL = "mailbox@coalition.example.org"
    source = (pytestconfig.rootpath / "fixtures/sources/initiatives-page.txt").read_text().splitlines()
    page = client.get("/about/")
    text = words(page)
    for paragraph in source[1:4]:
        assert " ".join(paragraph.split()) in text
    assert '<a href="mailto:mailbox@coalition.example.org">' in page.content.decode()
    assert "state [dot] gov" not in text
    assert "to no other organization" in text


def test_api_docs_name_every_parameter_field_and_value(client):
    factories.term("topic", "nps", name="New psychoactive substances")
    schema = client.get("/api/v1/schema/").json()
    page = client.get("/api/v1/docs/")
    names = {parameter["name"] for path in schema["paths"].values() for parameter in path["get"].get("parameters", [])}
    names |= {name for found in schema["components"]["schemas"].values() for name in found.get("properties", {})}
    names -= {"count", "next", "previous", "results"}  # told in words
    assert {"search", "country", "page_size", "state_participation", "facilitators"} <= names
    assert {name for name in names if f"<code>{name}</code>" not in page.content.decode()} == set()
    text = words(page)
    assert 'curl "http://testserver/api/v1/initiatives/?search=forensic&country=KZ"' in text
    assert "nps New psychoactive substances" in text
    assert "ongoing, completed, not_stated" in text


def test_schema_leaves_the_filters_of_the_catalogue_alone(client):
    factories.initiative("1101", terms=[factories.term("support", "training")])
    factories.initiative("1102")
    client.get("/api/v1/schema/")
    assert client.get("/initiatives/?support=training").context["page"].paginator.count == 1
