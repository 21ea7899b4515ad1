"""DATA_DIR and PORT, and the sentences for what is wrong with them."""

import errno
import os
import shutil
import socket
import stat
from types import SimpleNamespace

import pytest

from coalition.local import CannotRunError, __main__, place
from coalition.local.place import Place


def test_defaults_are_var_and_port_8000():
    assert place.from_environment({"PORT": "", "DATA_DIR": ""}) == Place(place.BASE_DIR / "var", 8000)


def test_a_relative_data_dir_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place.from_environment({"DATA_DIR": "here", "PORT": "81"}) == Place(tmp_path / "here", 81)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80 80"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(CannotRunError, match=r"write a number from 1 to 65535\.$"):
        place.from_environment({"PORT": port})


def test_a_port_on_which_another_program_listens_is_refused(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = Place(tmp_path, other.getsockname()[1])
        with pytest.raises(CannotRunError, match=f"^Port {taken.port} is taken by another program"):
            place.check_port(taken)
    place.check_port(taken)


def test_a_nearly_full_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=12_000_000))
    with pytest.raises(CannotRunError, match=r"^The disk is full: 12 MB are free at "):
        place.check_room(Place(tmp_path, 8000))


def test_a_private_file_is_made_once_for_its_owner_alone(tmp_path):
    texts = iter(["first", "second"])
    for _ in range(2):
        assert place.private_file(tmp_path / "secret", lambda: next(texts)) == "first"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full. Make room, or choose another DATA_DIR, and start again."),
        (errno.EACCES, "No permission for /x. Start as the user whose folder it is, or choose another DATA_DIR."),
        (errno.EIO, "Input/output error: /x"),
    ],
)
def test_an_error_of_the_machine_is_a_sentence(number, sentence):
    assert __main__.sentence(OSError(number, os.strerror(number), "/x")) == sentence


def test_logs_are_for_their_owner_only(tmp_path):
    here = Place(tmp_path, 8000)
    here.logs.mkdir(mode=0o755)

    place.make_folders(here)
    for words in (b"first\n", b"second\n"):
        with place.open_log(here.logs / "web.log") as log:
            log.write(words)

    assert stat.S_IMODE(here.logs.stat().st_mode) == 0o700
    assert stat.S_IMODE((here.logs / "web.log").stat().st_mode) == 0o600
    assert (here.logs / "web.log").read_text() == "first\nsecond\n"
