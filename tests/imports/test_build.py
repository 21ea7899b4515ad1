import io

import pytest
from django.core.management import CommandError, call_command

from initiatives.imports import build
from initiatives.models import Initiative, Organization, PointOfContact, Term
from tests import factories


def test_committed_catalogue_is_what_the_sources_give(db, tmp_path):
    call_command("build_fixtures", output=tmp_path / "catalogue.json", stdout=io.StringIO())
    built = (tmp_path / "catalogue.json").read_text(encoding="utf-8")
    assert built == build.CATALOGUE.read_text(encoding="utf-8"), "fixtures/catalogue.json is old: make fixtures"
    assert [model.objects.count() for model in [Initiative, Organization, Term, PointOfContact]] == [0, 0, 0, 0]


def test_build_refuses_a_database_with_a_catalogue(db, tmp_path):
    factories.initiative("1103")
    with pytest.raises(CommandError, match="This database has a catalogue"):
        call_command("build_fixtures", output=tmp_path / "catalogue.json")
    assert not (tmp_path / "catalogue.json").exists()


def test_build_shows_the_lines_of_a_mistake_and_writes_nothing(db, tmp_path, monkeypatch):
    page = tmp_path / "page.txt"
    page.write_text("Nothing.", encoding="utf-8")
    monkeypatch.setattr(build, "CATALOGUE_PAGE", page)
    with pytest.raises(CommandError, match=rf"^Nothing was written, because of {page}\nline 1: No list"):
        call_command("build_fixtures", output=tmp_path / "catalogue.json")
    assert not (tmp_path / "catalogue.json").exists()


def test_demonstration_without_catalogue_says_what_to_load(db):
    with pytest.raises(CommandError, match=r"manage\.py load_catalogue"):
        call_command("load_demonstration")
