"""A PostgreSQL cluster in a folder, reached through a Unix socket only (design §8, docs/adr/0001).

cluster = prepare(data_dir)
process = cluster.spawn(log)
cluster.wait_until_ready(process, log)
...
cluster.stop(process)
"""

import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from coalition.local import CannotRunError, binaries, processes
from coalition.local.binaries import Account, as_account, make_folder, reachable
from coalition.local.place import open_log

NAME = "coalition"
# sun_path of unix(7) holds 107 bytes and a zero.
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 107
BUILTIN_LOCALES_SINCE = 17
STOP_SIGNAL = signal.SIGINT
READY_WITHIN = 120.0
COMPLAINT = re.compile(r"FATAL:|PANIC:|error:|^[\w.]+(Error|Exception)\b")
FOUND = (
    "An earlier run in this folder made it; it is used again, with its staff and their passwords. For a new password, while "
    "the portal runs: DEMONSTRATION=on DATA_DIR={data_dir} var/venv/bin/python manage.py changepassword editor. "
    "To begin anew, stop the portal and delete {home}."
)
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A cluster that exists on disk. `fast` forgets about power cuts, for tests."""

    data: Path
    socket: Path
    programs: Path
    account: Account | None
    fast: bool

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.socket), safe='/')}"

    @property
    def command(self) -> list[str]:
        settings = ["listen_addresses=", f"unix_socket_directories={self.socket}", *(FAST if self.fast else ())]
        return [str(self.programs / "postgres"), "-D", str(self.data), *(part for pair in settings for part in ("-c", pair))]

    @property
    def popen(self) -> dict[str, Any]:
        """How to start `command`: as whom, and where."""
        return {"cwd": "/", "start_new_session": True, "stdin": subprocess.DEVNULL} | as_account(self.account)

    def spawn(self, log: Path) -> subprocess.Popen[bytes]:
        with open_log(log) as output:
            return subprocess.Popen(self.command, stdout=output, stderr=subprocess.STDOUT, **self.popen)

    def is_ready(self) -> bool:
        """The eighth line of postmaster.pid, as pg_ctl reads it."""
        try:
            return (self.data / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
        except (FileNotFoundError, IndexError):
            return False

    def wait_until_ready(self, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self.is_ready():
            if process.poll() is not None:
                raise CannotRunError(f"The database stopped: {last_words(log.read_text(errors='replace'))} (see {log})")
            if time.monotonic() > deadline:
                raise CannotRunError(f"The database did not become ready in {READY_WITHIN:.0f} seconds; see {log}.")
            time.sleep(0.02)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Fast shutdown: sessions are cut, what was committed is on disk."""
        processes.stop(process, how=STOP_SIGNAL, within=5.0)

    def end_leftovers(self) -> None:
        """End what a supervisor that was killed left running here, so that a new postmaster may have the folder.

        A postmaster.pid whose number now belongs to some other process would stop PostgreSQL for ever; it is removed.
        """
        left = partial(processes.working_in, self.data)
        # Signals to the others would mean something else: SIGINT makes the checkpointer write its last record.
        processes.end_all(left, how=signal.SIGINT, only=self.postmaster() or 0, within=10.0)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def postmaster(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return None


def prepare(data_dir: Path, *, fast: bool = False) -> Cluster:
    """The cluster of this data folder, made if it is the first time. Nobody else may be using the folder."""
    data_dir = data_dir.resolve()
    account = unprivileged(data_dir)
    home = home_of(data_dir, account)
    account = owner(home / "data") or account
    server = binaries.find(account=account, major=major_of(home / "data"))
    cluster = Cluster(home / "data", socket_folder(home, account), server.programs, account, fast)
    if cluster.data.exists():
        cluster.end_leftovers()
    else:
        initialize(cluster, server.major)
    return cluster


# -- Whose it is, and where ----------------------------------------------------------------------------------------------------


def unprivileged(data_dir: Path) -> Account | None:
    """Root hands the cluster to a user without rights; everybody else runs it themselves."""
    if os.geteuid() != 0:
        return None
    if existing := owner(data_dir / "postgres" / "data"):
        return existing
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise CannotRunError("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`. Start as another user.")


def owner(folder: Path) -> Account | None:
    if os.geteuid() != 0 or not folder.exists() or folder.stat().st_uid == 0:
        return None
    return Account(folder.stat().st_uid, folder.stat().st_gid)


def home_of(data_dir: Path, account: Account | None) -> Path:
    """Normally DATA_DIR/postgres. Where the account cannot get there, a folder that it can: permissions stay as they are."""
    home = data_dir / "postgres"
    if not reachable(data_dir, account):
        home = binaries.ELSEWHERE / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        make_folder(binaries.ELSEWHERE)
        print(f"The database is in {home}: the user that PostgreSQL runs as may not enter {data_dir}.", flush=True)
        # Every start leaves this file, so without it this is a new clone or an emptied folder.
        if (home / "data").exists() and not (data_dir / "database-url").exists():
            print(FOUND.format(home=home, data_dir=data_dir), flush=True)
    make_folder(home)
    return home


def socket_folder(home: Path, account: Account | None) -> Path:
    """A folder for the socket that only its owner may enter. A deep or unusual path gets a short one in the temporary folder."""
    folder = home / "socket"
    # libpq and PostgreSQL both read a comma as the next folder, and PostgreSQL a quote as the beginning of a name.
    if len(os.fsencode(folder / SOCKET_NAME)) > LONGEST_SOCKET or set(str(folder)) & {",", '"'}:
        short = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"coalition-{os.geteuid()}-{short}"
    if len(os.fsencode(folder / SOCKET_NAME)) > LONGEST_SOCKET:
        raise CannotRunError(f"The path {folder} is too long for a socket. Set DATA_DIR or TMPDIR to a shorter one.")
    private_folder(folder, account)
    return folder


def private_folder(folder: Path, account: Account | None) -> None:
    """Made for the account alone. In the temporary folder somebody else may have been there before, so an old one is checked."""
    wanted = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted or found.st_mode & 0o077:
            raise CannotRunError(f"{folder} must be a folder that only its owner may enter. Remove it and start again.") from None
    else:
        hand_over(folder, account)


def hand_over(folder: Path, account: Account | None) -> None:
    if account:
        os.chown(folder, account.uid, account.gid)


# -- The cluster on disk -------------------------------------------------------------------------------------------------------


def major_of(data: Path) -> int | None:
    """The major version that made the cluster; None where there is no cluster yet."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def initialize(cluster: Cluster, major: int) -> None:
    """Make the cluster and its database beside their final place and move them there: half a cluster is never found."""
    unfinished = cluster.data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    hand_over(unfinished, cluster.account)
    provider = ["--locale-provider=builtin"] if major >= BUILTIN_LOCALES_SINCE else []
    initdb = ["initdb", "-D", unfinished, "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *provider]
    run(cluster, [*initdb, *(["--no-sync"] if cluster.fast else [])])
    run(cluster, ["postgres", "--single", "-D", unfinished, "postgres"], f"CREATE DATABASE {NAME};\n")
    unfinished.rename(cluster.data)


def run(cluster: Cluster, command: list[Any], text: str = "") -> None:
    program, *arguments = command
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    done = subprocess.run(
        [cluster.programs / program, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment,
        **as_account(cluster.account),
    )
    if done.returncode != 0:
        raise CannotRunError(f"The database could not be made: {last_words(done.stderr)}")


def last_words(output: str) -> str:
    """What PostgreSQL or Django complained about, in a sentence."""
    lines = [line.strip() for line in output.splitlines() if line.strip()][-100:]
    if any("No space left on device" in line for line in lines):
        return "the disk is full. Make room and start again."
    complaints = [line for line in lines if COMPLAINT.search(line)]
    return (complaints or lines or ["no reason was given."])[-1]
