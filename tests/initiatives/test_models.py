import pytest
from django.db import IntegrityError, transaction

from initiatives.models import Initiative, InitiativeOrganization, Term
from tests import factories

pytestmark = pytest.mark.django_db


def test_related_names_the_same_text_first_then_shared_topics():
    training, police = factories.term("support", "training"), factories.term("audience", "law-enforcement")
    precursors, nps = factories.term("topic", "precursors"), factories.term("topic", "nps")
    entry = factories.initiative("1101", summary="Same.", terms=[training, police, precursors])
    factories.initiative("1201", summary="Same.")
    factories.initiative("1202", terms=[training, police, precursors])
    factories.initiative("1203", terms=[training, police, nps])
    factories.initiative("1204", terms=[training, police, precursors], state=Initiative.State.DRAFT)
    assert [other.code for other in entry.related()] == ["1201", "1202"]


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
        ({"scope": "not_stated"}, None, False),
    ],
)
def test_open_to_a_country(values, region, is_open):
    terms = [factories.term("region", "somewhere", countries=region)] if region else []
    factories.initiative(terms=terms, **values)
    assert Initiative.objects.open_to("KZ").exists() == is_open
