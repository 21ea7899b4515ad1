"""The pages of the organizations: their entries by role and group, their trainings, and figures that equal a count by hand."""

import re

import pytest
from django.utils.translation import override

from initiatives import overviews
from tests import factories
from tests.pages import Structure, words
from trainings.models import TrainingOrganization

pytestmark = pytest.mark.django_db


@pytest.fixture
def unodc(db):
    found = factories.organization("unodc", is_participating=True)
    training, guidance, data = (factories.term("support", slug) for slug in ("training", "guidance", "data"))
    factories.initiative("1101", lead=found, terms=[training, guidance])
    factories.initiative("1102", lead=found, terms=[training])
    factories.initiative("1201", partner=found, terms=[guidance, factories.term("topic", "nps")])
    factories.initiative("2101", mentioned=found, terms=[data])
    factories.initiative("2102", lead=found, state="draft", terms=[data])
    factories.initiative("3101", lead=factories.organization("who"), terms=[data])
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
    assert table == [("1.1", ["2", "0", "0"]), ("1.2", ["0", "1", "0"]), ("2.1", ["0", "0", "1"]), ("3.1", ["0", "0", "0"])]
    assert re.findall(r'<li id="initiative-(\w+)"', page) == ["1101", "1102", "1201"]
    assert "/initiatives/?organization=unodc&amp;sub_working_group=1.1" in page


def test_groups_without_a_part_are_said(client, unodc):
    page = client.get("/organizations/unodc/")
    assert "it leads nothing and is no partner in 2 sub-working groups." in words(page)
    assert re.findall(
        r'<bdi class="gc-code">([\d.]+)</bdi> <span>[^<]+</span></a> <span class="[^"]+">Nothing yet', html(page)
    ) == [
        "2.1",
        "3.1",
    ]
    factories.initiative("2103", partner=unodc)
    factories.initiative("3102", lead=unodc)
    assert "It has a part in every sub-working group." in words(client.get("/organizations/unodc/"))


def test_kinds_of_support_lead_to_as_many_results(client, unodc):
    page = client.get("/organizations/unodc/")
    kinds = re.findall(
        r'<a href="(/initiatives/\?organization=unodc&amp;support=\w+)">(\w+) <span class="gc-count">(\d+)<', html(page)
    )
    assert [(name, int(count)) for _address, name, count in kinds] == [("Guidance", 2), ("Training", 2)]
    for address, _name, count in kinds:
        assert f'<h2 id="results" tabindex="-1">{count} initiatives</h2>' in html(client.get(address.replace("&amp;", "&")))
    assert "Nothing yet of these kinds: Data." in words(page)


def test_who_is_only_mentioned_offers_nothing(client, db):
    factories.initiative("2101", mentioned=factories.organization("paho"), terms=[factories.term("support", "data")])
    text = words(client.get("/organizations/paho/"))
    assert "What it offers" not in text
    assert "it leads nothing and is no partner in 1 sub-working group." in text
    assert "Only mentioned in 1 initiative" in text


def test_acronym_stands_in_the_language_of_the_reader_before_the_english_one(client, unodc):
    assert 'gc-code">ONUDC</span><span class="gc-code" lang="en">UNODC</span>' in html(client.get("/fr/organizations/unodc/"))
    assert 'gc-code">UNODC</span><span>' in html(client.get("/organizations/unodc/"))


def test_short_name_is_the_acronym_or_the_name_in_the_language_of_the_reader(db):
    who, plan = factories.organization("who"), factories.organization("colombo-plan", name="Colombo Plan", acronym="")
    assert (who.short, plan.short) == ("WHO", "Colombo Plan")
    with override("fr"):
        assert (who.short, plan.short) == ("OMS", "Plan de Colombo")


def test_filters_name_organizations_in_the_language_of_the_reader(client, unodc):
    assert re.search(r'for="filter-organization-unodc">UNODC</label>', html(client.get("/initiatives/")))
    assert re.search(r'for="filter-organization-unodc"[^>]*>ONUDC</label>', html(client.get("/fr/initiatives/")))
    assert re.search(r'<option value="unodc"[^>]*>ONUDC</option>', html(client.get("/fr/trainings/")))


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
    # organization, numbers by group, groups, numbers by kind of support, kinds, first entries of three roles, trainings by
    # country, trainings and their four lists
    with django_assert_num_queries(14):
        client.get("/organizations/unodc/")
    # organizations, entries, entries without a lead
    with django_assert_num_queries(3):
        client.get("/organizations/")
