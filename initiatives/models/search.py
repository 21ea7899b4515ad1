"""What search knows of an initiative. Filled by `initiatives.search.index`, never edited."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from initiatives.models.initiatives import Initiative

# English with unaccent, made by the first migration.
CONFIGURATION = "coalition"


class SearchDocument(models.Model):
    initiative = models.OneToOneField(Initiative, models.CASCADE, primary_key=True, related_name="search_document")
    title = models.TextField()
    names = models.TextField(help_text="Code, organizations and their other names")
    terms = models.TextField(help_text="Names and synonyms of its vocabulary terms")
    body = models.TextField()
    vector = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=CONFIGURATION)
        + SearchVector("names", weight="A", config=CONFIGURATION)
        + SearchVector("terms", weight="B", config=CONFIGURATION)
        + SearchVector("body", weight="C", config=CONFIGURATION),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="search_vector")]

    def __str__(self) -> str:
        return self.title
