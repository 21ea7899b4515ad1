"""Sweeps over every model in the staff area, and what each of our lists and pages costs."""

import uuid

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from coalition.mail import actions as mail
from coalition.mail.models import OutgoingEmail
from initiatives.models import (
    Change,
    Initiative,
    Organization,
    PointOfContact,
    Snapshot,
    SubWorkingGroup,
    Synonym,
    Term,
    WorkingGroup,
)
from interest.models import ExpressionOfInterest, Referral, Subscriber
from tests import factories
from trainings.models import Session, Training, TrainingInitiative, TrainingOrganization

pytestmark = pytest.mark.django_db

ADMINS = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
OUR_APPS = {"initiatives", "trainings"}


# -- One row of each, with `number` rows of what its page lists ----------------------------------------------------------------


def organization(number=1, name="unodc"):
    made = factories.organization(name)
    people = [factories.contact(made, f"Person {row} of {name}", is_demonstration=True) for row in range(number)]
    made.default_contact = people[0]
    made.save()
    factories.initiative(f"1{len(name)}{Initiative.objects.count():02d}", lead=made)
    return made


def initiative(number=1, code="1103"):
    organizations = [factories.organization(f"organization-{code}-{row}") for row in range(number)]
    contacts = [factories.contact(linked) for linked in organizations]
    terms = [factories.term(facet, f"{facet}-{row}") for row in range(number) for facet in Term.Facet]
    made = factories.initiative(code, lead=organizations[0], contacts=contacts, terms=terms)
    for linked in organizations[1:]:
        made.organization_links.create(organization=linked, role="partner")
    return made


def training(number=1, name="tehran"):
    made = factories.training(name, starts_on="2025-12-01")
    for row in range(number):
        TrainingOrganization.objects.create(training=made, role="organizer", organization=factories.organization(f"{name}-{row}"))
        linked = factories.initiative(f"3{len(name)}{Initiative.objects.count():02d}")
        TrainingInitiative.objects.create(training=made, initiative=linked)
        Session.objects.create(training=made, title=f"Session {row}")
        made.topics.add(factories.term("topic", f"{name}-topic-{row}"))
        made.audience.add(factories.term("audience", f"{name}-audience-{row}"))
        made.follow_up_of.add(factories.training(f"{name}-before-{row}"))
    return made


def change():
    entry = Snapshot.objects.create(code="1103", title="Title", content={})
    return Change.objects.create(entry=entry, field="stage", old="proposed", new="ongoing")


def email():
    return mail.write(
        kind="receipt",
        key="receipt:1",
        recipient="focal.point@ministry.example",
        reply_to="coalition@example.org",
        subject="Your interest",
        text="Text",
        html="<!doctype html><title>x</title>",
        language="en",
    )


def expression():
    return ExpressionOfInterest.objects.create(
        reference="EOI-2026-AAAAAA",
        name="Fatima Focal",
        job_title="Head",
        institution="Ministry",
        country="KZ",
        email="focal.point@ministry.example",
        idempotency_key=uuid.uuid4(),
    )


ROWS = {
    Group: lambda: Group.objects.create(name="Editors"),
    get_user_model(): lambda: get_user_model().objects.create_user("visitor"),
    Initiative: initiative,
    Organization: organization,
    PointOfContact: lambda: factories.contact(factories.organization()),
    Term: lambda: factories.term("topic", "opioids"),
    Synonym: lambda: factories.synonym("dogs", "canine"),
    SubWorkingGroup: factories.sub_working_group,
    WorkingGroup: lambda: factories.sub_working_group().working_group,
    Training: training,
    Change: change,
    Subscriber: lambda: Subscriber.objects.create(email="dana@health.example", address_key="dana", reference="SUB-2026-AAAAAA"),
    OutgoingEmail: email,
    ExpressionOfInterest: expression,
    Referral: lambda: expression().referrals.create(initiative=factories.initiative()),
}


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages(model):
    return [address(model, "changelist"), address(model, "add"), address(model, "change", ROWS[model]().pk)]


# -- Who may open what ---------------------------------------------------------------------------------------------------------


def test_every_model_of_the_catalogue_is_in_the_staff_area():
    assert {model for model, _ in ADMINS if model._meta.app_label in OUR_APPS} == {
        Initiative,
        Organization,
        PointOfContact,
        Term,
        Change,
        Synonym,
        SubWorkingGroup,
        WorkingGroup,
        Training,
    }


@pytest.mark.parametrize(("model", "model_admin"), ADMINS)
def test_every_page_opens_for_the_editor(staff, rf, editor, model, model_admin):
    request = rf.get("/")
    request.user = editor
    allowed = [True, model_admin.has_add_permission(request), True]
    assert [staff.get(page).status_code for page in pages(model)] == [200 if may else 403 for may in allowed]


@pytest.mark.parametrize(("model", "model_admin"), ADMINS)
@pytest.mark.parametrize("who", ["nobody", "a user who is not staff"])
def test_every_page_is_refused_to_strangers(client, model, model_admin, who):
    if who != "nobody":
        client.force_login(get_user_model().objects.create_user("stranger"))
    for page in pages(model):
        response = client.get(page)
        assert (response.status_code, response.url) == (302, f"{reverse('admin:login')}?next={page}")


