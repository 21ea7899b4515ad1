"""What search knows of an initiative. Filled by `initiatives.search.index`, never edited."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from initiatives.models.initiatives import Initiative

# English with unaccent, made by the first migration.
CONFIGURATION = "coalition"


class Matchable(models.Func):
    """The vector, with the warning to PostgreSQL's planner that it lies outside its row.

    Without it a search for a common word reads the vectors of all entries, one by one, instead of the index: 20 times as long.
    """

    function = "initiatives_matchable"
    output_field = SearchVectorField()


class SearchDocument(models.Model):
    initiative = models.OneToOneField(Initiative, models.CASCADE, primary_key=True, related_name="search_document")
    title = models.TextField()
    names = models.TextField(help_text="Code, organizations and their other names")
    terms = models.TextField(help_text="Names of its vocabulary terms, countries that take part")
    body = models.TextField()
    implied = models.TextField(default="", help_text="Synonyms of its vocabulary terms, countries of its regions")
    facets = ArrayField(models.TextField(), default=list, help_text="What filters ask for, such as topic:nps")
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

    # The title once more, small enough to stand in the row.
    heading = models.GeneratedField(
        expression=SearchVector("title", config=CONFIGURATION), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        indexes = [GinIndex(Matchable("vector"), name="search_vector")]

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
