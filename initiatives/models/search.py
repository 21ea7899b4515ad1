"""What search knows of initiatives and of words. Filled by `initiatives.search.index` and `lexicon`, never edited."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQueryCombinable, SearchVector, SearchVectorField
from django.db import models

from initiatives.models.entries import PublicationState
from initiatives.models.initiatives import Initiative, InitiativeOrganization
from initiatives.models.vocabulary import Term

# English with unaccent, made by the first migration.
CONFIGURATION = "coalition"
# Between the name and the value of a tag.
SEPARATOR = ":"
# The words of the title alone. Only their index is kept.
HEADING = SearchVector("title", config=CONFIGURATION)
LEXEME = re.compile(r"'((?:[^']|'')*)'")


def tag(name: str, value: str) -> str:
    """A value as it stands in the search table: `topic:nps`."""
    return f"{name}{SEPARATOR}{value}"


class TagsField(SearchVectorField):
    """A set of short texts such as `topic:nps`. PostgreSQL counts the words of text vectors twice as fast as items of arrays."""

    def get_prep_value(self, value: Iterable[str]) -> str:
        return " ".join(map(_quoted, value))

    def from_db_value(self, value: str, *args: object) -> list[str]:
        return [tag.replace("''", "'") for tag in LEXEME.findall(value)]


@TagsField.register_lookup
class Fits(models.Lookup):
    """`facets__fits=one_of("topic:nps", "topic:opioids")`; conditions may be joined by & and | and begin with !

    In one condition PostgreSQL asks its index for the whole, in several it may look into every row.
    """

    lookup_name = "fits"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*parameters, self.rhs]


def one_of(*tags: str) -> str:
    """The condition to have at least one of these."""
    return f"({' | '.join(map(_quoted, tags))})"


def open_to(*countries: str, regions: Iterable[Term] | None = None) -> str:
    """The condition that one of these countries (ISO 3166-1 alpha-2) or its region is listed, or the scope is global.

    A national entry is open to the countries it lists, not to their neighbors. One query, none if their regions are given.
    """
    listed = one_of(tag("scope", Initiative.Scope.GLOBAL), *(tag("country", code) for code in countries))
    own = Term.objects.regions_of(*countries) if regions is None else regions
    of_region = [tag(Term.Facet.REGION, region.slug) for region in own]
    national = one_of(tag("scope", Initiative.Scope.NATIONAL))
    return f"({listed} | {one_of(*of_region)} & !{national})" if of_region else listed


def _quoted(tag: str) -> str:
    return "'" + tag.replace("\\", "\\\\").replace("'", "''") + "'"


class Matchable(models.Func):
    """The vector, with the warning to PostgreSQL's planner that it lies outside its row.

    Without it a search for a common word reads the vectors of all entries, one by one, instead of the index: 20 times as long.
    """

    function = "initiatives_matchable"
    output_field = SearchVectorField()


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def published(self) -> "SearchDocumentQuerySet":
        """Without what the public may not see. Those are few: to look up each row's own state takes three times as long."""
        hidden = Initiative.objects.filter(state__in=set(PublicationState) - {PublicationState.PUBLISHED})
        return self.exclude(pk__in=hidden.values("pk"))

    def matching(self, query: SearchQueryCombinable) -> "SearchDocumentQuerySet":
        return self.alias(matchable=Matchable("vector")).filter(matchable=query)

    def entitled(self, query: SearchQueryCombinable) -> "SearchDocumentQuerySet":
        """Those whose title alone matches."""
        return self.alias(heading=HEADING).filter(heading=query)

    def with_entries(self) -> "SearchDocumentQuerySet":
        """Fetches in three queries the entries with their lists, as `Initiative.objects.with_lists()` does."""
        links = InitiativeOrganization.objects.select_related("organization")
        return (
            self.only("initiative")
            .select_related("initiative__sub_working_group__working_group", "initiative__superseded_by")
            .prefetch_related(models.Prefetch("initiative__organization_links", links), "initiative__terms")
        )

    def with_lines(self) -> "SearchDocumentQuerySet":
        """Fetches of the entries what a list of many shows."""
        return self.select_related("initiative").only(
            "initiative__code", "initiative__title", "initiative__countries", "initiative__scope"
        )


class SearchDocument(models.Model):
    """One row for each initiative: all that finding and counting ask for stands in it."""

    # What is read of many entries comes first.
    initiative = models.OneToOneField(Initiative, models.CASCADE, primary_key=True, related_name="search_document")
    code = models.CharField(max_length=5)
    facets = TagsField(help_text="What filters ask for, such as topic:nps")
    title = models.TextField()
    names = models.TextField(help_text="Code, organizations and their other names")
    terms = models.TextField(help_text="Names of its vocabulary terms, countries that take part")
    body = models.TextField()
    implied = models.TextField(default="", help_text="Synonyms of its vocabulary terms, countries of its regions")
    vector = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=CONFIGURATION)
        + SearchVector("names", weight="A", config=CONFIGURATION)
        # Once more as they are written: to English, WHO is a word that says nothing.
        + SearchVector("names", weight="A", config="simple")
        + SearchVector("terms", weight="B", config=CONFIGURATION)
        + SearchVector("body", weight="C", config=CONFIGURATION)
        + SearchVector("implied", weight="D", config=CONFIGURATION),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["code"], name="search_code"),
            GinIndex(Matchable("vector"), name="search_vector"),
            GinIndex(HEADING, name="search_heading"),
            GinIndex(fields=["facets"], name="search_facets"),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word of the catalogue or of its synonyms, in small letters without accents: what a misspelled word may have meant."""

    word = models.CharField(max_length=40, primary_key=True)
    entries = models.PositiveIntegerField(default=0, help_text="In how many initiatives it stood when this was counted")

    class Meta:
        indexes = [GinIndex(fields=["word"], name="search_word_letters", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.word