@pytest.mark.parametrize(("model", "model_admin"), ADMINS)
def test_no_page_opens_for_staff_without_permissions(client, model, model_admin):
    client.force_login(get_user_model().objects.create_user("new", is_staff=True))
    assert [client.get(page).status_code for page in pages(model)] == [403, 403, 403]


@pytest.mark.parametrize("model", [Initiative, Training, Organization, PointOfContact])
def test_change_page_only_shows_to_staff_who_may_only_view(client, model):
    reader = get_user_model().objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(reader)
    response = client.get(address(model, "change", ROWS[model]().pk))
    assert response.status_code == 200
    assert not response.context["has_change_permission"]


@pytest.mark.parametrize(("model", "model_admin"), ADMINS)
def test_every_list_can_be_searched_for_anything(staff, model, model_admin):
    ROWS[model]()
    for words in ["unodc colombo", "1103", "'\"%\\"]:
        assert staff.get(address(model, "changelist"), {"q": words}).status_code == 200


@pytest.mark.parametrize(("model", "model_admin"), ADMINS)
def test_every_list_refuses_a_nul_in_each_of_its_filters(staff, model, model_admin):
    ROWS[model]()  # a filter without choices is left out
    page = address(model, "changelist")
    filters = [name for spec in staff.get(page).context["cl"].filter_specs for name in spec.expected_parameters()]
    names = [*filters, *(f"{name}__exact" for name in filters), "email__state", "q", "o", "p"]

    for name in names:
        assert staff.get(f"{page}?{name}=%00").status_code == 400
        assert staff.get(f"{page}?{name}=a%00b").status_code == 400


# -- What they cost ------------------------------------------------------------------------------------------------------------

# On each page: session, user, is demonstration data loaded. A list also counts its rows twice, for the pages and for “all”.
LISTS = {
    # … rows, links to organizations, sub-working groups of the filter, organizations of the filter
    Initiative: 9,
    # … rows
    Organization: 6,
    # … rows, organizations of the filter
    PointOfContact: 7,
    # … rows
    Term: 6,
    # … rows
    Synonym: 6,
    # … rows, working groups of the filter
    SubWorkingGroup: 7,
    # … rows
    WorkingGroup: 6,
    # … rows, links to organizations, organizations of the filter; years of the date hierarchy: two
    Training: 10,
}

SEVERAL = {
    Initiative: [lambda: initiative(1, "1103"), lambda: initiative(2, "1104"), lambda: initiative(3, "2206A")],
    Organization: [organization, lambda: organization(2, "who"), lambda: organization(3, "incb")],
    PointOfContact: [
        lambda: factories.contact(factories.organization()),
        lambda: factories.contact(factories.organization("who")),
        lambda: factories.contact(factories.organization("incb")),
    ],
    Synonym: [lambda word=word: factories.synonym(word, "canine") for word in ["dog", "hound", "chien"]],
    Term: [lambda: factories.term("topic", "a"), lambda: factories.term("region", "b"), lambda: factories.term("topic", "c")],
    SubWorkingGroup: [lambda number=number: factories.sub_working_group(number) for number in ["1.1", "2.1", "3.1"]],
    WorkingGroup: [lambda number=number: factories.sub_working_group(number) for number in ["1.1", "2.1", "3.1"]],
    Training: [training, lambda: training(2, "vienna"), lambda: training(3, "lima")],
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.usefixtures("empty_caches")
@pytest.mark.parametrize("model", LISTS)
def test_list_costs_the_same_with_one_and_three_rows(staff, django_assert_num_queries, model, rows):
    for make in SEVERAL[model][:rows]:
        make()
    with django_assert_num_queries(LISTS[model]):
        response = staff.get(address(model, "changelist"))
    assert response.context["cl"].result_count >= rows


# On each page: session, user, is demonstration data loaded, the row, its content type.
CHANGE_PAGES = {
    # … organizations (prefetched, and for the rows below), contacts; chosen and all terms; sub-working groups;
    # organizations and contacts for the version
    initiative: 13,
    # … contacts to choose from, contacts below, contacts for the version
    organization: 8,
    # … organizations (prefetched, and for the rows below), sessions, initiatives; chosen and all topics, chosen and all
    # audiences; trainings that it follows (which, and their titles); organizations, sessions and initiatives for the version
    training: 18,
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.usefixtures("empty_caches")
@pytest.mark.parametrize("make", CHANGE_PAGES)
def test_change_page_costs_the_same_with_one_and_three_rows_below(staff, django_assert_num_queries, make, rows):
    made = make(rows)
    page = address(type(made), "change", made.pk)
    with django_assert_num_queries(CHANGE_PAGES[make]):
        response = staff.get(page)
    assert {inline.formset.initial_form_count() for inline in response.context["inline_admin_formsets"]} == {rows}


AUTOCOMPLETE = {
    PointOfContact: {"app_label": "initiatives", "model_name": "initiativecontact", "field_name": "contact"},
    Organization: {"app_label": "initiatives", "model_name": "initiativeorganization", "field_name": "organization"},
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.usefixtures("empty_caches")
@pytest.mark.parametrize("asked", [PointOfContact, Organization])
def test_autocomplete_costs_the_same_with_one_and_three_results(staff, django_assert_num_queries, asked, rows):
    for make in SEVERAL[asked][:rows]:
        make()
    # Session, user; count and rows.
    with django_assert_num_queries(4):
        response = staff.get(reverse("admin:autocomplete"), AUTOCOMPLETE[asked])
    assert len(response.json()["results"]) >= rows
