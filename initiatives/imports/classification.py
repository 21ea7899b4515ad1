"""Brings the editors' reading into the database: organizations with their roles, terms, stage, scope and so on."""

from pathlib import Path
from typing import Any

from django.db import transaction

from initiatives.imports.classification_table import CHOICES, FACETS, NOT_STATED, ROLES, Value, read_classification
from initiatives.imports.curation import apply, may_change
from initiatives.imports.report import Report
from initiatives.imports.tables import read_organizations, read_synonyms, read_vocabulary, save_missing
from initiatives.models import Initiative, InitiativeOrganization, Organization, Term
from initiatives.search import lexicon


@transaction.atomic
def import_classification(*, path: Path) -> Report:
    """Loads organizations.csv, vocabulary.csv, the synonyms and this file. Raises RefusedError for a mistake in any of them."""
    report = Report()
    save_missing(read_organizations(), ["name", "acronym", "aliases", "kind", "website"], report)
    save_missing(read_vocabulary(), ["name", "synonyms", "countries", "position"], report)
    lexicon.write_keys(save_missing(read_synonyms(), ["others", "finds", "is_filler", "is_place"], report))
    by_code = read_classification(path)
    organizations = {row.slug: row for row in Organization.objects.all()}
    terms = {row.natural_key(): row for row in Term.objects.all()}
    for initiative in Initiative.objects.select_for_update(of=("self",)).with_lists():
        values = by_code.get(initiative.code)
        if values:
            changed = _classify(initiative, values, organizations, terms, report)
            (report.changed if changed else report.unchanged).append(initiative.code)
        else:
            report.odd.append(f"{initiative.code} is not classified yet")
    return report


def _classify(
    initiative: Initiative,
    values: list[Value],
    organizations: dict[str, Organization],
    terms: dict[tuple[str, str], Term],
    report: Report,
) -> bool:
    line = values[0].line
    changed = apply(initiative, _columns(values), report, line=line)
    links = [_link(initiative, organizations[v.value], v) for v in values if v.field in ROLES and v.value != NOT_STATED]
    chosen = [terms[v.field, v.value] for v in values if v.field in FACETS and v.value != NOT_STATED]
    relinked = _set_organizations(initiative, links, report, line)
    retermed = _set_terms(initiative, chosen, report, line)
    if changed or relinked or retermed:
        # Saved last, so that search reads the whole of it, and the date of change moves with the lists too.
        initiative.save(update_fields=[*changed, "updated_at"])
    return bool(changed or relinked or retermed)


def _columns(values: list[Value]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "languages": [value.value for value in values if value.field == "language"],
        "countries": [value.value for value in values if value.field == "country"],
    }
    return columns | {value.field: value.value.replace("-", "_") for value in values if value.field in CHOICES}


def _link(initiative: Initiative, organization: Organization, value: Value) -> InitiativeOrganization:
    return InitiativeOrganization(
        initiative=initiative, organization=organization, role=value.field, basis=value.basis, words=value.words
    )


def _set_organizations(initiative: Initiative, links: list[InitiativeOrganization], report: Report, line: int) -> bool:
    present = list(initiative.organization_links.all())
    for position, link in enumerate(links):
        link.position = position
    # A change of the words alone counts: the page shows them.
    old, new = ([_words_of(link) for link in rows] for rows in (present, links))
    if not may_change(initiative, "organizations", old, new, report, words=f"line {line}: {initiative.code} organizations"):
        return False
    initiative.organization_links.all().delete()
    InitiativeOrganization.objects.bulk_create(links)
    return True


def _words_of(link: InitiativeOrganization) -> str:
    return f"{link.role} {link.organization.slug} {link.basis} “{link.words}”;"


def _set_terms(initiative: Initiative, chosen: list[Term], report: Report, line: int) -> bool:
    old, new = (sorted("/".join(term.natural_key()) for term in rows) for rows in (initiative.terms.all(), chosen))
    if not may_change(initiative, "terms", old, new, report, words=f"line {line}: {initiative.code} terms"):
        return False
    initiative.terms.set(chosen)
    return True
