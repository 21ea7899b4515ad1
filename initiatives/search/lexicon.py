"""Keeps what search knows of words: by which keys a synonym is found, and the words that its spelling help proposes."""

from collections.abc import Iterable

from django.db import connection

from initiatives.models import SearchDocument, SearchWord, Synonym, SynonymKey
from initiatives.search import spelling
from initiatives.search.parser import words_of
from initiatives.search.stems import fold, key, stems

BATCH = 1000
# `simple` keeps words as they are written; addresses and numbers are no words to propose.
COUNT_WORDS = """
    INSERT INTO initiatives_searchword (word, entries)
    SELECT word, ndoc FROM ts_stat(%s)
    WHERE length(word) BETWEEN %s AND %s AND word !~ '[0-9@./:_-]' ORDER BY word
    ON CONFLICT (word) DO NOTHING
"""
WORDS_OF_DOCUMENTS = """
    SELECT to_tsvector('simple', unaccent(title || ' ' || names || ' ' || terms || ' ' || body || ' ' || implied))
    FROM initiatives_searchdocument
"""


def write_keys(synonyms: Iterable[Synonym]) -> None:
    """Replaces the keys of these rows."""
    rows = list(synonyms)
    stems_of = stems({word for row in rows for text in row.words() for word in words_of(text)})
    SynonymKey.objects.filter(synonym__in=rows).delete()
    SynonymKey.objects.bulk_create(
        [
            SynonymKey(synonym=row, key=found)
            for row in rows
            for found in {key(row.language, words_of(text), stems_of) for text in row.words()}
        ],
        batch_size=BATCH,
    )
    write_words(fold(word) for row in rows for text in row.words() for word in words_of(text))


def write_words(words: Iterable[str]) -> None:
    """Adds words that nobody has seen yet."""
    new = sorted({word for word in words if spelling.SHORTEST <= len(word) <= spelling.LONGEST and word.isalpha()})
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in new], ignore_conflicts=True, batch_size=BATCH)


def add_words_of(initiatives: Iterable[int]) -> None:
    """Adds the words of these entries.

    For the time after the commit: two editors whose transactions bring the same new words would otherwise wait for each other.
    """
    documents = SearchDocument.objects.filter(pk__in=list(initiatives))
    texts = documents.values_list("title", "names", "terms", "body", "implied")
    write_words(fold(word) for row in texts for text in row for word in words_of(text))


def rebuild() -> None:
    """Writes all keys and all words anew."""
    SearchWord.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(COUNT_WORDS, [WORDS_OF_DOCUMENTS, spelling.SHORTEST, spelling.LONGEST])
    write_keys(Synonym.objects.all())
