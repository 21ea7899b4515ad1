"""How long searches and overviews take with the 118 entries and with 100,000. Figures to read: `make bench`.

Needs an empty database that may be filled. A row of the 100,000 is a copy of an entry under another code. Times are of one
request in one process, after a first one that is not counted (templates are compiled, the database has its tables in memory);
the page of a search is asked anew each time. Processor time is that of Python and of PostgreSQL together, so PostgreSQL is told
to work in one process; wall time depends on what else the machine does.
"""

import os
import statistics
import sys
import time
from dataclasses import dataclass
from functools import reduce
from http import HTTPStatus
from operator import and_, or_
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coalition.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.test import Client  # noqa: E402

from initiatives.models import Initiative  # noqa: E402

ENTRIES = 100_000
ROUNDS = 5
SEARCHES: list[dict[str, str]] = [
    {},
    {"search": "naloxone"},
    {"search": "nalaxone"},
    {"search": "1107"},
    {"search": "sniffer dogs"},
    {"search": "quixotic zebra"},
    {"search": "how can I get naloxone for police"},
    {"search": "forensic laboratory training"},
    {"search": "précurseurs"},
    {"search": "precursor"},
    {"search": "training"},
    {"search": "naloxone", "support": "training"},
    {"search": "precursor", "audience": "customs", "topic": "precursors"},
    {"search": "precursor", "country": "KZ"},
    {"search": "training", "support": "training"},
    {"search": "training", "ordering": "title"},
    {"country": "KZ"},
]
PAGES = [
    "/",
    "/initiatives/1103/",
    "/sub-working-groups/1.1/",
    "/countries/",
    "/countries/kz/",
    "/organizations/",
    "/organizations/unodc/",
    "/coverage/",
]
EXPORT = "/initiatives/export.csv?search=precursor"
PLAINLY = ["naloxone", "precursor", "forensic laboratory training"]
API, PAGE = "/api/v1/initiatives/", "/initiatives/"
COPY = f"""
    CREATE TEMPORARY TABLE copies AS
    SELECT o.id AS old, nextval(pg_get_serial_sequence('initiatives_initiative', 'id')) AS new, c.code
    FROM (
        SELECT code, row_number() OVER () AS number FROM (
            SELECT lpad(n::text, 4, '0') || chr(65 + l) AS code FROM generate_series(0, 9999) AS n, generate_series(0, 25) AS l
        ) AS codes WHERE code NOT IN (SELECT code FROM initiatives_initiative) LIMIT {ENTRIES}
    ) AS c
    JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS number FROM initiatives_initiative) AS o
    ON o.number = c.number % (SELECT count(*) FROM initiatives_initiative);
"""
# By table: what leads to the entry, and what is new in the copy; None is filled by the database.
TABLES: dict[str, tuple[str, dict[str, str | None]]] = {
    "initiatives_initiative": ("id", {"id": "new", "code": "c.code"}),
    "initiatives_initiative_terms": ("initiative_id", {"initiative_id": "new", "id": None}),
    "initiatives_initiativeorganization": ("initiative_id", {"initiative_id": "new", "id": None}),
    "initiatives_searchdocument": ("initiative_id", {"initiative_id": "new", "code": "c.code", "vector": None}),
}
TEXTS = ["title", "summary", *Initiative.SECTIONS, "organizations__name", "terms__name"]


@dataclass(frozen=True)
class Time:
    """Of one address, in ms: the first request, and of the others the median of processor and wall time and the worst."""

    first: float
    processor: float
    wall: float
    worst: float

    def __str__(self) -> str:
        return f"{self.processor:5.0f} {self.wall:5.0f} {self.worst:5.0f} {self.first:5.0f}"


HEAD = f"{'CPU':>5} {'wall':>5} {'worst':>5} {'first':>5}"


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COPY)
        for table, (link, changed) in TABLES.items():
            names = [name for name in columns(table) if changed.get(name, "") is not None]
            values = ", ".join(changed.get(name) or f"t.{name}" for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} AS t JOIN copies AS c ON c.old = t.{link}"
            )
        cursor.execute("VACUUM ANALYZE")


def processor() -> float:
    """Seconds that this process and its PostgreSQL process have worked. Of a server elsewhere nothing is known."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    database = int(schedule.read_text().split()[0]) / 1e9 if schedule.exists() else 0.0
    return time.process_time() + database


def measure(address: str, rounds: int = ROUNDS) -> Time:
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")
    walls, processors = [], []
    for _ in range(rounds + 1):
        begun, worked = time.perf_counter(), processor()
        response = client.get(address)
        response.getvalue()
        walls.append(1000 * (time.perf_counter() - begun))
        processors.append(1000 * (processor() - worked))
        assert response.status_code == HTTPStatus.OK, address
    return Time(walls[0], statistics.median(processors[1:] or processors), statistics.median(walls[1:] or walls), max(walls))


def measure_all() -> dict[str, Time]:
    queries = ["?" + urlencode(search) for search in SEARCHES]
    return {address: measure(address) for address in [*(base + query for query in queries for base in (API, PAGE)), *PAGES]}


def hits() -> list[int]:
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")
    return [client.get(API, search).json()["count"] for search in SEARCHES]


def plainly(text: str) -> float:
    """Milliseconds of what a REST framework's own search does: every word somewhere in the texts, no ranks, no other forms."""
    words = [reduce(or_, (Q(**{f"{name}__icontains": word}) for name in TEXTS)) for word in text.split()]
    found = Initiative.objects.published().filter(reduce(and_, words)).distinct().order_by("code")
    begun = time.perf_counter()
    found.count()
    list(found.with_lists()[:20])
    return 1000 * (time.perf_counter() - begun)


def main() -> None:
    out = sys.stdout
    call_command("load_catalogue", verbosity=0)
    few = measure_all()
    fill()
    many = measure_all()
    out.write(f"{f'ms; medians of {ROUNDS} after a first request':50} {'118 entries':^23} {f'{ENTRIES} entries':^23}\n")
    out.write(f"{'':50} {HEAD} {HEAD} ratio of CPU\n")
    for address, time_ in many.items():
        out.write(f"{address:50} {few[address]} {time_} {time_.processor / max(few[address].processor, 0.1):5.1f}\n")
    for search, count in zip(SEARCHES, hits(), strict=True):
        out.write(f"{urlencode(search) or 'everything':60} {count:7} hits\n")
    out.write(f"{EXPORT}: {measure(EXPORT, rounds=0).wall / 1000:.1f} s\n")
    for text in PLAINLY:
        out.write(f"ILIKE for {text}: {plainly(text):.0f} ms\n")


if __name__ == "__main__":
    main()
