import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command

SOURCES = Path("fixtures/sources")
CATALOGUE_PAGE = SOURCES / "initiatives-page.txt"
SECOND_EDITION = Path("tests/data/initiatives-page-second-edition.txt")
INITIATIVE_PAGE = SOURCES / "initiative-3224-page.txt"

# A whole page in small: the second heading's number, a bullet list, a number used twice.
SMALL_PAGE = """\
Initiatives
This page introduces itself.
Sub-Working Group 1.1 - Manufacturing
1101: First title
UNODC does this.
It offers:
- one thing
- another thing
And more.
1103: Second title
WHO does that.
Sub-Working Group 2.2 - Sharing
2206: 2206A: Third title
The text of INCB.
2206: Fourth title
Another text of INCB.
-
United Nations Office on Drugs and Crime (UNODC) -
Africa Union -
World Health Organization
"""


@dataclass
class Outcome:
    code: int
    lines: list[str]
    errors: list[str]

    @property
    def last(self) -> str:
        return self.lines[-1]

    def odd(self) -> list[str]:
        return [line.removeprefix("odd: ") for line in self.lines if line.startswith("odd: ")]


@pytest.fixture
def run(db, tmp_path):
    """Runs an import command on a path or on a text."""

    def run(command, source, **options):
        if not isinstance(source, Path):
            path = tmp_path / "page.txt"
            path.write_bytes(source if isinstance(source, bytes) else source.encode())
            source = path
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command(command, str(source), stdout=out, stderr=err, **options)
        except SystemExit as exit_:
            code = exit_.code
        return Outcome(code, out.getvalue().splitlines(), err.getvalue().splitlines())

    return run


@pytest.fixture
def snapshot(db):
    """All rows of the catalogue as they stand, dates of change among them."""
    return lambda: [
        serializers.serialize("json", model.objects.order_by("pk")) for model in apps.get_app_config("initiatives").get_models()
    ]
