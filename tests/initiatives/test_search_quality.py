"""Searches as people type them, each with the entries that a reader of all texts would want (tests/data/searches.csv)."""

import csv
from pathlib import Path

from tests.initiatives.test_search import codes

SEARCHES = Path(__file__).parents[1] / "data" / "searches.csv"
FIRST = 10
ENOUGH = 0.95


def score(query: str, wanted: list[str]) -> float:
    """The share of the wanted entries among the first ten; one alone must be the first."""
    found = codes(query)[:FIRST]
    if len(wanted) == 1:
        return float(found[:1] == wanted)
    return len(set(wanted) & set(found)) / len(wanted)


def test_search_finds_what_people_want(catalogue):
    with SEARCHES.open(encoding="utf-8", newline="") as file:
        scores = {row["query"]: score(row["query"], row["wanted"].split()) for row in csv.DictReader(file)}
    assert len(scores) > 150
    worst = sorted(query for query, found in scores.items() if found < 1)
    assert sum(scores.values()) / len(scores) >= ENOUGH, worst
