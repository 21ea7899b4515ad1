"""The pages of the organizations: their entries by role and group, their trainings, and figures that equal a count by hand."""

import re

import pytest

from initiatives import overviews
from tests import factories
from tests.pages import Structure, words
from trainings.models import TrainingOrganization

pytestmark = pytest.mark.django_db


@pytest.fixture
def unodc(db):
    found = factories.organization("unodc", is_participating=True)
    factories.initiative("1101", lead=found)
    factories.initiative("1102", lead=found)
    factories.initiative("1201", partner=found)
    factories.initiative("2101", mentioned=found)
    factories.initiative("2102", lead=found, state="draft")
    factories.initiative("3101", lead=factories.organization("who"))
    held(found, "webinar", ["organizer", "donor"], country="KZ", participants=30)
    held(found, "tehran", ["organizer"], country="IR")
    held(found, "online", ["partner"], participants=12)
    held(found, "draft", ["organizer"], country="FR", participants=99, state="draft")
    return found


def held(organization, slug, roles, **values):
    training = factories.training(slug, **values)
    for role in roles:
        TrainingOrganization.objects.create(training=training, organization=organization, role=role)


def html(response) -> str:
    return response.content.decode()


def test_figures_count_each_training_once_and_no_draft(client, unodc):
    page = client.get("/organizations/unodc/")
    assert re.findall(r"<dd>(\d+)</dd>", html(page)) == ["2", "1", "1", "3", "42", "2"]
    assert re.findall(r'<a href="(/countries/\w+/)">([^<]+)</a>', html(page)) == [
        ("/countries/ir/", "Iran (Islamic Republic of)"),
        ("/countries/kz/", "Kazakhstan"),
    ]
    assert "Training draft" not in words(page)
    assert Structure(html(page)).faults == []


def test_entries_stand_by_role_and_group(client, unodc):
    page = html(client.get("/organizations/unodc/"))
    table = [
        (number, re.findall(r'data-label="\w+">(\d+)<', row))
        for number, row in re.findall(r'<bdi class="gc-code">([\d.]+)</bdi>(.*?)</tr>', page, re.DOTALL)
    ]
    assert table == [("1.1", ["2", "0", "0"]), ("1.2", ["0", "1", "0"]), ("2.1", ["0", "0", "1"])]
    assert re.findall(r'<li id="initiative-(\w+)"', page) == ["1101", "1102", "1201"]
    assert "/initiatives/?organization=unodc&amp;sub_working_group=1.1" in page


def test_long_lists_say_how_many_there_are(client, unodc, monkeypatch):
    monkeypatch.setattr(overviews, "MOST_SHOWN", 1)
    text = words(client.get("/organizations/unodc/"))
    assert "Leads 2 initiatives" in text
    assert "These are the first 1 by their code." in text
    assert "These are the newest 1." in text


def test_index_counts_trainings_once(client, unodc):
    assert "Name of unodc UNODC 2 1 1 3" in words(client.get("/organizations/"))
    assert re.findall(r"<dd>(\d+)</dd>", html(client.get("/organizations/"))) == ["1", "2", "5", "2"]


def test_pages_need_as_many_queries_for_one_entry_as_for_many(client, unodc, django_assert_num_queries):
    for number in range(20):
        factories.initiative(str(3201 + number), lead=unodc)
        held(unodc, f"more-{number}", ["organizer"], country="KZ")
    # organization, groups, first entries and their two lists, trainings by country, trainings and their four lists
    with django_assert_num_queries(11):
        client.get("/organizations/unodc/")
    # two kinds of organizations, entries, entries without a lead
    with django_assert_num_queries(4):
        client.get("/organizations/")
