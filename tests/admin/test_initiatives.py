"""The change page of an initiative: what staff edited is marked, its lists and its vocabulary."""

import pytest
from django.urls import reverse

from initiatives.models import Initiative, InitiativeOrganization, Term
from tests import factories
from tests.admin.conftest import add_row, form_of

pytestmark = pytest.mark.django_db


def page_of(initiative):
    return reverse("admin:initiatives_initiative_change", args=[initiative.pk])


def save(client, initiative, **changes):
    form = form_of(client.get(page_of(initiative)))
    assert client.post(page_of(initiative), form | changes).status_code == 302
    initiative.refresh_from_db()


# -- Curated fields ------------------------------------------------------------------------------------------------------------


def test_saving_marks_what_staff_changed(staff):
    initiative = factories.initiative()
    save(
        staff, initiative, summary="A better summary", scope="global", countries=["KZ"], state="review", reviewed_on="2026-11-22"
    )
    assert initiative.curated_fields == ["countries", "scope", "summary"]


def test_saving_without_a_change_marks_nothing(staff):
    initiative = factories.initiative(
        lead=factories.organization(),
        contacts=[factories.contact(factories.organization())],
        terms=[factories.term("topic", "a")],
    )
    save(staff, initiative)
    assert initiative.curated_fields == []


def test_line_ends_of_a_browser_are_no_change(staff):
    initiative = factories.initiative(summary="One.\n\n- Two\n- Three")
    save(staff, initiative, summary="One.\r\n\r\n- Two\r\n- Three")
    assert (initiative.curated_fields, initiative.summary) == ([], "One.\n\n- Two\n- Three")


def test_new_terms_are_marked(staff):
    initiative, term = factories.initiative(), factories.term("topic", "opioids")
    save(staff, initiative, terms=[term.pk])
    assert (initiative.curated_fields, list(initiative.terms.all())) == (["terms"], [term])


@pytest.mark.parametrize(("prefix", "field"), [("organization_links", "organizations"), ("contact_links", "contacts")])
def test_new_organizations_and_contacts_are_marked(staff, prefix, field):
    initiative, organization = factories.initiative(), factories.organization()
    contact = factories.contact(organization)
    form = form_of(staff.get(page_of(initiative)))
    if prefix == "contact_links":
        add_row(form, prefix, contact=contact.pk, position=1)
    else:
        add_row(form, prefix, organization=organization.pk, role="lead", basis="confirmed", position=1)
    assert staff.post(page_of(initiative), form).status_code == 302
    initiative.refresh_from_db()
    assert initiative.curated_fields == [field]
    assert getattr(initiative, field).count() == 1


def test_unticked_field_goes_back_to_the_import(staff):
    initiative = factories.initiative(curated_fields=["summary", "title"])
    save(staff, initiative, curated_fields=["title"])
    assert initiative.curated_fields == ["title"]


def test_marks_add_up(staff):
    initiative = factories.initiative(curated_fields=["title"])
    save(staff, initiative, summary="A better summary")
    assert initiative.curated_fields == ["summary", "title"]


def test_a_new_entry_is_marked_where_staff_filled_it(staff):
    group = factories.sub_working_group()
    page = reverse("admin:initiatives_initiative_add")
    filled = {"code": "1199", "title": "New", "summary": "Text", "sub_working_group": group.pk}
    assert staff.post(page, form_of(staff.get(page)) | filled).status_code == 302
    initiative = Initiative.objects.get()
    assert initiative.curated_fields == ["sub_working_group", "summary", "title"]
    assert initiative.state == "draft"


def test_marks_of_another_editor_stay_after_a_conflict(staff):
    initiative = factories.initiative()
    mine = form_of(staff.get(page_of(initiative)))
    save(staff, initiative, title="By another editor")
    again = form_of(staff.post(page_of(initiative), mine | {"summary": "Mine"}))
    assert staff.post(page_of(initiative), again | {"title": "By another editor"}).status_code == 302
    initiative.refresh_from_db()
    assert (initiative.title, initiative.summary) == ("By another editor", "Mine")
    assert initiative.curated_fields == ["summary", "title"]


# -- Its lists -----------------------------------------------------------------------------------------------------------------


def test_a_new_row_comes_after_the_others(staff):
    initiative = factories.initiative(contacts=[factories.contact(factories.organization())])
    initiative.contact_links.update(position=7)
    formset = next(
        inline.formset
        for inline in staff.get(page_of(initiative)).context["inline_admin_formsets"]
        if inline.formset.prefix == "contact_links"
    )
    assert formset.empty_form["position"].value() == 8


def test_rows_show_what_is_chosen(staff):
    lead, contact = factories.organization("unodc"), factories.contact(factories.organization("who"), "Ana Contact")
    html = staff.get(page_of(factories.initiative(lead=lead, contacts=[contact]))).text
    assert f'<option value="{lead.pk}" selected>UNODC</option>' in html
    assert f'<option value="{contact.pk}" selected>Ana Contact (WHO)</option>' in html


def test_the_same_organization_twice_is_a_sentence(staff):
    unodc = factories.organization()
    initiative = factories.initiative(lead=unodc)
    form = form_of(staff.get(page_of(initiative)))
    add_row(form, "organization_links", organization=unodc.pk, role="partner", basis="confirmed", position=2)
    assert "Please correct the duplicate data for organization." in staff.post(page_of(initiative), form).text
    assert InitiativeOrganization.objects.count() == 1


def test_vocabulary_stands_under_its_facets(staff):
    for facet in reversed(Term.Facet.values):
        factories.term(facet, f"some-{facet}")
    form = staff.get(page_of(factories.initiative())).context["adminform"].form
    assert [(group, [str(label) for _, label in terms]) for group, terms in form.fields["terms"].choices] == [
        ("Kind of support", ["Some support"]),
        ("Who it is for", ["Some audience"]),
        ("Topic", ["Some topic"]),
        ("Region", ["Some region"]),
    ]


def test_nonsense_gets_sentences(staff):
    initiative = factories.initiative()
    form = form_of(staff.get(page_of(initiative)))
    html = staff.post(page_of(initiative), form | {"code": "11O3", "superseded_by": initiative.pk}).text
    assert "A code has four digits and perhaps a letter: 1103, 2206A." in html
    html = staff.post(page_of(initiative), form | {"superseded_by": initiative.pk}).text
    assert "An entry cannot be superseded by itself." in html


def test_a_title_is_one_line(staff):
    initiative = factories.initiative()
    save(staff, initiative, title="Pasted from\r\n  a document ")
    assert initiative.title == "Pasted from a document"


def test_a_name_with_a_comma_stays_one_name(staff):
    organization = factories.organization(aliases=["Plan for Asia, the Pacific"])
    page = reverse("admin:initiatives_organization_change", args=[organization.pk])
    form = form_of(staff.get(page))
    assert form["aliases"] == "Plan for Asia, the Pacific"
    staff.post(page, form | {"aliases": "Plan for Asia, the Pacific\r\n\r\n CP \r\n"})
    organization.refresh_from_db()
    assert organization.aliases == ["Plan for Asia, the Pacific", "CP"]
