"""By what visitors narrow the catalogue. The same facets serve the catalogue page and the API (design §6).

Values of one facet mean OR, facets combine with AND. The count beside a value is the number of entries that one gets by choosing
it, together with the other facets and with what is chosen in its own, so counts always equal results.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.models import (
    DELIVERY_LANGUAGES,
    Initiative,
    InitiativeOrganization,
    Organization,
    SearchDocumentQuerySet,
    SubWorkingGroup,
    Term,
)
from initiatives.models.search import SEPARATOR, one_of, tag

Choice = tuple[str, str]
# How many entries have each value, by facet and value.
Counts = dict[str, dict[str, int]]
CARRYING_OUT = [InitiativeOrganization.Role.LEAD, InitiativeOrganization.Role.PARTNER]
# Of a part its number, each tag, and how many of its entries have this. The second parameter is SQL that reads their tags.
COUNT = "SELECT %s, word, ndoc FROM ts_stat(%s)"
# A look into the index for each: to go through the entries takes five times as long.
WITH_ENTRIES = """
    SELECT slug FROM initiatives_organization WHERE slug = ANY(%s) AND EXISTS (
        SELECT FROM initiatives_searchdocument AS d JOIN initiatives_initiative AS i ON i.id = d.initiative_id
        WHERE d.facets @@ quote_literal('organization:' || slug)::tsquery AND i.state = 'published'
    )
"""


@dataclass(frozen=True)
class Facet:
    name: str
    label: str | Promise
    # What its values are, for the documentation of the API.
    values: str
    # The values of an entry fetched by `with_lists()`.
    of: Callable[[Initiative], Iterable[str]]

    def having(self, values: Iterable[str]) -> str:
        """The condition to have one of the values."""
        return one_of(*(tag(self.name, value) for value in values))


def _of_terms(facet: str, label: str | Promise, values: str) -> Facet:
    return Facet(facet, label, values, lambda entry: [term.slug for term in entry.terms_of(facet)])


# In the order of the catalogue page.
FACETS = [
    _of_terms(Term.Facet.SUPPORT.value, _("Kind of support"), "Kinds of support, by slug"),
    _of_terms(Term.Facet.AUDIENCE.value, _("Who it is for"), "Whom it is for, by slug"),
    _of_terms(Term.Facet.TOPIC.value, _("Topic"), "Topics, by slug"),
    _of_terms(Term.Facet.REGION.value, _("Region"), "Regions, by slug"),
    Facet(
        "working_group",
        _("Working group"),
        "Number: 1, 2 or 3",
        lambda entry: [str(entry.sub_working_group.working_group.number)],
    ),
    Facet("sub_working_group", _("Sub-working group"), "Number, such as 1.1", lambda entry: [entry.sub_working_group.number]),
    Facet(
        "organization",
        _("Organization"),
        "Slug of an organization that leads it or is a partner in it",
        lambda entry: [organization.slug for organization in entry.organizations_as(*CARRYING_OUT)],
    ),
    Facet("language", _("Language of delivery"), "ISO 639-1", lambda entry: entry.languages),
    Facet("stage", _("Stage"), "proposed, ongoing, completed or not_stated", lambda entry: [entry.stage]),
]
BY_NAME = {facet.name: facet for facet in FACETS}


def tags(initiative: Initiative) -> list[str]:
    """All that narrowing and counting ask of an entry fetched by `with_lists()`; kept in the search table."""
    where = [tag("scope", initiative.scope), *(tag("country", code) for code in initiative.countries)]
    return [tag(facet.name, value) for facet in FACETS for value in facet.of(initiative)] + where


def organizations() -> QuerySet[Organization]:
    """In the order of their facet."""
    return Organization.objects.order_by("acronym", "name")


def choices(organizations: Iterable[Organization]) -> dict[str, list[Choice]]:
    """For each facet its values and their names, in the order of the list. Two queries."""
    found: dict[str, list[Choice]] = defaultdict(list)
    for group in SubWorkingGroup.objects.select_related("working_group"):
        choice = (str(group.working_group.number), group.working_group.label)
        if choice not in found["working_group"]:
            found["working_group"].append(choice)
        found["sub_working_group"].append((group.number, str(group)))
    for term in Term.objects.all():
        found[term.facet].append((term.slug, term.label))
    found["organization"] = [(organization.slug, organization.short) for organization in organizations]
    found["stage"] = [(value, str(label)) for value, label in Initiative.Stage.choices]
    found["language"] = [(code, str(name)) for code, name in DELIVERY_LANGUAGES]
    return found


def with_entries(organizations: Collection[str]) -> set[str]:
    """Of these slugs the organizations that lead a published entry or are a partner in one; others are only mentioned."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_ENTRIES, [list(organizations)])
        return {slug for (slug,) in cursor}


def counts(*parts: SearchDocumentQuerySet) -> list[Counts]:
    """For each of these sets of entries how many have each value. One query, none for no parts."""
    found: list[Counts] = [defaultdict(dict) for _part in parts]
    if not parts:
        return found
    with connection.cursor() as cursor:
        parameters = [value for number, part in enumerate(parts) for value in (number, _tags_of(part))]
        cursor.execute(" UNION ALL ".join([COUNT] * len(parts)), parameters)
        for number, tag, entries in cursor:
            name, value = tag.split(SEPARATOR, 1)
            found[number][name][value] = entries
    return found


def _tags_of(documents: SearchDocumentQuerySet) -> str:
    sql, parameters = documents.order_by().values("facets").query.sql_with_params()
    return str(connection.ops.compose_sql(sql, parameters))  # type: ignore[attr-defined] # of PostgreSQL alone
