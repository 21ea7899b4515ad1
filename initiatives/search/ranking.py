"""The order of what a search finds: the words that an entry has count by how much they tell and by where they stand."""

from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db.models import Case, F, FloatField, Func, Value, When
from django.db.models.functions import Greatest

from initiatives.models import SearchDocument, SearchDocumentQuerySet
from initiatives.models.initiatives import CODE
from initiatives.search.wording import Unit, all_of, any_of

CODE_FIRST = 10.0
# To compare the texts of more entries takes too long.
MOST_RANKED = 1000
VECTOR = "vector"
# Where a word stands and how much that counts, the best first: title, code and organizations; terms; the texts.
PLACES = {"A": 1.0, "B": 0.8, "C": 0.7}
# How much it counts beside a word as it was typed: what stands first in the vocabulary, and what is only near in meaning.
FIRST, NEAR = 0.9, 0.4
# What the terms of an entry imply, and having a word in several of these ways.
IMPLIED, SEVERAL = 0.1, 0.2
# To tell equals apart: how often. Weights of D, C, B, A; of PostgreSQL's ways to normalize a rank, rank / (rank + 1).
OFTEN = 0.1
WEIGHTS = [0.05, 0.1, 0.4, 1.0]
BELOW_ONE = 32


def rank(weights: dict[Unit, float], hits: int) -> Any:
    """How well an entry fits; the one whose code was typed comes before all."""
    value: Any = _well(weights) if hits <= MOST_RANKED else _entitled(weights)
    if codes := _codes(weights):
        value += Value(CODE_FIRST) * _best([({"code__in": codes}, 1.0)])
    return value


def is_by_title(weights: dict[Unit, float], hits: int) -> bool:
    """Whether `rank` is no more than whether the title has all the words."""
    return hits > MOST_RANKED and not _codes(weights)


def _codes(weights: dict[Unit, float]) -> list[str]:
    return [word.upper() for unit in weights for word in unit.words if CODE.fullmatch(word.upper())]


class Once(Func):
    """The value of an expression that asks much of the vector. It lies outside its row; PostgreSQL would fetch it for each."""

    output_field = FloatField()

    def __init__(self, expression: Any, vector: F) -> None:
        super().__init__(expression, vector)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        value, vector = self.get_source_expressions()
        (sql, parameters), (column, _none) = compiler.compile(value), compiler.compile(vector)
        table, name = column.split(".")
        # Within the brackets the name of the table means a row in memory. OFFSET keeps PostgreSQL from dissolving them.
        return f"(SELECT {sql} FROM (SELECT {column} || ''::tsvector AS {name} OFFSET 0) AS {table})", parameters  # noqa: S608 - compiled by Django


def _well(weights: dict[Unit, float]) -> Any:
    often = SearchRank(F(VECTOR), any_of(unit.first_query() for unit in weights), weights=WEIGHTS, normalization=BELOW_ONE)
    value: Any = Value(OFTEN) * often
    for unit, weight in weights.items():
        value += Value(weight / sum(weights.values())) * _fit(unit)
    return Once(value, F(VECTOR))


def _entitled(weights: dict[Unit, float]) -> Case:
    """Titles with all the words or their synonyms come first. Asked of their index once, not of each row in turn."""
    return _best([({"pk__in": entitled(SearchDocument.objects.all(), weights).values("pk")}, 1.0)])


def entitled(documents: SearchDocumentQuerySet, weights: dict[Unit, float]) -> SearchDocumentQuerySet:
    """Those whose title has all the words or their synonyms."""
    return documents.entitled(all_of(unit.query() for unit in weights))


def _fit(unit: Unit) -> Any:
    """How well one part of the search fits: as the best of three ways to have it, and a little for the others."""
    own = _best([({VECTOR: unit.own_query(place)}, value) for place, value in PLACES.items()])
    first = _best([({VECTOR: unit.first_query(place)}, FIRST * value) for place, value in PLACES.items()])
    near = [({VECTOR: unit.query(place)}, NEAR * value) for place, value in PLACES.items()]
    implied = _best([*near, ({VECTOR: unit.query()}, IMPLIED)])
    return Greatest(own, first, implied) + Value(SEVERAL) * (own + first + implied)


def _best(cases: list[tuple[dict[str, Any], float]]) -> Case:
    """The value of the first condition that holds, else 0."""
    return Case(
        *(When(**condition, then=Value(value)) for condition, value in cases), default=Value(0.0), output_field=FloatField()
    )
