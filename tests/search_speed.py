"""How long a search takes with the 118 entries and with 100,000, beside the plain way: ILIKE. Figures to read: `make bench`.

Needs an empty database that may be filled. A row of the 100,000 is a copy of an entry under another code.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import reduce
from operator import and_

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
ROUNDS = 7
QUERIES = [
    "naloxone",
    "wastewater",
    "precursor",
    "fentanyl",
    "sniffer dogs",
    "forensic laboratory training",
    "NPS",
    "training",
    "précurseurs",
    "precurser",
    "forensci",
    "customs training Pacific wastewater",
    "how can I get naloxone for police",
    "quixotic zebra",
    "1107",
]
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
    "initiatives_searchdocument": ("initiative_id", {"initiative_id": "new", "vector": None, "heading": None}),
}
TEXTS = ["title", "summary", *Initiative.SECTIONS, "organizations__name", "terms__name"]


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


def milliseconds(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


def plainly(text: str) -> None:
    """What a REST framework's own search does: every word somewhere in the texts, no ranks, no other forms."""
    words = [
        reduce(lambda one, other: one | other, (Q(**{f"{name}__icontains": word}) for name in TEXTS)) for word in text.split()
    ]
    found = Initiative.objects.published().filter(reduce(and_, words)).distinct().order_by("code")
    found.count()
    list(found.with_lists()[:20])


def measure(text: str) -> list[float]:
    """Hits, milliseconds of the API, of the page, and of the plain way."""
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")
    hits = client.get(API, {"search": text}).json()["count"]
    return [
        hits,
        milliseconds(lambda: client.get(API, {"search": text})),
        milliseconds(lambda: client.get(PAGE, {"search": text})),
        milliseconds(lambda: plainly(text), rounds=1),
    ]


def main() -> None:
    if not Initiative.objects.exists():
        call_command("load_catalogue", verbosity=0)
    few = {text: measure(text) for text in QUERIES} if Initiative.objects.count() < ENTRIES else {}
    if few:
        fill()
    many = {text: measure(text) for text in QUERIES}
    out = sys.stdout
    out.write(f"{'':38}   118 entries                   {ENTRIES} entries\n")
    heads = f"{'hits':>7} {'API':>5} {'page':>5} {'ILIKE':>6}"
    out.write(f"{'ms, median of ' + str(ROUNDS):38} {heads} {heads} {'ILIKE/API':>10}\n")
    for text in QUERIES:
        cells = " ".join(
            f"{hits:7.0f} {api:5.0f} {page:5.0f} {plain:6.0f}" for hits, api, page, plain in [few.get(text, [0] * 4), many[text]]
        )
        out.write(f"{text:38} {cells} {many[text][3] / many[text][1]:9.0f}x\n")


if __name__ == "__main__":
    main()
