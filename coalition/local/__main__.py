"""`make run`: database, web, worker and beat in one command (design §8). Ctrl-C stops them all."""

import errno
import http.client
import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import Any

from coalition.local import CannotRunError, postgres, processes
from coalition.local import place as places
from coalition.local.place import BASE_DIR, Place
from coalition.local.processes import Child

TICK = 0.2


def main() -> int:
    stop_by_exception()
    try:
        place = places.from_environment(os.environ)
        places.make_folders(place)
        places.check_room(place)
        with places.only_one(place):
            run(place)
    except CannotRunError as error:
        return complain(str(error))
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    except OSError as error:
        return complain(sentence(error))
    return 0


def stop_by_exception() -> None:
    """Ctrl-C and TERM, also where a shell started us in the background and had SIGINT ignored; nohup keeps its meaning."""
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if how != signal.SIGHUP or signal.getsignal(how) != signal.SIG_IGN:
            signal.signal(how, signal.default_int_handler)


def complain(text: str) -> int:
    print(text, file=sys.stderr, flush=True)
    return 1


def sentence(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk is full. Make room, or choose another DATA_DIR, and start again."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"No permission for {error.filename}. Start as the user whose folder it is, or choose another DATA_DIR."
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return f"{error.filename} must be a folder, but a file stands there. Move it away, or choose another DATA_DIR."
    return f"{error.strerror}: {error.filename}" if error.filename else str(error)


def run(place: Place) -> None:
    left = partial(processes.carrying_mark, place.data_dir)
    processes.end_all(left, how=signal.SIGTERM, within=5.0)
    places.check_port(place)
    children: list[Child] = []
    try:
        environment = start_database(place, children)
        prepare(place, environment)
        children += python_children(place, environment)
        supervise(place, children)
    finally:
        # One Ctrl-C is enough: another must not cut the orderly end short.
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(how, signal.SIG_IGN)
        for child in reversed(children):
            child.stop()
        processes.end_all(left, how=signal.SIGKILL, within=1.0)


# -- What runs -----------------------------------------------------------------------------------------------------------------


def start_database(place: Place, children: list[Child]) -> dict[str, str]:
    """Start the cluster unless DATABASE_URL names a server; the environment for everything that needs the database."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        cluster = postgres.prepare(place.data_dir)
        log = place.logs / "database.log"
        spawn = partial(cluster.spawn, log)
        database = Child("database", spawn, 2.0, postgres.STOP_SIGNAL, before=cluster.end_leftovers, is_ready=cluster.is_ready)
        children.append(database)
        cluster.wait_until_ready(database.start(), log)
        url = cluster.url
    places.write_private(place.data_dir / "database-url", url)
    return os.environ | {
        "DEMONSTRATION": "on",
        "DATABASE_URL": url,
        "DATA_DIR": str(place.data_dir),
        "SITE_URL": os.environ.get("SITE_URL") or place.address,
        "SECRET_KEY": os.environ.get("SECRET_KEY") or places.secret_key(place),
        "PYTHONUNBUFFERED": "1",
        processes.MARK: str(place.data_dir),
    }


def prepare(place: Place, environment: dict[str, str]) -> None:
    log = place.logs / "prepare.log"
    log.unlink(missing_ok=True)
    with places.open_log(log) as errors:
        done = subprocess.run(
            [sys.executable, "-m", "coalition.local.prepare"], stderr=errors, check=False, **options(environment)
        )
    if done.returncode != 0:
        places.check_room(place)  # a database without room only breaks the connection
        raise CannotRunError(f"The site could not be prepared: {postgres.last_words(log.read_text())} (see {log})")


def python_children(place: Place, environment: dict[str, str]) -> list[Child]:
    gunicorn = ["gunicorn", "coalition.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    gunicorn += ["--no-control-socket", "--graceful-timeout", "2", "--bind", f"127.0.0.1:{place.port}"]
    celery = ["celery", "-A", "coalition"]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "2"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    fresh = partial(forget_ticks, place)
    # Celery moves a message into the temporary folder to take it; in the shared one another user's file would stop it.
    taking = environment | {"TMPDIR": str(place.broker_folders[-1])}
    # Together with the database at most ten seconds to stop; the worker answers a signal only every two.
    return [
        Child("beat", partial(spawn, place, environment, "beat", [*celery, "beat"]), stop_within=1.0, before=fresh),
        Child("worker", partial(spawn, place, taking, "worker", worker), stop_within=4.0, before=fresh),
        Child("web", partial(spawn, place, environment, "web", gunicorn), stop_within=3.0),
    ]


def forget_ticks(place: Place) -> None:
    """Before a worker or beat starts: what a full disk or a kill left half written would stop each of them again and again.

    A tick that is lost is worth nothing; the next one comes in two seconds.
    """
    places.make_folders(place)
    ticks = [path for folder in place.broker_folders for path in folder.glob("*.msg")]
    for path in [*ticks, *place.data_dir.glob("beat-schedule*")]:
        path.unlink(missing_ok=True)


def spawn(place: Place, environment: dict[str, str], name: str, command: list[str]) -> "subprocess.Popen[bytes]":
    with places.open_log(place.logs / f"{name}.log") as log:
        return subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=subprocess.STDOUT, **options(environment))


def options(environment: dict[str, str]) -> dict[str, Any]:
    return {"cwd": BASE_DIR, "env": environment, "stdin": subprocess.DEVNULL, "start_new_session": True}


# -- While it runs -------------------------------------------------------------------------------------------------------------


def supervise(place: Place, children: list[Child]) -> None:
    announced = False
    while True:
        for child in children:
            child.tend()
            if not child.is_ready():
                break  # the database comes first; the others find it again by themselves
        places.make_folders(place)
        for log in place.logs.glob("*.log"):
            processes.bound_log(log)
        if not announced and answers(place):
            announced = True
            announce(place)
        time.sleep(TICK)


def answers(place: Place) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status != http.HTTPStatus.SERVICE_UNAVAILABLE
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(place: Place) -> None:
    print(f"The portal:   {place.address}/")
    print(f"Mail:         {place.data_dir / 'mail'}  (nothing is sent to anybody)")
    print(f"Logs:         {place.logs}")
    print("Stop:         Ctrl-C", flush=True)


if __name__ == "__main__":
    sys.exit(main())
