"""Keeps the search table: one row for each initiative, filled here so that organizations and vocabulary land in it too.

A row is renewed in the transaction that changes the initiative, so search never shows what the page does not.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django_countries import countries

from initiatives.models import Initiative, InitiativeOrganization, InitiativeQuerySet, Organization, SearchDocument, Term

BATCH = 500


def rebuild(initiatives: InitiativeQuerySet | None = None) -> int:
    """Writes the rows of these initiatives, else of all. Returns how many."""
    initiatives = Initiative.objects.all() if initiatives is None else initiatives
    documents = (document(initiative) for initiative in initiatives.with_lists().iterator(chunk_size=BATCH))
    return len(
        SearchDocument.objects.bulk_create(
            documents,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["initiative"],
            update_fields=["title", "names", "terms", "body"],
        )
    )


def document(initiative: Initiative) -> SearchDocument:
    """What search reads of an initiative fetched by `with_lists()`."""
    organizations = initiative.organizations_as("lead", "partner")
    group = initiative.sub_working_group
    return SearchDocument(
        initiative=initiative,
        title=initiative.title,
        # 2206A is found as 2206 too.
        names=_lines([initiative.code, initiative.code[:4]], *(_names(organization) for organization in organizations)),
        terms=_lines(
            *([term.name, *term.synonyms] for term in initiative.terms.all()),
            [group.title, group.working_group.title],
            [countries.name(code) for code in initiative.countries],
        ),
        body=_lines([initiative.summary], (getattr(initiative, section) for section in Initiative.SECTIONS)),
    )


def _names(organization: Organization) -> list[str]:
    return [organization.name, organization.acronym, *organization.aliases]


def _lines(*groups: Iterable[str]) -> str:
    return "\n".join(text for group in groups for text in group if text)


def connect() -> None:
    """Renews rows when something they are made of is saved. `loaddata` is left to `manage.py rebuild_search`."""
    post_save.connect(_saved, sender=Initiative)
    post_save.connect(_saved, sender=InitiativeOrganization)
    post_delete.connect(_saved, sender=InitiativeOrganization)
    post_save.connect(_saved, sender=Organization)
    post_save.connect(_saved, sender=Term)
    m2m_changed.connect(_terms_changed, sender=Initiative.terms.through)


def _saved(sender: type[Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    if raw:
        return
    if isinstance(instance, Initiative):
        rebuild(Initiative.objects.filter(pk=instance.pk))
    elif isinstance(instance, InitiativeOrganization):
        rebuild(Initiative.objects.filter(pk=instance.initiative_id))
    else:
        rebuild(Initiative.objects.filter(pk__in=instance.initiatives.values("pk")))


def _terms_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    if action.startswith("post_"):
        rebuild(Initiative.objects.filter(pk__in=(pk_set or []) if reverse else [instance.pk]))
