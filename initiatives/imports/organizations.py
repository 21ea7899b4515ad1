"""Organizations under all the names that the sources give them."""

import re
from collections.abc import Iterable

from django.utils.text import slugify

from initiatives.imports.report import Report
from initiatives.imports.source import Line, Problem, refuse_if
from initiatives.imports.tables import read_organizations
from initiatives.imports.texts import key
from initiatives.models import Organization

IN_BRACKETS = re.compile(r"(?P<name>.+?) \((?P<acronym>[^()]+)\)")


def known_organizations() -> dict[str, Organization]:
    """By slug: what the database has, and from organizations.csv what it does not have yet."""
    saved = {organization.slug: organization for organization in Organization.objects.all()}
    return {row.slug: row for row in read_organizations()} | saved


class Finder:
    """Finds organizations by name, acronym or another name that is known of them."""

    def __init__(self, organizations: Iterable[Organization]) -> None:
        self.by_name = {key(name): organization for organization in organizations for name in organization.names()}
        names = sorted((name for organization in self.by_name.values() for name in organization.names()), key=len, reverse=True)
        # Acronyms only as they are written: “WHO” is an organization, “who” is not.
        patterns = (re.escape(name) if name.isupper() else f"(?i:{re.escape(name)})" for name in dict.fromkeys(names))
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")

    def exactly(self, name: str) -> Organization | None:
        """The organization with this name; “Indian Ocean Commission (IOC)” is found by either part."""
        parts = IN_BRACKETS.fullmatch(name)
        candidates = [name, *parts.group("name", "acronym")] if parts else [name]
        return next((self.by_name[key(candidate)] for candidate in candidates if key(candidate) in self.by_name), None)

    def first_in(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text)

    def is_cut_off(self, name: str) -> bool:
        return any(known.startswith(key(name)) for known in self.by_name)


def save_participating(lines: list[Line], finder: Finder, report: Report) -> None:
    """Makes sure that the organizations of the page's list exist and are marked as taking part. Renames nothing."""
    found = [(line, finder.exactly(line.text)) for line in lines]
    sentence = "This looks like the beginning of a longer name. Save the whole page."
    refuse_if([Problem(line.number, sentence) for line, known in found if not known and finder.is_cut_off(line.text)])
    listed = [organization or _new(line, report) for line, organization in found]
    missing = [organization for organization in listed if organization.pk is None or not organization.is_participating]
    staying_out = [organization for organization in missing if "is_participating" in organization.curated_fields]
    joining = [organization for organization in missing if organization not in staying_out]
    for organization in joining:
        organization.is_participating = True
        organization.save(update_fields=["is_participating"] if organization.pk else None)
    report.odd += [
        f"organization {organization.slug} is on the page's list, but staff took it out; it stays out"
        for organization in staying_out
    ]
    if joining:
        report.news.append(f"organizations that take part: + {', '.join(organization.slug for organization in joining)}")
    gone = Organization.objects.participating().exclude(pk__in=[organization.pk for organization in listed])
    report.odd += [f"organization {organization.slug} is no longer on the page's list; it is kept" for organization in gone]


def _new(line: Line, report: Report) -> Organization:
    parts = IN_BRACKETS.fullmatch(line.text)
    name, acronym = parts.group("name", "acronym") if parts else (line.text, "")
    slug = slugify(acronym or name)[:50]
    report.odd.append(f"line {line.number}: organization “{line.text}” is not known; created as {slug}, please complete it")
    return Organization(slug=slug, name=name, acronym=acronym)
