import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from initiatives.models import Initiative, InitiativeOrganization, SearchDocument, Term
from initiatives.models.search import open_to
from tests import factories

pytestmark = pytest.mark.django_db


def test_related_entries_share_a_topic_and_those_with_the_same_text_stand_apart():
    training, police = factories.term("support", "training"), factories.term("audience", "law-enforcement")
    precursors, nps = factories.term("topic", "precursors"), factories.term("topic", "nps")
    entry = factories.initiative("1101", summary="Same.", terms=[training, police, precursors])
    factories.initiative("1201", summary="Same.")
    factories.initiative("1202", terms=[training, police, precursors])
    factories.initiative("1203", terms=[training, police, nps])
    factories.initiative("1204", terms=[training, police, precursors], state=Initiative.State.DRAFT)
    assert [other.code for other in entry.same_text()] == ["1201"]
    assert [other.code for other in entry.related()] == ["1202"]


@pytest.mark.parametrize("code", ["110", "11033", "1103b", "A103"])
def test_code_must_have_four_digits(code):
    entry = factories.initiative()
    entry.code = code
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()


def test_initiative_cannot_supersede_itself():
    entry = factories.initiative()
    entry.superseded_by = entry
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()


def test_organization_stands_once_beside_an_initiative():
    entry = factories.initiative(lead=factories.organization())
    with pytest.raises(IntegrityError), transaction.atomic():
        InitiativeOrganization.objects.create(initiative=entry, organization=factories.organization(), role="partner")


def test_only_regions_have_countries():
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.create(facet="topic", slug="nps", name="NPS", countries=["KZ"])


def test_contacts_are_asked_in_their_order_then_the_defaults_of_leads():
    unodc, who = factories.organization("unodc"), factories.organization("who")
    first, second = factories.contact(unodc, "First Own"), factories.contact(unodc, "Second Own")
    gone = factories.contact(unodc, "Gone Person", is_active=False)
    unodc.default_contact = factories.contact(unodc, "Default Lead")
    who.default_contact = factories.contact(who, "Default Partner")
    for organization in (unodc, who):
        organization.save()
    entry = factories.initiative(lead=unodc, partner=who, contacts=[gone, second, first])
    assert [contact.name for contact in entry.contacts_to_ask()] == ["Second Own", "First Own", "Default Lead"]


@pytest.mark.parametrize(
    ("values", "region", "is_open"),
    [
        ({"scope": "global"}, None, True),
        ({"scope": "regional"}, ["KZ"], True),
        ({"scope": "regional"}, ["KE"], False),
        ({"scope": "national", "countries": ["KZ"]}, None, True),
        ({"scope": "national", "countries": ["KE"]}, None, False),
        ({"scope": "national", "countries": ["UZ"]}, ["UZ", "KZ"], False),
        ({"scope": "not_stated"}, None, False),
    ],
)
def test_open_to_a_country(values, region, is_open):
    terms = [factories.term("region", "somewhere", countries=region)] if region else []
    factories.initiative(terms=terms, **values)
    entries = SearchDocument.objects
    assert entries.filter(facets__fits=open_to("KZ")).exists() == is_open
    assert entries.filter(facets__fits=open_to("JP", "KZ")).exists() == is_open


def test_contact_whose_address_cannot_be_used_is_not_asked():
    unodc, who = factories.organization("unodc"), factories.organization("who")
    relay = factories.contact(unodc, "Relay", email="a%relay@unodc.example.org")
    unodc.default_contact = factories.contact(unodc, "Default")
    who.default_contact = factories.contact(who, "Dotless", email="who@localhost")
    for organization in (unodc, who):
        organization.save()
    asked = [factories.initiative("1101", lead=unodc, contacts=[relay]), factories.initiative("1102", lead=who)]
    assert [[contact.name for contact in entry.contacts_to_ask()] for entry in asked] == [["Default"], []]


@pytest.mark.parametrize("address", ["a%relay@host.example", "a!b@host.example", '"quoted"@host.example', "a@[192.0.2.1]"])
def test_address_of_a_contact_is_one_that_mail_can_be_written_to(address):
    person = factories.contact(factories.organization())
    person.full_clean()
    person.email = address
    with pytest.raises(ValidationError) as refused:
        person.full_clean()
    assert "Enter an e-mail address such as name@ministry.example" in str(refused.value.message_dict["email"])


def test_default_contact_belongs_to_the_organization():
    unodc, who = factories.organization("unodc"), factories.organization("who")
    unodc.default_contact = factories.contact(who)
    with pytest.raises(ValidationError) as refused:
        unodc.full_clean()
    assert refused.value.message_dict == {
        "default_contact": ["This person works for WHO. Choose a contact of this organization, or none."]
    }
    unodc.default_contact = factories.contact(unodc)
    unodc.full_clean()


def test_default_contact_does_not_leave_the_organization():
    unodc, who = factories.organization("unodc"), factories.organization("who")
    person = unodc.default_contact = factories.contact(unodc)
    unodc.save()
    person.full_clean()
    person.organization = who
    with pytest.raises(ValidationError) as refused:
        person.full_clean()
    assert refused.value.message_dict == {
        "organization": ["This person is the default contact of UNODC. Choose another one there first, then change this."]
    }
    factories.contact(who, "Somebody Else").full_clean()


@pytest.mark.parametrize("number", ["1", "a.b", "1.1/", "１.1"])
def test_number_of_a_group_fits_into_its_address(number):
    group = factories.sub_working_group()
    group.number = number
    with pytest.raises(ValidationError, match="A number has two parts"):
        group.full_clean()


def test_names_of_an_organization_leave_out_what_is_empty():
    assert factories.organization(name="Board", acronym="", aliases=["OICS"]).names() == ["Board", "OICS"]


def test_terms_in_use_have_a_published_entry():
    used, unused = factories.term("topic", "nps"), factories.term("topic", "opioids")
    factories.initiative("1101", terms=[used])
    factories.initiative("1102", terms=[used, unused], state="draft")
    assert [(term.slug, term.entries) for term in Term.objects.in_use()] == [("nps", 1)]
