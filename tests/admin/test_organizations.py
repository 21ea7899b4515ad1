"""Organizations and the people who are asked."""

import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from initiatives.models import PointOfContact
from interest.models import ExpressionOfInterest
from tests import factories
from tests.admin.conftest import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """A contact whom somebody was referred to."""
    contact = factories.contact(factories.organization())
    expression = ExpressionOfInterest.objects.create(
        reference="EOI-2026-AAAAAA", country="KZ", email="f@ministry.example", idempotency_key=uuid.uuid4()
    )
    expression.referrals.create(initiative=factories.initiative(), contact=contact)
    return contact


def run(client, name, contacts, **more):
    selected = {"action": name, "_selected_action": [contact.pk for contact in contacts]} | more
    return client.post(reverse("admin:initiatives_pointofcontact_changelist"), selected, follow=True)


def test_default_contact_is_one_of_its_own(staff):
    unodc = factories.organization("unodc")
    own, _other = factories.contact(unodc), factories.contact(factories.organization("who"))
    page = reverse("admin:initiatives_organization_change", args=[unodc.pk])
    response = staff.get(page)
    assert list(response.context["adminform"].form.fields["default_contact"].queryset) == [own]
    staff.post(page, form_of(response) | {"default_contact": _other.pk})
    unodc.refresh_from_db()
    assert unodc.default_contact is None


@pytest.mark.parametrize(
    ("make", "change", "field"),
    [
        (factories.sub_working_group, {"title": "By staff"}, "title"),
        (factories.organization, {"is_participating": "on"}, "is_participating"),
    ],
)
def test_what_staff_changed_is_marked_for_imports_and_handed_back(staff, make, change, field):
    row = make()
    page = reverse(f"admin:initiatives_{row._meta.model_name}_change", args=[row.pk])
    staff.post(page, form_of(staff.get(page)))
    row.refresh_from_db()
    assert row.curated_fields == []
    staff.post(page, form_of(staff.get(page)) | change)
    row.refresh_from_db()
    assert row.curated_fields == [field]
    staff.post(page, form_of(staff.get(page)) | {"curated_fields": []})
    row.refresh_from_db()
    assert row.curated_fields == []


def test_contact_with_referrals_is_not_deleted(staff, asked):
    page = reverse("admin:initiatives_pointofcontact_delete", args=[asked.pk])
    for response in [staff.get(page), staff.post(page, {"post": "yes"}), run(staff, "delete_selected", [asked], post="yes")]:
        assert "untick “active” for a contact, instead." in response.text
    assert list(PointOfContact.objects.all()) == [asked]


def test_contact_with_referrals_is_not_deleted_from_its_organization(staff, asked):
    page = reverse("admin:initiatives_organization_change", args=[asked.organization.pk])
    response = staff.post(page, form_of(staff.get(page)) | {"contacts-0-DELETE": "on"})
    assert response.status_code == 200
    assert list(PointOfContact.objects.all()) == [asked]


def test_contact_without_referrals_is_deleted(staff):
    contact = factories.contact(factories.organization())
    staff.post(reverse("admin:initiatives_pointofcontact_delete", args=[contact.pk]), {"post": "yes"})
    assert not PointOfContact.objects.exists()


def test_contacts_are_confirmed_and_deactivated(staff, editor):
    contact = factories.contact(factories.organization())
    run(staff, "confirm", [contact])
    contact.refresh_from_db()
    assert contact.confirmed_on == timezone.localdate()
    run(staff, "deactivate", [contact])
    contact.refresh_from_db()
    assert not contact.is_active
    logged = LogEntry.objects.filter(user=editor).order_by("pk")
    assert [entry.get_change_message() for entry in logged] == ["Confirmed.", "Deactivated."]


def test_fictional_contacts_are_marked(staff):
    factories.contact(factories.organization(), "Real Person")
    factories.contact(factories.organization(), "Fictional Person", is_demonstration=True)
    response = staff.get(reverse("admin:initiatives_pointofcontact_changelist"))
    marks = {
        contact.name: response.context["cl"].model_admin.fictional(contact) for contact in response.context["cl"].result_list
    }
    assert marks == {"Real Person": "", "Fictional Person": "demo"}


def test_only_a_region_has_countries(staff):
    term = factories.term("topic", "opioids")
    page = reverse("admin:initiatives_term_change", args=[term.pk])
    html = staff.post(page, form_of(staff.get(page)) | {"countries": ["KZ"]}).text
    assert "Only a region has countries." in html
