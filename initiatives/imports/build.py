"""Builds `fixtures/catalogue.json` from the sources and the editors' tables, the same file every time."""

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet

from initiatives.imports.catalogue import import_catalogue
from initiatives.imports.catalogue_page import read_catalogue_page
from initiatives.imports.classification import import_classification
from initiatives.imports.initiative import import_initiative_page
from initiatives.imports.initiative_page import read_initiative_page
from initiatives.imports.source import RefusedError
from initiatives.imports.tables import CLASSIFICATION, FIXTURES
from initiatives.models import Initiative, InitiativeOrganization, Organization, SubWorkingGroup, Synonym, Term, WorkingGroup

CATALOGUE = FIXTURES / "catalogue.json"
SOURCES = FIXTURES / "sources"
CATALOGUE_PAGE = SOURCES / "initiatives-page.txt"
# The time that stands in the file for "created" and "updated": the sources give none, and today's would change with every build.
BUILT_AT = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


class NotEmptyError(Exception):
    """The database has a catalogue already, so what is built would mix the two."""


class SourceError(Exception):
    """One of the files has mistakes: its path, and under it their lines."""


def build_catalogue() -> str:
    """The JSON that `loaddata` reads. Needs an empty, migrated database and leaves it empty."""
    if Initiative.objects.exists() or Organization.objects.exists() or Term.objects.exists():
        raise NotEmptyError
    with transaction.atomic():
        _import_everything()
        rows = [row for queryset in _public_rows() for row in _serialize(queryset)]
        transaction.set_rollback(True)
    return json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1) + "\n"


def _import_everything() -> None:
    with _naming(CATALOGUE_PAGE):
        import_catalogue(page=read_catalogue_page(CATALOGUE_PAGE))
    for path in initiative_pages():
        with _naming(path):
            import_initiative_page(page=read_initiative_page(path))
    with _naming(CLASSIFICATION):
        import_classification(path=CLASSIFICATION)
    Initiative.objects.update(created_at=BUILT_AT, updated_at=BUILT_AT)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except RefusedError as refused:
        raise SourceError(f"{path}\n{refused}") from refused


def initiative_pages() -> list[Path]:
    return sorted(SOURCES.glob("initiative-*-page.txt"))


def _public_rows() -> Iterator[QuerySet]:
    """In the order in which they refer to each other. Contacts are left out: real addresses belong in no fixture."""
    yield WorkingGroup.objects.order_by("number")
    yield SubWorkingGroup.objects.order_by("number")
    yield Organization.objects.order_by("slug")
    yield Term.objects.order_by("facet", "position")
    yield Synonym.objects.order_by("language", "word")
    yield Initiative.objects.order_by("code")
    yield InitiativeOrganization.objects.select_related("initiative", "organization").order_by("initiative__code", "position")


def _serialize(queryset: QuerySet) -> list[dict[str, Any]]:
    return list(serializers.serialize("python", queryset, use_natural_foreign_keys=True, use_natural_primary_keys=True))
