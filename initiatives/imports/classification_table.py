"""Reads the editors' classification and checks it against docs/classification.md, before anything is changed."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django_countries import countries

from initiatives.imports.source import Problem, refuse_if
from initiatives.imports.tables import read_table
from initiatives.imports.texts import normal
from initiatives.models import DELIVERY_LANGUAGES, Basis, Initiative, InitiativeOrganization, Organization, Term

COLUMNS = ["code", "field", "value", "basis", "words", "note"]
ROLES = list(InitiativeOrganization.Role)
FACETS = list(Term.Facet)
CHOICES = {"scope": Initiative.Scope, "stage": Initiative.Stage}
REQUIRED = ["lead", "support", "audience", "topic", "scope", "stage"]
NOT_STATED = "not-stated"
LONGEST_WORDS = 500
# Words stand anywhere in what the source says about the entry.
TEXTS = ["title", "summary", *Initiative.SECTIONS]


@dataclass(frozen=True)
class Value:
    line: int
    code: str
    field: str
    value: str
    basis: str
    words: str


def read_classification(path: Path) -> dict[str, list[Value]]:
    """Values by code, in the order of the file. Raises RefusedError with all mistakes; needs initiatives, organizations and
    vocabulary in the database.
    """
    values = [Value(line, *(cells[column] for column in COLUMNS[:-1])) for line, cells in read_table(path, COLUMNS)]
    initiatives = Initiative.objects.in_bulk(field_name="code")
    allowed = _allowed_values()
    problems: list[Problem] = []
    for value in values:
        problems += _problems_of_value(value, allowed, initiatives.get(value.code))
    by_code: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        by_code[value.code].append(value)
    for group in by_code.values():
        problems += _problems_of_entry(group)
    refuse_if(problems)
    return by_code


def _allowed_values() -> dict[str, set[str]]:
    slugs = set(Organization.objects.values_list("slug", flat=True))
    allowed = {str(role): slugs for role in ROLES}
    allowed |= {str(facet): set(Term.objects.of(facet).values_list("slug", flat=True)) for facet in FACETS}
    allowed |= {field: {value.replace("_", "-") for value in choices.values} for field, choices in CHOICES.items()}
    for field in set(REQUIRED) - set(CHOICES):
        allowed[field] = allowed[field] | {NOT_STATED}
    return allowed | {"language": {code for code, _ in DELIVERY_LANGUAGES}, "country": {country.code for country in countries}}


def _problems_of_value(value: Value, allowed: dict[str, set[str]], initiative: Initiative | None) -> Iterator[Problem]:
    if initiative is None:
        yield Problem(value.line, f"There is no initiative {value.code}. Correct the code or import the catalogue page first.")
    if value.field not in allowed:
        yield Problem(value.line, f"There is no field “{value.field}”. Write one of {', '.join(allowed)}.")
    elif value.value not in allowed[value.field]:
        yield Problem(value.line, f"“{value.value}” is no value of {value.field}. {_where(value.field)}")
    needs_basis = value.field in ROLES and value.value != NOT_STATED
    if needs_basis != (value.basis in {Basis.STATED, Basis.INFERRED}) or (value.basis and not needs_basis):
        yield Problem(value.line, "The basis of an organization is stated or inferred; every other row leaves it empty.")
    yield from _problems_of_words(value, initiative)


def _where(field: str) -> str:
    if field in ROLES:
        return "Write the slug of a row in organizations.csv, or add one there."
    return "Write a slug of vocabulary.csv." if field in FACETS else "See docs/classification.md."


def _problems_of_words(value: Value, initiative: Initiative | None) -> Iterator[Problem]:
    if bool(value.words) == (value.value == NOT_STATED):
        yield Problem(value.line, f"Copy the words of the text that show it. Only {NOT_STATED} has none.")
    elif len(value.words) > LONGEST_WORDS:
        yield Problem(value.line, f"The words have more than {LONGEST_WORDS} characters. About 20 words are enough.")
    # Where staff have rewritten a text, the words of the source are no longer there to be found.
    elif initiative and not set(TEXTS) & set(initiative.curated_fields) and not _stands_in(value.words, initiative):
        yield Problem(
            value.line, f"“{value.words}” is not in the title or text of {value.code}. Copy the words letter by letter."
        )


def _stands_in(words: str, initiative: Initiative) -> bool:
    return any(normal(words) in normal(getattr(initiative, name)) for name in TEXTS)


def _problems_of_entry(values: list[Value]) -> Iterator[Problem]:
    first, code = values[0].line, values[0].code
    fields = {field: list(group) for field, group in groupby(sorted(values, key=lambda value: value.field), lambda v: v.field)}
    for field in REQUIRED:
        if field not in fields:
            yield Problem(first, f"{code} has no row for {field}. Add one, if need be with the value {NOT_STATED}.")
    for field, group in fields.items():
        if len(group) > 1 and (field in CHOICES or any(value.value == NOT_STATED for value in group)):
            only = "one value" if field in CHOICES else f"either {NOT_STATED} or other values, not both"
            yield Problem(group[1].line, f"{code} can have only {only} for {field}. Remove a row.")
    yield from _repetitions(values)


def _repetitions(values: list[Value]) -> Iterator[Problem]:
    seen: Counter[tuple[str, str]] = Counter()
    for value in values:
        # An organization has one role in an initiative.
        trait = ("organization" if value.field in ROLES else value.field, value.value)
        seen[trait] += 1
        if seen[trait] == 2:  # noqa: PLR2004 - the second of its kind
            yield Problem(value.line, f"{value.code} has {value.value} as {trait[0]} already. Remove a row.")
