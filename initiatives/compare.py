"""Two to four entries side by side: field after field what each says, and where they differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial

from django.urls import reverse
from django.utils.functional import Promise

from initiatives.countries import in_order
from initiatives.models import Initiative, InitiativeQuerySet, Term, language_name
from initiatives.models.initiatives import CODE
from initiatives.telling import label_of

LEAST, MOST = 2, 4
# The public fields of an entry (as the API describes them) in the order of the page: short ones, then texts.
FACTS = (
    "support",
    "audience",
    "topic",
    "organizations",
    "scope",
    "region",
    "countries",
    "languages",
    "stage",
    "sub_working_group",
    "superseded_by",
)
TEXTS = ("summary", *Initiative.SECTIONS)


@dataclass(frozen=True)
class Item:
    """One of the values of a field. `is_shared`: every entry on the page has it."""

    text: str
    is_shared: bool


@dataclass(frozen=True)
class Cell:
    initiative: Initiative
    items: list[Item]
    text: str = ""


@dataclass(frozen=True)
class Row:
    name: str
    label: str | Promise
    cells: list[Cell]
    is_same: bool


@dataclass(frozen=True)
class Entry:
    initiative: Initiative
    without: str


class Comparison:
    """Takes codes as they stand in the address, in small letters too, and compares the first four that there are.

    `unknown` are those that name no published entry, `too_many` those beyond the fourth.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        asked = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
        found = {entry.code: entry for entry in self._published(asked)}
        known = [code for code in asked if code in found]
        self.unknown = [code for code in asked if code not in found]
        self.initiatives = [found[code] for code in known[:MOST]]
        self.too_many = known[MOST:]

    @staticmethod
    def _published(codes: list[str]) -> InitiativeQuerySet:
        usable = [code for code in codes if CODE.fullmatch(code)]
        return Initiative.objects.published().filter(code__in=usable).with_lists()

    @property
    def is_enough(self) -> bool:
        return len(self.initiatives) >= LEAST

    @property
    def has_room(self) -> bool:
        return len(self.initiatives) < MOST

    @property
    def entries(self) -> list[Entry]:
        """Each entry with the address of the page without it."""
        return [
            Entry(chosen, address([other.code for other in self.initiatives if other != chosen])) for chosen in self.initiatives
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """The fields that at least one of the entries has."""
        rows = [self._facts(name) for name in FACTS] + [self._texts(name) for name in TEXTS]
        return [row for row in rows if any(cell.items or cell.text for cell in row.cells)]

    def _facts(self, name: str) -> Row:
        values = [values_of(initiative, name) for initiative in self.initiatives]
        shared = set(values[0]).intersection(*values[1:]) if values else set()
        cells = [
            Cell(initiative, [Item(text, text in shared) for text in texts])
            for initiative, texts in zip(self.initiatives, values, strict=True)
        ]
        return Row(name, label_of(name), cells, is_same=len({frozenset(texts) for texts in values}) == 1)

    def _texts(self, name: str) -> Row:
        cells = [Cell(initiative, [], getattr(initiative, name)) for initiative in self.initiatives]
        return Row(name, label_of(name), cells, is_same=len({cell.text for cell in cells}) == 1)


def address(codes: Iterable[str]) -> str:
    return reverse("initiatives:compare", query=[("code", code) for code in codes])


def values_of(initiative: Initiative, name: str) -> list[str]:
    """What an entry fetched `with_lists()` has in this field, in the reader's language."""
    return VALUES[name](initiative)


def _terms(facet: str, initiative: Initiative) -> list[str]:
    return [str(term) for term in initiative.terms_of(facet)]


def _organizations(initiative: Initiative) -> list[str]:
    return [f"{link.organization} ({link.get_role_display()})" for link in initiative.organization_links.all()]


def _replacement(initiative: Initiative) -> list[str]:
    other = initiative.superseded_by
    return [other.code] if other and other.is_published else []


def _stated(value: str, label: str) -> list[str]:
    return [] if value == "not_stated" else [label]


VALUES: dict[str, Callable[[Initiative], list[str]]] = {
    **{facet: partial(_terms, facet) for facet in Term.Facet.values},
    "organizations": _organizations,
    "scope": lambda entry: _stated(entry.scope, entry.get_scope_display()),
    "countries": lambda entry: [country.name for country in in_order(entry.countries)],
    "languages": lambda entry: [language_name(code) for code in entry.languages],
    "stage": lambda entry: _stated(entry.stage, entry.get_stage_display()),
    "sub_working_group": lambda entry: [str(entry.sub_working_group)],
    "superseded_by": _replacement,
}
