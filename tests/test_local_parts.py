"""Parts of `make run` that a busy or broken machine reaches seldom, each called by itself."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection

from coalition.local import __main__ as local
from coalition.local import binaries, postgres, prepare, processes
from coalition.local import place as places
from coalition.local.binaries import Account
from coalition.local.place import Place


@pytest.fixture
def here(tmp_path):
    place = Place(tmp_path / "data", 8000)
    places.make_folders(place)
    return place


def test_a_log_that_vanishes_stops_nothing(tmp_path):
    processes.bound_log(tmp_path / "gone.log")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_file_in_place_of_a_broker_folder_gives_way(here, number):
    folder = here.broker_folders[number]
    folder.rmdir()
    folder.write_text("in the way")
    places.make_folders(here)
    assert folder.is_dir()


def test_a_file_in_place_of_another_folder_is_a_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "logs").write_text("somebody's notes")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(local, "stop_by_exception", lambda: None)
    assert local.main() == 1
    assert capsys.readouterr().err == (
        f"{tmp_path / 'logs'} must be a folder, but a file stands there. Move it away, or choose another DATA_DIR.\n"
    )
    assert (tmp_path / "logs").read_text() == "somebody's notes"


# -- Ticks ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def left_over(here):
    """What a kill in the middle of writing leaves."""
    names = ["beat-schedule", "beat-schedule.db", *(f"{folder.name}/half.msg" for folder in here.broker_folders)]
    for name in names:
        (here.data_dir / name).write_bytes(b"{")
    (here.data_dir / "secret-key").write_text("kept")
    return lambda: {str(path.relative_to(here.data_dir)) for path in here.data_dir.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["beat", "worker"])
def test_half_written_ticks_are_forgotten_before_each_start(here, left_over, monkeypatch, name):
    monkeypatch.setattr(local, "spawn", lambda *_: SimpleNamespace(poll=lambda: None))
    [child] = [child for child in local.python_children(here, {}) if child.name == name]
    assert len(left_over()) == 6
    child.start()
    assert left_over() == {"secret-key"}


# -- Preparing -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def collected(tmp_path, settings, monkeypatch):
    """How often the static files were collected."""
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    runs = []

    def collect(name, **_options):
        runs.append(name)
        (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")

    monkeypatch.setattr(prepare, "call_command", collect)
    return runs


def test_static_files_are_collected_once(collected):
    for _start in range(3):
        prepare.collect_static()
    assert collected == ["collectstatic"]


@pytest.mark.parametrize("name", ["static/staticfiles.json", "static-stamp"])
def test_static_files_are_collected_again_when_their_list_is_gone(collected, settings, name):
    prepare.collect_static()
    (settings.DATA_DIR / name).unlink()
    prepare.collect_static()
    assert collected == ["collectstatic", "collectstatic"]


def test_static_files_are_collected_again_when_a_source_changed(collected, monkeypatch):
    prepare.collect_static()
    monkeypatch.setattr(prepare, "fingerprint", lambda: "another")
    prepare.collect_static()
    assert collected == ["collectstatic", "collectstatic"]


@pytest.mark.django_db
def test_a_load_leaves_fresh_statistics():
    """Without them the planner takes the tables for empty."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE relname LIKE 'initiatives_initiative%'")
    call_command("load_catalogue", stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'initiatives_initiative'")
        assert cursor.fetchone() == (118,)


# -- A cluster that was there before -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("there", "says"), [("", False), ("cluster", True), ("cluster and address", False)])
def test_a_new_clone_that_finds_an_old_cluster_says_where_and_how_to_get_in(tmp_path, monkeypatch, capsys, there, says):
    monkeypatch.setattr(binaries, "ELSEWHERE", tmp_path / "elsewhere")
    monkeypatch.setattr(postgres, "reachable", lambda *_: False)
    data_dir = tmp_path / "clone"
    data_dir.mkdir()
    home = postgres.home_of(data_dir, Account(1, 1))
    capsys.readouterr()
    if there:
        (home / "data").mkdir()
    if there == "cluster and address":
        (data_dir / "database-url").write_text("postgresql://")
    postgres.home_of(data_dir, Account(1, 1))
    said = capsys.readouterr().out
    assert said.startswith(f"The database is in {home}: ")
    assert ("manage.py changepassword editor" in said, f"delete {home}." in said) == (says, says)
