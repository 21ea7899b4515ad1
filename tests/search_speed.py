"""How long a page of search results takes with 100,000 entries. Not a test: a figure to read.

createdb big; DATABASE_URL=postgresql:///big python manage.py migrate; … load_catalogue; … shell < tests/search_speed.py
"""

import statistics
import sys
import time

from django.db import connection
from django.test import Client

from initiatives.models import Initiative

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
# Copies of every entry under other codes, with their lists and their rows of the search table.
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
TABLES = {
    "initiatives_initiative": ("id", {"id": "new", "code": "c.code"}),
    "initiatives_initiative_terms": ("initiative_id", {"initiative_id": "new", "id": None}),
    "initiatives_initiativeorganization": ("initiative_id", {"initiative_id": "new", "id": None}),
    "initiatives_searchdocument": ("initiative_id", {"initiative_id": "new", "vector": None}),
}


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
        cursor.execute("ANALYZE")


def milliseconds(path: str, query: str) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        assert Client().get(path, {"search": query}).status_code == 200
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


if Initiative.objects.count() < ENTRIES:
    fill()
sys.stdout.write(f"{'hits':>8} {'API ms':>8} {'page ms':>8}\n")
for query in QUERIES:
    count = Client().get("/api/v1/initiatives/", {"search": query}).json()["count"]
    sys.stdout.write(
        f"{count:8} {milliseconds('/api/v1/initiatives/', query):8.0f} {milliseconds('/initiatives/', query):8.0f}  {query}\n"
    )
