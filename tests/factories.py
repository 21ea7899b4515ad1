"""Rows for tests: every function makes one with sensible values; name only what the test is about."""

from typing import Any

from initiatives.models import (
    Initiative,
    InitiativeContact,
    InitiativeOrganization,
    Organization,
    PointOfContact,
    SubWorkingGroup,
    Synonym,
    Term,
    WorkingGroup,
)
from trainings.models import Training


def sub_working_group(number: str = "1.1", **values: Any) -> SubWorkingGroup:
    working_group, _ = WorkingGroup.objects.get_or_create(number=int(number[0]), defaults={"title": f"Group {number[0]}"})
    return SubWorkingGroup.objects.get_or_create(
        number=number, defaults={"working_group": working_group, "title": f"Sub-group {number}"} | values
    )[0]


def organization(slug: str = "unodc", **values: Any) -> Organization:
    return Organization.objects.get_or_create(slug=slug, defaults={"name": f"Name of {slug}", "acronym": slug.upper()} | values)[
        0
    ]


def contact(organization: Organization, name: str = "Ana Contact", **values: Any) -> PointOfContact:
    address = name.lower().replace(" ", ".") + f"@{organization.slug}.example.org"
    return PointOfContact.objects.create(**{"organization": organization, "name": name, "email": address} | values)


def term(facet: str, slug: str, **values: Any) -> Term:
    return Term.objects.get_or_create(facet=facet, slug=slug, defaults={"name": slug.replace("-", " ").capitalize()} | values)[0]


def synonym(word: str, *finds: str, **values: Any) -> Synonym:
    return Synonym.objects.create(**{"word": word, "finds": list(finds)} | values)


def initiative(
    code: str = "1103",
    *,
    lead: Organization | None = None,
    partner: Organization | None = None,
    mentioned: Organization | None = None,
    contacts: list[PointOfContact] | None = None,
    terms: list[Term] | None = None,
    **values: Any,
) -> Initiative:
    """A published entry in the sub-working group that its code names."""
    made = Initiative.objects.create(
        **{
            "code": code,
            "title": f"Title of {code}",
            "summary": f"Summary of {code}",
            "sub_working_group": sub_working_group(f"{code[0]}.{code[1]}"),
            "state": Initiative.State.PUBLISHED,
        }
        | values
    )
    for role, linked in [("lead", lead), ("partner", partner), ("mentioned", mentioned)]:
        if linked:
            InitiativeOrganization.objects.create(initiative=made, organization=linked, role=role)
    for position, person in enumerate(contacts or []):
        InitiativeContact.objects.create(initiative=made, contact=person, position=position)
    if terms:
        made.terms.add(*terms)
    return made


def training(slug: str = "tehran-2025", **values: Any) -> Training:
    return Training.objects.create(
        **{
            "slug": slug,
            "title": f"Training {slug}",
            "kind": Training.Kind.WORKSHOP,
            "mode": Training.Mode.ON_SITE,
            "state": Training.State.PUBLISHED,
        }
        | values
    )
