"""What `make run` says on a machine that lacks something, and the check of the locked requirements."""

import os
import shutil
import subprocess

import pytest

from coalition.local import locked
from coalition.local.place import BASE_DIR

SCRIPT = BASE_DIR / "coalition" / "local" / "venv.sh"


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the script needs, so that no test touches the real virtual environment."""
    (tmp_path / "coalition" / "local").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "coalition" / "local")
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def fake_python(folder, body):
    python = folder / "python"
    python.write_text(f'#!/bin/sh\n{body}\nexec python3 "$@"\n')
    python.chmod(0o755)
    return python


def run(checkout, python):
    command = [checkout / "coalition" / "local" / "venv.sh", "requirements.txt"]
    done = subprocess.run(command, env=os.environ | {"PYTHON": str(python)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_missing_python_is_named(checkout):
    sentence = "python9 was not found. Install Python 3.11 or newer (Debian: apt install python3 python3-venv).\n"
    assert run(checkout, "python9") == (1, sentence)


def test_an_old_python_is_refused(checkout):
    python = fake_python(checkout, 'case "$*" in --version) echo Python 3.9.2; exit 0;; *version_info*) exit 1;; esac')
    sentence = "Python 3.9.2 is too old: Python 3.11 or newer is needed. Name another one: make run PYTHON=python3.13\n"
    assert run(checkout, python) == (1, sentence)


def test_a_missing_venv_module_is_named(checkout):
    python = fake_python(checkout, 'case "$*" in *ensurepip*) exit 1;; esac')
    sentence = "Python's venv module is missing. Install it (Debian: apt install python3-venv).\n"
    assert run(checkout, python) == (1, sentence)


def test_a_full_disk_is_named_before_anything_is_installed(checkout, monkeypatch):
    df = checkout / "df"
    df.write_text("#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted\necho /dev/x 9 9 1000 99% /\n")
    df.chmod(0o755)
    monkeypatch.setenv("PATH", f"{checkout}:{os.environ['PATH']}")
    sentence = f"The disk is full: the libraries need 800 MB in {checkout}/var. Make room and start again.\n"
    assert run(checkout, "python3") == (1, sentence)


def test_requirements_are_installed_once_and_again_after_a_change(checkout):
    log = checkout / "log"
    make_venv = 'mkdir -p var/venv/bin && cp "$0" var/venv/bin/python && exit 0'
    install = f'echo "$*" >>{log} && exit 0'
    python = fake_python(checkout, f'case "$*" in "-m venv"*) {make_venv};; "-m pip"*) {install};; esac')
    for text in ("", "", "# changed\n", "# changed\n"):
        (checkout / "requirements.txt").write_text(text)
        assert run(checkout, python) == (0, "")
    installed = log.read_text().splitlines()
    assert len(installed) == 2
    assert all("--require-hashes -r requirements.txt" in line for line in installed)


def test_requirements_of_other_dependencies_are_stale(tmp_path, monkeypatch):
    project = (BASE_DIR / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(project)
    for name in locked.FILES:
        (tmp_path / name).write_text("django==5.2.19\n")
    monkeypatch.setattr(locked, "BASE_DIR", tmp_path)
    assert locked.stale() == locked.FILES
    for _ in range(2):
        locked.stamp()
        assert locked.stale() == []
    assert (tmp_path / "requirements.txt").read_text().splitlines()[1:] == ["django==5.2.19"]
    (tmp_path / "pyproject.toml").write_text(project.replace("celery>=5.6", "celery>=5.7"))
    assert locked.stale() == locked.FILES
