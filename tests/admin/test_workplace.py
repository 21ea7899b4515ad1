"""The first page of the staff area, and what every page of it says."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from initiatives.models import SearchDocument
from tests import factories

pytestmark = pytest.mark.django_db

BANNER = "Demonstration data is loaded."


def to_do(client):
    context = client.get(reverse("admin:index")).context
    return {str(item.label): item for item in [*context["to_do"], *context["upkeep"]]}


def test_catalogue_comes_first(staff):
    apps = staff.get(reverse("admin:index")).context["app_list"]
    assert [app["app_label"] for app in apps][:2] == ["initiatives", "trainings"]
    assert apps[-1]["app_label"] == "auth"
    assert [model["object_name"] for model in apps[0]["models"]] == [
        "Initiative",
        "Organization",
        "PointOfContact",
        "Term",
        "Synonym",
        "SubWorkingGroup",
        "WorkingGroup",
        "Change",
    ]


def test_what_waits_is_counted_and_leads_to_its_rows(staff):
    today = timezone.localdate()
    silent, answering, unused = (factories.organization(slug) for slug in ["silent", "answering", "unused"])
    answering.default_contact = factories.contact(answering, "Recent Person", confirmed_on=today)
    answering.save()
    silent.default_contact = factories.contact(silent, "Gone Person", is_active=False)
    silent.save()
    never = factories.contact(unused, "Never Person")
    long_ago = factories.contact(unused, "Long Person", confirmed_on=today - datetime.timedelta(days=366))
    review = factories.initiative("1101", lead=silent, state="review")
    without = factories.initiative("1102", partner=silent)
    factories.initiative("1103", lead=answering)
    factories.initiative("1104", state="archived")
    unlisted = factories.initiative("1105", lead=answering)
    SearchDocument.objects.filter(initiative=unlisted).delete()
    training = factories.training(state="review")

    found = to_do(staff)
    rows = {
        "Initiatives in review": [review],
        "Initiatives without a lead organization": [without],
        "Initiatives that the catalogue does not list until they are saved": [unlisted],
        "Lead organizations without a default contact": [silent],
        "Contacts who have not confirmed for a year": [long_ago, never],
        "Trainings in review": [training],
    }
    for label, expected in rows.items():
        assert found[label].count == len(expected)
        assert list(staff.get(found[label].url).context["cl"].queryset) == expected, label


@pytest.mark.parametrize("count", [1, 2])
def test_what_waits_reads_well_for_one_and_for_many(staff, count):
    for number in range(count):
        factories.initiative(f"110{number}", lead=factories.organization(), state="review")
    assert f">Initiatives in review: <strong>{count}</strong></a>" in staff.get(reverse("admin:index")).text


def test_upkeep_of_the_catalogue_stands_apart(staff):
    factories.initiative("1101", state="review")

    page = staff.get(reverse("admin:index"))

    assert [str(item.label) for item in page.context["upkeep"]][:1] == ["Initiatives in review"]
    assert page.context["to_do"] == []
    assert "Nothing waits for you." in page.text
    assert page.text.index('id="to-do"') < page.text.index('id="upkeep"')


def test_nothing_to_do_says_so(staff):
    assert to_do(staff) == {}
    assert "Nothing waits for you." in staff.get(reverse("admin:index")).text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.usefixtures("empty_caches")
def test_first_page_costs_the_same_with_one_and_three_rows(staff, django_assert_num_queries, rows):
    for row in range(rows):
        factories.contact(factories.organization(f"organization-{row}"))
        factories.initiative(f"110{row}", state="review")
    # Session, user, is demonstration data loaded, recent actions, and one for each of the six models that count kinds of work.
    with django_assert_num_queries(10):
        staff.get(reverse("admin:index"))


@pytest.mark.parametrize("page", ["index", "initiatives_initiative_changelist", "initiatives_initiative_add", "password_change"])
def test_demonstration_data_is_named_on_every_page(staff, page):
    assert BANNER not in staff.get(reverse(f"admin:{page}")).text
    factories.contact(factories.organization(), is_demonstration=True)
    assert BANNER in staff.get(reverse(f"admin:{page}")).text


def test_login_page_tells_strangers_nothing_of_the_data(client):
    factories.contact(factories.organization(), is_demonstration=True)
    response = client.get(reverse("admin:login"))
    assert response.status_code == 200
    assert BANNER not in response.text
