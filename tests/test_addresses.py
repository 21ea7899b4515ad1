"""Every public address answers anything in the place of its parameters with “not found”, never with a fault."""

import uuid
from collections.abc import Iterator

import pytest
from django.urls import get_resolver, reverse

from interest.models import ExpressionOfInterest
from tests import factories
from tests.site import addresses


def with_parameters(hostile: str) -> Iterator[tuple[str, str]]:
    """Name and address of every public route that has a parameter, once for each with `hostile` in its place."""
    for name, pattern in addresses.names(get_resolver().url_patterns):
        if name.split(":")[0] in addresses.NOT_PUBLIC or not name:
            continue
        values = {key: addresses.argument(name, key) for key in pattern.pattern.regex.groupindex}
        for value in values.values():
            yield name, reverse(name, kwargs=values).replace(f"/{value}/", f"/{hostile}/")


@pytest.mark.parametrize("hostile", ["%00", "1103%00", "a" * 5000, "1" * 5000, "😀", "%E2%82", "..", "%0A"])
def test_nonsense_in_an_address_is_not_found(db, client, hostile):
    factories.initiative("1103", lead=factories.organization("unodc"))
    factories.training()
    ExpressionOfInterest.objects.create(
        reference="EOI-2026-AAAAAA", country="KZ", email="f@ministry.example", idempotency_key=uuid.uuid4()
    )
    client.raise_request_exception = False
    answers = [(name, client.get(address).status_code) for name, address in with_parameters(hostile)]
    assert len(answers) > 8
    assert [(name, status) for name, status in answers if status not in {400, 404}] == []
