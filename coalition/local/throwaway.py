"""Runs commands one after the other with an empty database that is gone afterwards, as for a demonstration.

python -m coalition.local.throwaway "manage.py migrate" "manage.py build_fixtures"
"""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coalition.local import CannotRunError, postgres


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        Path(name).chmod(0o711)  # where root starts it, PostgreSQL runs as another user
        yield Path(name)


@contextmanager
def database(place: Path) -> Iterator[str]:
    """The URL of a running, empty database in this folder."""
    cluster = postgres.prepare(place, fast=True)
    process = cluster.spawn(place / "postgres.log")
    try:
        cluster.wait_until_ready(process, place / "postgres.log")
        yield cluster.url
    finally:
        cluster.stop(process)


def main(commands: list[str]) -> int:
    with folder("coalition-throwaway-") as place, database(place) as url:
        environment = os.environ | {"DEMONSTRATION": "on", "DATABASE_URL": url, "DATA_DIR": str(place / "data")}
        for command in commands:
            code = subprocess.run([sys.executable, *shlex.split(command)], env=environment, check=False).returncode
            if code:
                return code
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRunError as error:
        sys.exit(str(error))
