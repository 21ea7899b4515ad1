"""The real 118 entries in a test's database: loaded once by each worker, then copied. A copy takes a twentieth of the time."""

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

# By table its rows, as COPY writes them. Those that a loaded catalogue has and an empty database has not.
Copies = dict[str, bytes]


def load(copies: Copies) -> None:
    """Fills the database from the copies, which the first call makes."""
    if copies:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in copies.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
    else:
        call_command("loaddata", "fixtures/catalogue.json", "fixtures/trainings.json", verbosity=0)
        copies.update(_copied())
    # Autovacuum may have seen these tables empty, between two tests; PostgreSQL then plans a facet count that takes minutes.
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(copies)}")


def _copied() -> Copies:
    found = {}
    with connection.cursor() as cursor:
        for table in (model._meta.db_table for model in _models()):
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                found[table] = b"".join(copy)
    return {table: rows for table, rows in found.items() if rows}


def _models() -> list[type]:
    return [model for label in ("initiatives", "trainings") for model in apps.get_app_config(label).get_models(True)]
