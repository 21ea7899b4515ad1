"""No page costs more when lists grow (tests/site has the other promises). Then the pages about the site as a whole."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from initiatives.models import Initiative
from tests import factories
from tests.pages import Structure, words
from tests.site import addresses
from tests.site.conftest import registered_expression, verified_expression
from trainings.models import Session, Training, TrainingInitiative, TrainingOrganization

pytestmark = pytest.mark.django_db


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


def queries() -> dict[str, int]:
    """What every public address costs, by its name."""
    counts = {}
    for name, address in addresses.public().items():
        with CaptureQueriesContext(connection) as executed:
            assert Client().get(address).status_code == 200, name
        counts[name] = len(executed)
    return counts


def test_no_address_costs_more_when_lists_grow():
    fill(range(1))
    registered_expression(codes=["1101"])
    verified_expression(codes=["1101", "2101"])
    queries()  # what is kept in the process is fetched here
    before = queries()
    fill(range(1, 3))
    assert queries() == before


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
    assert "organizations list of OrganizationLink" in text


def test_schema_leaves_the_filters_of_the_catalogue_alone(client):
    factories.initiative("1101", terms=[factories.term("support", "training")])
    factories.initiative("1102")
    client.get("/api/v1/schema/")
    assert client.get("/initiatives/?support=training").context["page"].paginator.count == 1


def test_refused_button_says_what_to_do(client):
    page = client.post("/interest/", {"add": "1103"}, HTTP_ORIGIN="https://elsewhere.example.org")
    assert page.status_code == 403
    assert "This was not accepted" in words(page)
    assert "If you pressed a button, go back, load the page again and press it once more." in words(page)


def test_server_error_has_its_style(rf):
    page = get_resolver().resolve_error_handler(500)(rf.get("/"))
    assert page.status_code == 500
    assert Structure(page.text).faults == []
    assert 'href="/static/css/site.css"' in page.text


def test_server_error_without_the_manifest_of_static_files_is_plain(client, settings, tmp_path):
    """What breaks every page then must not break the page that says so."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}
    settings.STATIC_ROOT = tmp_path
    client.raise_request_exception = False
    page = client.get("/")
    assert page.status_code == 500
    assert "Something went wrong on our side" in words(page)
    assert "/static/" not in page.text
    assert Structure(page.text).faults == []
