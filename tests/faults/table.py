"""The table of all faults, for people and for docs/reliability.md."""

from collections.abc import Iterable

from tests.faults.ledger import Row

COLUMNS = {
    "fault": "Fault",
    "kills": "Kills",
    "others": "Other blows",
    "forms": "Forms accepted",
    "mails": "Mails expected",
    "losses": "Lost",
    "extra": "Extra copies",
    "differing": "Copies that differ",
    "delay": "Longest delay, s",
    "p99": "Web p99, s",
    "back": "All done after, s",
}
SUMS = ("kills", "others", "forms", "mails", "losses", "extra", "differing")
WORST = ("delay", "p99", "back")


def total(rows: Iterable[Row]) -> Row:
    rows = list(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in SUMS}
    worst = {name: max((getattr(row, name) for row in rows), default=0.0) for name in WORST}
    return Row(fault="**All together**", **sums, **worst)  # type: ignore[arg-type]


def cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def lines(rows: Iterable[Row]) -> list[str]:
    """Markdown."""
    rows = list(rows)
    titles = list(COLUMNS.values())
    return [
        line(titles),
        line(["---"] + ["---:"] * (len(titles) - 1)),
        *(line(cells(row)) for row in [*rows, total(rows)]),
    ]


def cells(row: Row) -> list[str]:
    return [cell(getattr(row, name)) for name in COLUMNS]


def line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
