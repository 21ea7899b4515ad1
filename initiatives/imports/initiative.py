"""Brings an initiative's own page into the database: its sections, and its point of contact for the staff area."""

from django.db import transaction

from initiatives.imports.contact_block import EXAMPLE, ContactBlock, parse_contact
from initiatives.imports.curation import apply
from initiatives.imports.initiative_page import IMPLEMENTER, InitiativePage
from initiatives.imports.organizations import Finder, known_organizations
from initiatives.imports.report import Report
from initiatives.imports.source import Line, Problem, RefusedError, refuse_if
from initiatives.imports.texts import difference, key, normal, shorten
from initiatives.models import Initiative, InitiativeContact, PointOfContact


@transaction.atomic
def import_initiative_page(*, page: InitiativePage, code: str = "") -> Report:
    """Fills the sections that the page has. Title and text stay those of the catalogue page; differences are reported."""
    report = Report()
    initiative = _find(page, code or page.code)
    _compare_with_catalogue(page, initiative, report)
    changed = []
    for section in page.sections:
        if section.name in Initiative.SECTIONS:
            changed += apply(initiative, {section.name: section.text}, report, line=section.line)
    changed += _save_contacts(page.contacts, initiative, report)
    if changed:
        initiative.save(update_fields=[*(name for name in changed if name != "contacts"), "updated_at"])
    (report.changed if changed else report.unchanged).append(initiative.code)
    return report


def _find(page: InitiativePage, code: str) -> Initiative:
    line, title = page.title
    rows = Initiative.objects.select_for_update()
    if code:
        found = list(rows.filter(code=code))
        sentence = f"There is no initiative {code}. Import the catalogue page first, or give another --code."
    else:
        found = [row for row in rows if key(row.title) == key(title)]
        sentence = f"{len(found) or 'No'} initiatives have the title “{shorten(title, 80)}”. Say which one it is: --code CODE."
    if len(found) != 1:
        raise RefusedError([Problem(line, sentence)])
    return found[0]


def _compare_with_catalogue(page: InitiativePage, initiative: Initiative, report: Report) -> None:
    code = initiative.code
    if page.code and page.code != code:
        report.odd.append(f"line {page.title.number}: the page says that its code is {page.code}; it was read into {code}")
    if key(page.title.text) != key(initiative.title):
        words = difference(initiative.title, page.title.text)
        report.odd.append(f"line {page.title.number}: {code} title; catalogue -> this page: {words}")
    text = page.sections[0]
    if text.lines and normal(text.text) != normal(initiative.summary):
        words = difference(initiative.summary, text.text)
        report.odd.append(f"line {text.lines[0].number}: {code} text above the headings; catalogue -> this page: {words}")
    for section in page.sections:
        if section.name == IMPLEMENTER:
            sentence = f"is “{section.text}”; add it by hand" if section.lines else "is not named below its heading"
            report.odd.append(f"line {section.line}: {code} implementing organization {sentence}")


def _save_contacts(lines: list[Line], initiative: Initiative, report: Report) -> list[str]:
    """Returns whether something changed, as the name of the field. No address is ever printed: output ends up in logs."""
    finder = Finder(known_organizations().values())
    blocks = [(line, parse_contact(line.text, finder)) for line in lines]
    sentence = f"This contact cannot be taken apart. Write it on one line as “{EXAMPLE}”, with an organization that is known."
    refuse_if([Problem(line.number, sentence) for line, block in blocks if block is None])
    if not lines:
        report.odd.append(f"{initiative.code} has no point of contact on this page")
    added = [_save_contact(block, initiative, report, line.number) for line, block in blocks if block]
    return ["contacts"] if any(added) else []


def _save_contact(block: ContactBlock, initiative: Initiative, report: Report, line: int) -> bool:
    place = f"line {line}: {initiative.code} contacts"
    details = {"name": block.name, "title": block.title, "section": block.section, "phone": block.phone}
    contact, _ = PointOfContact.objects.get_or_create(organization=block.organization, email=block.email, defaults=details)
    different = [name for name, value in details.items() if getattr(contact, name) != value]
    report.odd += [f"{place}: {name} differs from the page and is kept" for name in different]
    if initiative.contact_links.filter(contact=contact).exists():
        return False
    if "contacts" in initiative.curated_fields:
        report.odd.append(f"{place} were edited by staff and are kept; the page names another")
        return False
    last = initiative.contact_links.last()
    InitiativeContact.objects.create(initiative=initiative, contact=contact, position=last.position + 1 if last else 0)
    report.news.append(f"{place}: + one at {contact.organization}")
    return True
