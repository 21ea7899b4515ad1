"""What somebody follows, by a feed or by mail: one entry, or all that a search and filters of the catalogue find."""

from dataclasses import dataclass, field
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from initiatives import changes
from initiatives.catalogue import Catalogue
from initiatives.models import ChangeQuerySet, Initiative, InitiativeQuerySet, Organization, SubWorkingGroup
from initiatives.models.initiatives import CODE

# Say how a list is shown, not what is in it.
NOT_FOLLOWED = {"page", "ordering"}
# By these what is no longer public can still be found.
OF_WITHDRAWN = {"sub_working_group", "organization"}


@dataclass(frozen=True)
class Followed:
    """Takes the part of a query that the catalogue understands, in one spelling; `code` names one entry instead."""

    query: str
    # Spares making it again.
    known: Catalogue | None = field(default=None, compare=False, repr=False)

    @classmethod
    def read(cls, query: QueryDict) -> "Followed":
        if code := query.get("code", "").upper():
            return cls(f"code={code}" if CODE.fullmatch(code) else "code=")
        known = Catalogue(query)
        chosen = QueryDict(mutable=True)
        for name in sorted(set(known.query) - NOT_FOLLOWED):
            if values := sorted({value.strip() for value in known.query.getlist(name) if value.strip()}):
                chosen.setlist(name, values)
        return cls(chosen.urlencode(), known)

    @cached_property
    def values(self) -> QueryDict:
        return QueryDict(self.query)

    @property
    def code(self) -> str | None:
        return self.values.get("code")

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.known or Catalogue(self.values)

    @property
    def search(self) -> str:
        return "" if self.code is not None else self.catalogue.search

    def initiatives(self) -> InitiativeQuerySet:
        """What of it is public now."""
        if self.code is not None:
            return Initiative.objects.published().filter(code=self.code)
        return self.catalogue.filterset.initiatives()

    def changes(self) -> ChangeQuerySet:
        """What changed in it; entries that went too, where it can be told that they belonged to it."""
        found = changes.about(self.initiatives())
        if self.code is not None:
            return found | changes.about_withdrawn(groups=(), organizations=()).filter(entry=self.code)
        if set(self.values) <= OF_WITHDRAWN:
            groups, organizations = self.values.getlist("sub_working_group"), self.values.getlist("organization")
            return found | changes.about_withdrawn(groups=groups, organizations=organizations)
        return found

    @property
    def problems(self) -> list[str]:
        """What of the address was not understood, and is not followed."""
        return [] if self.code is not None else self.catalogue.problems

    @property
    def label(self) -> str:
        """In words, for the person who chose it."""
        return self.named(self.search)

    @property
    def safe_label(self) -> str:
        """In words, without those that somebody typed: for mail to an address that nobody has confirmed."""
        return self.named("")

    def named(self, words: str) -> str:
        if self.code is not None:
            return _("Initiative %(code)s") % {"code": self.code}
        chips = self.catalogue.filter_chips
        filters = [_("%(label)s: %(value)s") % {"label": chip.label, "value": chip.value} for chip in chips]
        if self.search:
            filters.insert(0, _("Search: %(words)s") % {"words": words} if words else _("A search"))
        # Translators: between two filters, with the space after it.
        return _("; ").join(filters) or _("All initiatives")

    @property
    def path(self) -> str:
        """The page that shows it: of the entry, group or organization, else the catalogue with these filters."""
        if self.code:
            return reverse("initiatives:initiative", args=[self.code])
        only = [(name, values) for name, values in self.values.lists() if len(values) == 1]
        if len(only) == len(self.values) == 1 and only[0][0] in OF_WITHDRAWN:
            name, [value] = only[0]
            return reverse(f"initiatives:{name}", args=[value])
        return self.at("initiatives:catalogue")

    @property
    def changes_path(self) -> str:
        return self.at("initiatives:changes")

    @property
    def feed_path(self) -> str:
        return self.at("initiatives:feed")

    @property
    def as_query(self) -> str:
        """To put behind an address."""
        return f"?{self.query}" if self.query else ""

    def at(self, view: str) -> str:
        return reverse(view) + self.as_query


def of_group(group: SubWorkingGroup) -> Followed:
    return Followed(f"sub_working_group={group.number}")


def of_organization(organization: Organization) -> Followed:
    return Followed(f"organization={organization.slug}")
