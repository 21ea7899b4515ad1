"""Keeps the search table: one row for each initiative, filled here so that organizations and vocabulary land in it
too, and what the filters ask for.

A row is renewed in the transaction that changes the initiative, so search never shows what the page does not. `loaddata` saves
rows in whatever order the file has, so ours writes the whole table at its end, in its transaction.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.utils import translation
from django_countries import countries

from initiatives import facets
from initiatives.models import (
    Initiative,
    InitiativeOrganization,
    Organization,
    SearchDocument,
    SubWorkingGroup,
    Synonym,
    Term,
    WorkingGroup,
    language_name,
)
from initiatives.search import lexicon

BATCH = 500
# From an initiative to what its row is made of.
MADE_OF = {
    Initiative: "pk",
    InitiativeOrganization: "organization_links",
    Organization: "organizations",
    Term: "terms",
    SubWorkingGroup: "sub_working_group",
    WorkingGroup: "sub_working_group__working_group",
}


@transaction.atomic
def rebuild(condition: Q | None = None) -> int:
    """Writes the rows of the initiatives that fit, else of all. Returns how many.

    Locks them first and then reads: what another transaction is changing is waited for, so that nobody writes an old text over
    a newer one. In the order of their keys, so that two of us never wait for each other.
    """
    chosen = Initiative.objects.filter(pk__in=Initiative.objects.filter(condition or Q()).order_by().values("pk"))
    locked = list(chosen.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    found = Initiative.objects.filter(pk__in=locked).with_lists()
    documents = (document(initiative) for initiative in found.iterator(chunk_size=BATCH))
    if condition is None:
        # After a load the planner believes the tables empty, and a page of facets can then take minutes.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    written = SearchDocument.objects.bulk_create(
        documents,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["initiative"],
        update_fields=["code", "title", "names", "terms", "body", "implied", "facets"],
    )
    if condition is None:
        lexicon.rebuild()
    else:
        transaction.on_commit(lambda: lexicon.add_words_of(locked), robust=True)
    return len(written)


@translation.override("en")
def document(initiative: Initiative) -> SearchDocument:
    """What search reads of an initiative fetched by `with_lists()`.

    Titles of the working groups are left out: "overdose" stands in one, and would find all its 51 entries.
    """
    organizations = initiative.organizations_as("lead", "partner")
    return SearchDocument(
        initiative=initiative,
        code=initiative.code,
        title=initiative.title,
        # 2206A is found as 2206 too.
        names=_lines(
            [initiative.code, initiative.code[:4], initiative.sub_working_group.number],
            *(organization.names() for organization in organizations),
        ),
        terms=_lines(
            [term.name for term in initiative.terms.all()],
            [countries.name(code) for code in initiative.countries],
            [language_name(code) for code in initiative.languages],
        ),
        body=_lines([initiative.summary], (getattr(initiative, section) for section in Initiative.SECTIONS)),
        implied=_lines(*([*term.synonyms, *map(countries.name, term.countries)] for term in initiative.terms.all())),
        facets=facets.tags(initiative),
    )


def _lines(*groups: Iterable[str]) -> str:
    return "\n".join(text for group in groups for text in group if text)


def connect() -> None:
    """Renews rows when something they are made of is saved, linked or deleted."""
    for model in MADE_OF:
        post_save.connect(_saved, sender=model)
    post_delete.connect(_link_deleted, sender=InitiativeOrganization)
    pre_delete.connect(_remember, sender=Term)
    post_delete.connect(_forget, sender=Term)
    m2m_changed.connect(_terms_changed, sender=Initiative.terms.through)
    post_save.connect(_synonym_saved, sender=Synonym)


def _saved(sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        rebuild(Q(**{MADE_OF[sender]: instance.pk}))


def _synonym_saved(instance: Synonym, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        lexicon.write_keys([instance])


def _link_deleted(instance: InitiativeOrganization, origin: Any, **kwargs: Any) -> None:
    deleted = origin.model if isinstance(origin, QuerySet) else type(origin)
    # A row that is written while its initiative is being deleted would keep it from going.
    if deleted is not Initiative:
        rebuild(Q(pk=instance.initiative_id))


def _remember(instance: Any, **kwargs: Any) -> None:
    """Which initiatives had the term: afterwards nobody can tell."""
    instance.indexed = list(instance.initiatives.values_list("pk", flat=True))


def _forget(instance: Any, **kwargs: Any) -> None:
    rebuild(Q(pk__in=instance.indexed))


def _terms_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Comes during `loaddata` too, which does no harm but takes its time."""
    if action.startswith("post_"):
        rebuild(Q(pk__in=(pk_set or []) if reverse else [instance.pk]))
