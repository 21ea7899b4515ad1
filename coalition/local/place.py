"""Where one instance of the portal runs: its DATA_DIR and its port, and the files that make them its own."""

import errno
import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from coalition.local import CannotRunError

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LEAST_FREE = 200_000_000
LAST_PORT = 65535


@dataclass(frozen=True)
class Place:
    data_dir: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def broker_folders(self) -> list[Path]:
        """As in settings.CELERY_BROKER_TRANSPORT_OPTIONS, and one for the message at hand. A worker that finds them gone ends."""
        return [self.data_dir / "broker", self.data_dir / "broker-control", self.data_dir / "broker-taken"]


def from_environment(environment: Mapping[str, str]) -> Place:
    port = environment.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        raise CannotRunError(f"PORT is {port!r}; write a number from 1 to {LAST_PORT}.")
    data_dir = Path(environment.get("DATA_DIR") or BASE_DIR / "var").expanduser().resolve()
    return Place(data_dir, int(port))


def make_folders(place: Place) -> None:
    for folder in place.broker_folders:
        if folder.is_file():
            folder.unlink()  # whatever it is, nothing of worth is ever kept there
    for folder in (place.data_dir, place.logs, *place.broker_folders):
        folder.mkdir(parents=True, exist_ok=True)
    place.logs.chmod(0o700)  # they name people's addresses


def open_log(log: Path) -> BinaryIO:
    """To append to. What comes out of a process is for its owner only."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def check_room(place: Place) -> None:
    free = shutil.disk_usage(place.data_dir).free
    if free < LEAST_FREE:
        raise CannotRunError(
            f"The disk is full: {free // 1_000_000} MB are free at {place.data_dir} and {LEAST_FREE // 1_000_000} MB are needed. "
            "Make room or choose another DATA_DIR."
        )


@contextmanager
def only_one(place: Place) -> Iterator[None]:
    """The lock ends with the process, however it ends."""
    with (place.data_dir / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRunError(
                f"The portal runs already with DATA_DIR={place.data_dir}. Stop it with Ctrl-C, or choose another DATA_DIR."
            ) from None
        yield


def check_port(place: Place) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", place.port))
            probe.listen()
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            why = "is taken by another program" if error.errno == errno.EADDRINUSE else "is only for root"
            raise CannotRunError(f"Port {place.port} {why}. Choose another one: PORT=8001 make run") from None


def private_file(path: Path, make: Callable[[], str]) -> str:
    """The text of a file that only its owner may read, made the first time."""
    if not path.exists():
        write_private(path, make())
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
    unfinished.replace(path)


def secret_key(place: Place) -> str:
    return private_file(place.data_dir / "secret-key", lambda: secrets.token_urlsafe(50))
