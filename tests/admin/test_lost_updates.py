"""Two clients on every page where staff change something: who saves second is told, and nothing is overwritten unseen."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction

from initiatives import actions
from initiatives.models import Initiative, Organization, PointOfContact, SubWorkingGroup, Synonym, Term, WorkingGroup
from tests import factories
from tests.admin.conftest import form_of
from tests.admin.test_every_model import ADMINS, ROWS, address
from trainings.models import Training

pytestmark = pytest.mark.django_db

# Referrals, mails and expressions of interest only change by actions, which lock what they decide on.
CHANGED_ON_A_PAGE = [
    Group,
    get_user_model(),
    Initiative,
    Organization,
    PointOfContact,
    SubWorkingGroup,
    Synonym,
    Term,
    WorkingGroup,
    Training,
]


@pytest.fixture
def changeable(rf, editor):
    """The admins of all models whose pages have a button to save."""
    request = rf.get("/")
    request.user = editor
    return {model: model_admin for model, model_admin in ADMINS if model_admin.has_change_permission(request)}


def page_of(row):
    return address(type(row), "change", row.pk)


def name_of(form):
    """The field in which an entry of any kind has its name."""
    return next(name for name in ["title", "name", "word", "username"] if f"{name}" in form)


def errors(response):
    return response.context["adminform"].form.non_field_errors()


def test_every_page_that_saves_is_known_here(changeable):
    assert set(changeable) == set(CHANGED_ON_A_PAGE)


@pytest.mark.parametrize("model", CHANGED_ON_A_PAGE)
def test_second_editor_sees_both_values_and_overwrites_nothing(staff, model):
    row = ROWS[model]()
    first, second = form_of(staff.get(page_of(row))), form_of(staff.get(page_of(row)))
    name = name_of(first)
    assert staff.post(page_of(row), first | {name: "first"}).status_code == 302
    response = staff.post(page_of(row), second | {name: "second"})

    row.refresh_from_db()
    assert getattr(row, name) == "first"
    form = response.context["adminform"].form
    assert (form[name].value(), form.errors[name]) == ("second", ["Saved now: first"])
    (sentence,) = errors(response)
    assert sentence.startswith("edith changed this entry after you opened it, so nothing was saved yet.")
    assert f"it differs from what is saved now in: {form.fields[name].label}." in sentence


@pytest.mark.parametrize("model", CHANGED_ON_A_PAGE)
def test_second_editor_saves_again_knowingly(staff, model):
    row = ROWS[model]()
    first, second = form_of(staff.get(page_of(row))), form_of(staff.get(page_of(row)))
    name = name_of(first)
    staff.post(page_of(row), first | {name: "first"})
    again = form_of(staff.post(page_of(row), second | {name: "second"}))
    assert staff.post(page_of(row), again).status_code == 302
    row.refresh_from_db()
    assert getattr(row, name) == "second"


@pytest.mark.parametrize("model", CHANGED_ON_A_PAGE)
def test_one_editor_saves_twice_without_a_conflict(staff, model):
    row = ROWS[model]()
    for _time in range(2):
        form = form_of(staff.get(page_of(row)))
        assert staff.post(page_of(row), form | {name_of(form): "mine"}).status_code == 302


def test_a_form_without_its_version_saves_nothing(staff):
    row = factories.organization(name="As it was")
    form = form_of(staff.get(page_of(row))) | {"name": "Another"}
    for version in ["", "nonsense", f"{form['version']}0"]:
        assert errors(staff.post(page_of(row), form | {"version": version}))
    row.refresh_from_db()
    assert row.name == "As it was"


def test_no_list_is_edited_in_place(changeable):
    """It would need the same check on every row."""
    assert [model for model, model_admin in changeable.items() if model_admin.list_editable] == []


BULK = [
    (Initiative, "publish"),
    (Initiative, "unpublish"),
    (Initiative, "archive"),
    (PointOfContact, "confirm"),
    (PointOfContact, "deactivate"),
    (Training, "publish"),
    (Training, "unpublish"),
    (Training, "archive"),
]


def test_every_bulk_action_is_known_here(changeable):
    named = {(model, name) for model, model_admin in changeable.items() for name in model_admin.actions}
    assert named == set(BULK)


@pytest.mark.parametrize(("model", "action"), BULK)
def test_bulk_action_is_not_undone_by_a_page_that_was_open(staff, model, action):
    row = ROWS[model]()
    if action == "publish":
        model.objects.filter(pk=row.pk).update(state="draft")
    old = form_of(staff.get(page_of(row)))
    staff.post(address(model, "changelist"), {"action": action, "_selected_action": [row.pk]})
    done = model.objects.filter(pk=row.pk).values().get()
    assert errors(staff.post(page_of(row), old))
    assert model.objects.filter(pk=row.pk).values().get() == done


def test_bulk_action_keeps_what_another_editor_saved(staff):
    contact = factories.contact(factories.organization())
    form = form_of(staff.get(page_of(contact))) | {"section": "Office 5"}
    staff.post(page_of(contact), form)
    staff.post(address(PointOfContact, "changelist"), {"action": "confirm", "_selected_action": [contact.pk]})
    contact.refresh_from_db()
    assert contact.section == "Office 5"


# -- Rows below the entry ------------------------------------------------------------------------------------------------------


def test_contact_changed_on_its_own_page_is_not_overwritten_from_its_organization(staff):
    contact = factories.contact(factories.organization())
    page = page_of(contact.organization)
    old = form_of(staff.get(page))
    staff.post(page_of(contact), form_of(staff.get(page_of(contact))) | {"email": "right@unodc.example.org"})
    response = staff.post(page, old | {"contacts-0-name": "Ana Married"})
    contact.refresh_from_db()
    assert (contact.name, contact.email) == ("Ana Contact", "right@unodc.example.org")
    (sentence,) = errors(response)
    assert "it differs from what is saved now in: the lists at the end of the page." in sentence


def test_contact_that_took_over_meanwhile_stays(staff):
    unodc = factories.organization("unodc")
    old, new = factories.contact(unodc, "Old Person"), factories.contact(unodc, "New Person")
    initiative = factories.initiative(contacts=[old])
    form = form_of(staff.get(page_of(initiative)))
    initiative.contact_links.update(contact=new)
    assert errors(staff.post(page_of(initiative), form))
    assert list(initiative.contacts.all()) == [new]


@pytest.mark.parametrize("change", ["terms", "topics"])
def test_chosen_terms_are_not_overwritten(staff, change):
    row = factories.initiative() if change == "terms" else factories.training()
    term = factories.term("topic", "opioids")
    old = form_of(staff.get(page_of(row)))
    getattr(row, change).add(term)
    response = staff.post(page_of(row), old)
    assert response.context["adminform"].form.errors[change] == ["Saved now: Opioids"]
    assert list(getattr(row, change).all()) == [term]


# -- Who, and at the same moment -----------------------------------------------------------------------------------------------


def test_conflict_names_everybody_who_changed_it(staff, client, editor):
    row = factories.initiative()
    old = form_of(staff.get(page_of(row)))
    staff.post(page_of(row), form_of(staff.get(page_of(row))) | {"title": "By Edith"})
    client.force_login(get_user_model().objects.create_superuser("boris"))
    client.post(page_of(row), form_of(client.get(page_of(row))) | {"title": "By Boris"})
    (sentence,) = errors(client.post(page_of(row), old))
    assert sentence.startswith("boris and edith changed this entry after you opened it")


def test_conflict_names_nobody_when_no_editor_made_the_change(staff):
    row = factories.initiative()
    staff.post(page_of(row), form_of(staff.get(page_of(row))) | {"title": "By Edith, before"})
    old = form_of(staff.get(page_of(row)))
    Initiative.objects.update(title="By an import")
    (sentence,) = errors(staff.post(page_of(row), old))
    assert sentence.startswith("An import or another part of the site changed this entry")


def test_publishing_meanwhile_is_a_change_too(staff, editor):
    entry = factories.initiative(state="draft")
    old = form_of(staff.get(page_of(entry)))
    actions.publish(entries=Initiative.objects.all(), by=editor)
    response = staff.post(page_of(entry), old)
    assert response.context["adminform"].form.errors["state"] == ["Saved now: Published"]
    assert list(Initiative.objects.published()) == [entry]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Initiative, Organization, PointOfContact])
def test_save_of_the_same_moment_waits_and_sees_the_other(staff, model):
    row = ROWS[model]()
    old = form_of(staff.get(page_of(row)))
    name = name_of(old)
    with ThreadPoolExecutor(max_workers=1) as second:
        with transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{name: "By the first"})
            answer = second.submit(post_and_close, staff, page_of(row), old | {name: "By the second"})
            wait_until_somebody_waits()
        assert "changed this entry after you opened it" in answer.result(timeout=10).text
    row.refresh_from_db()
    assert getattr(row, name) == "By the first"


def post_and_close(client, page, form):
    try:
        return client.post(page, form)
    finally:
        connection.close()


def wait_until_somebody_waits():
    """Until another session waits for a lock of ours."""
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    pytest.fail("nobody waited for the lock")
