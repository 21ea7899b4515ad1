"""Says in words what changed: names of fields and values in the reader's language, and of long texts the part that differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from initiatives.facets import FACETS
from initiatives.markdown import to_text
from initiatives.models import (
    PUBLICATION,
    Basis,
    Change,
    Initiative,
    InitiativeOrganization,
    Organization,
    SubWorkingGroup,
    Term,
    language_name,
)
from initiatives.search.stems import fold
from initiatives.templatetags.wording import with_commas

TEXTS = ("title", "summary", *Initiative.SECTIONS)
CHOICES = {"stage": Initiative.Stage, "scope": Initiative.Scope}
NAMES = {column.name: column.verbose_name for column in Initiative._meta.concrete_fields}  # noqa: SLF001
FACET_LABELS = {facet.name: facet.label for facet in FACETS}
LABELS = {"organizations": _("Organizations"), "countries": _("Countries taking part"), "languages": _("Languages of delivery")}
# Words that are shown on both sides of the part of a text that differs, and from how many on a text is shortened at all.
AROUND, SHORT = 8, 30


@dataclass(frozen=True)
class Told:
    """One field that changed. Empty `old` or `new`: there was, or is, nothing. `is_source`: in the catalogue's language."""

    field: str
    label: str
    old: str
    new: str
    is_source: bool


def label_of(field: str) -> str | Promise:
    if label := LABELS.get(field) or FACET_LABELS.get(field):
        return label
    return capfirst(str(NAMES[field]))


class Teller:
    """Looks names up once, however many changes are told."""

    @cached_property
    def terms(self) -> dict[tuple[str, str], str]:
        return {(term.facet, term.slug): term.label for term in Term.objects.all()}

    @cached_property
    def organizations(self) -> dict[str, str]:
        return {organization.slug: str(organization) for organization in Organization.objects.all()}

    @cached_property
    def groups(self) -> dict[str, str]:
        return {group.number: str(group) for group in SubWorkingGroup.objects.all()}

    def tell(self, field: str, old: Any, new: Any) -> Told:
        is_text = field in TEXTS
        if is_text:
            before, after = to_text(old or ""), to_text(new or "")
            # Only the marks of Markdown differ, or where a link leads.
            before, after = parts_that_differ(*(before, after) if before != after else (old or "", new or ""))
        else:
            before, after = self.value(field, old), self.value(field, new)
        return Told(field, str(label_of(field)), before, after, is_source=is_text)

    def value(self, field: str, value: Any) -> str:
        if isinstance(value, list):
            return with_commas(sorted((self.item(field, item) for item in value), key=fold))
        if field in CHOICES and value:
            return str(dict(CHOICES[field].choices).get(value, value))
        if field == "sub_working_group":
            return self.groups.get(value) or str(value or "")
        return str(value or "")

    def item(self, field: str, item: Any) -> str:
        if field == "organizations":
            role = dict(InitiativeOrganization.Role.choices).get(item["role"], item["role"])
            basis = dict(Basis.choices).get(item["basis"], item["basis"])
            return f"{self.organizations.get(item['slug'], item['slug'])} ({role}; {basis})"
        if field == "countries":
            return str(countries.name(item) or item)
        if field == "languages":
            return language_name(item)
        return self.terms.get((field, item), str(item))


def parts_that_differ(old: str, new: str) -> tuple[str, str]:
    """Two texts without the words that they have in common, but for a few around each difference. Short texts stay whole."""
    before, after = old.split(), new.split()
    if not before or not after or max(len(before), len(after)) <= SHORT:
        return " ".join(before), " ".join(after)
    groups = list(SequenceMatcher(None, before, after).get_grouped_opcodes(AROUND))
    if not groups:  # other spaces between the same words
        return shortened(before, [(0, SHORT)]), shortened(after, [(0, SHORT)])
    return (
        shortened(before, [(group[0][1], group[-1][2]) for group in groups]),
        shortened(after, [(group[0][3], group[-1][4]) for group in groups]),
    )


def shortened(words: list[str], parts: list[tuple[int, int]]) -> str:
    """These parts of a text, with “…” for what is left out before, between and behind them."""
    shown = " … ".join(" ".join(words[start:end]) for start, end in parts)
    first, last = parts[0][0], parts[-1][1]
    return "… " * (first > 0) + shown + " …" * (last < len(words))


@dataclass(frozen=True)
class Revision:
    """All that was found to have changed in one entry at one moment."""

    changes: list[Change]
    told: list[Told]

    @property
    def first(self) -> Change:
        return self.changes[0]

    @property
    def came(self) -> bool:
        return any(change.field == PUBLICATION and change.new for change in self.changes)

    @property
    def went(self) -> bool:
        return any(change.field == PUBLICATION and not change.new for change in self.changes)

    @property
    def path(self) -> str:
        """Where to read on: the entry, or what is known of one that is not public any more."""
        if self.first.entry.is_published:
            return reverse("initiatives:initiative", args=[self.first.entry_id])
        return reverse("initiatives:changes") + f"?code={self.first.entry_id}"


def revisions(changes: Iterable[Change]) -> list[Revision]:
    """Takes changes in an order that keeps those of one entry and moment together, with their entries."""
    groups: dict[tuple[Any, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.at, change.entry_id), []).append(change)
    teller = Teller()
    return [
        Revision(group, [teller.tell(change.field, change.old, change.new) for change in group if change.field != PUBLICATION])
        for group in groups.values()
    ]
