"""The list of personal columns: it is complete, and docs/privacy.md shows it."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import models

from interest import privacy

DOCS = Path(settings.BASE_DIR, "docs", "privacy.md")


def unclassified():
    return set(privacy.columns()) - set(privacy.personal()) - privacy.not_personal()


def test_every_column_is_either_personal_or_not():
    assert unclassified() == set()
    assert set(privacy.personal()) | privacy.not_personal() == set(privacy.columns())
    assert set(privacy.personal()) & privacy.not_personal() == set()


def test_list_knows_every_app_that_keeps_people():
    assert {name.split(".")[0] for name in privacy.personal()} == {
        "admin",
        "auth",
        "initiatives",
        "interest",
        "mail",
        "sessions",
        "trainings",
    }


def test_new_column_and_new_table_are_unclassified(monkeypatch):
    known, before = privacy.columns(), unclassified()
    added = {"interest.Referral.user_agent": models.TextField(), "interest.Visit.network": models.TextField()}
    monkeypatch.setattr(privacy, "columns", lambda: known | added)

    assert unclassified() - before == set(added)


def test_every_address_is_personal():
    kinds = models.EmailField | models.GenericIPAddressField
    addresses = {name for name, field in privacy.columns().items() if isinstance(field, kinds)}
    assert addresses
    assert addresses - set(privacy.personal()) == set()


def test_docs_show_the_list_as_it_is(capsys):
    call_command("forget", "--list")
    assert capsys.readouterr().out.strip() in DOCS.read_text()


def test_docs_name_every_period_with_its_default():
    periods = {"KEEP_UNVERIFIED_DAYS", *(life.setting for life in privacy.Life if life.setting)}
    said = dict(re.findall(r"^\| `(KEEP_\w+)` \|[^|]*\| (\d+) \|", DOCS.read_text(), re.MULTILINE))
    assert said == {name: str(getattr(settings, name)) for name in periods}
