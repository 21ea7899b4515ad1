"""Fictional contacts, so that a demonstration can be walked through to the last mail (design rule 10)."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from initiatives.imports.tables import FIXTURES
from initiatives.models import Initiative, InitiativeContact, Organization, PointOfContact

DEMONSTRATION = FIXTURES / "demo.json"


@transaction.atomic
def load_demonstration(*, path: Path = DEMONSTRATION) -> int:
    """Creates the contacts that are missing and returns how many. Changes none that exist, so it may run again."""
    organizations = {row.slug: row for row in Organization.objects.all()}
    rows = json.loads(path.read_text(encoding="utf-8"))
    return sum(_load(organizations[row.pop("organization")], row) for row in rows)


def _load(organization: Organization, row: dict[str, Any]) -> bool:
    is_default, codes = row.pop("is_default"), row.pop("initiatives")
    contact, created = PointOfContact.objects.get_or_create(
        organization=organization, email=row.pop("email"), defaults=row | {"is_demonstration": True}
    )
    if not created:
        return False
    if is_default and organization.default_contact is None:
        organization.default_contact = contact
        organization.save(update_fields=["default_contact"])
    for initiative in Initiative.objects.filter(code__in=codes):
        InitiativeContact.objects.create(initiative=initiative, contact=contact)
    return True
