"""Brings the catalogue page into the database. What staff have edited stays, what has left the page stays; both are reported."""

import datetime
from typing import Any

from django.db import transaction

from initiatives.imports.catalogue_page import CataloguePage, Entry, Group
from initiatives.imports.curation import apply, may_change
from initiatives.imports.oddities import oddities
from initiatives.imports.organizations import Finder, known_organizations, save_participating
from initiatives.imports.report import Report
from initiatives.models import Initiative, SubWorkingGroup, WorkingGroup

# From the Coalition's website (design §4); the catalogue page does not print them.
WORKING_GROUPS = {
    1: "Preventing the illicit manufacture and trafficking of synthetic drugs",
    2: "Detecting emerging drug threats and use patterns",
    3: "Promoting public health interventions and services to prevent and reduce drug use, overdose, "
    "and other health related problems",
}


@transaction.atomic
def import_catalogue(*, page: CataloguePage, source_url: str = "", source_date: datetime.date | None = None) -> Report:
    """New entries are published at once: they are public on the page already. Source address and date, where given, are written
    to the entries that are created or changed.
    """
    report = Report()
    finder = Finder(known_organizations().values())
    report.odd += oddities(page, finder)
    groups = {group.number: _save_group(group, report) for group in page.groups}
    save_participating(page.organizations, finder, report)
    existing = Initiative.objects.select_for_update().order_by("pk").in_bulk(field_name="code")
    source = {name: value for name, value in [("source_url", source_url), ("source_date", source_date)] if value}
    for entry in page.entries:
        _save_entry(entry, groups[entry.group], existing.get(entry.code), source, report)
    codes = {entry.code for entry in page.entries}
    kept = (row for row in existing.values() if row.code not in codes and row.state != Initiative.State.ARCHIVED)
    report.odd += [f"{initiative.code} is not on the page; it is kept" for initiative in sorted(kept, key=lambda row: row.code)]
    return report


def _save_group(group: Group, report: Report) -> SubWorkingGroup:
    number = int(group.number[0])
    working_group, _ = WorkingGroup.objects.get_or_create(number=number, defaults={"title": WORKING_GROUPS[number]})
    row, _ = SubWorkingGroup.objects.select_for_update().get_or_create(
        number=group.number, defaults={"title": group.title, "working_group": working_group}
    )
    words = f"line {group.line}: title of Sub-Working Group {group.number}"
    if may_change(row, "title", row.title, group.title, report, words=words):
        row.title = group.title
        row.save(update_fields=["title"])
    return row


def _save_entry(
    entry: Entry, group: SubWorkingGroup, initiative: Initiative | None, source: dict[str, Any], report: Report
) -> None:
    values: dict[str, Any] = {"title": entry.title, "summary": entry.summary, "sub_working_group": group}
    if initiative is None:
        Initiative.objects.create(code=entry.code, state=Initiative.State.PUBLISHED, **values, **source)
        report.created.append(entry.code)
    elif changed := apply(initiative, values, report, line=entry.line):
        for name, value in source.items():
            setattr(initiative, name, value)
        initiative.save(update_fields=[*changed, *source, "updated_at"])
        report.changed.append(entry.code)
    else:
        report.unchanged.append(entry.code)
