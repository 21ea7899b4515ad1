import uuid

import pytest

from initiatives.models import Initiative, InitiativeContact, PointOfContact
from interest import actions
from interest.models import ExpressionOfInterest
from tests import factories

CANARIES = ["Canary Birdsong", "canary.birdsong@secret.example.org", "+99 555 0100"]


@pytest.fixture
def canary(catalogue) -> PointOfContact:
    """A contact whom everybody asks, so that a leak anywhere would show."""
    name, email, phone = CANARIES
    unodc = factories.organization("unodc")
    contact = factories.contact(unodc, name, email=email, phone=phone, title="Canary Officer", section="Canary Section")
    unodc.default_contact = contact
    unodc.save()
    InitiativeContact.objects.bulk_create(
        InitiativeContact(initiative=initiative, contact=contact) for initiative in Initiative.objects.all()
    )
    return contact


@pytest.fixture
def expression(canary) -> ExpressionOfInterest:
    registered_expression(codes=["1101"])
    return verified_expression(codes=["1101", "1103", "2206A"])


def registered_expression(*, codes: list[str]) -> ExpressionOfInterest:
    return actions.register(
        key=uuid.uuid4(),
        initiatives=Initiative.objects.published().filter(code__in=codes),
        name="Aigul Sample",
        job_title="Head of section",
        institution="Ministry of Health",
        country="KZ",
        email="aigul@focal.example.org",
        phone="",
        message="We would like to take part.",
        language="en",
    )


def verified_expression(*, codes: list[str]) -> ExpressionOfInterest:
    return actions.verify(expression=registered_expression(codes=codes))
