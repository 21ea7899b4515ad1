"""The search table alone answers which entries, in which order, and counts facets.

Made anew, so that what is read of many entries stands first in its rows.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models

import initiatives.models.search

KEEP = """
CREATE TEMPORARY TABLE search_before ON COMMIT DROP AS
SELECT i.id, i.code, d.title, d.names, d.terms, d.body, d.implied, array_to_tsvector(d.facets) AS facets
FROM initiatives_searchdocument AS d JOIN initiatives_initiative AS i ON i.id = d.initiative_id
"""
# A search of many entries reads all their rows, so these keep what it needs, and the rest goes elsewhere.
STORAGE = """
ALTER TABLE initiatives_searchdocument SET (toast_tuple_target = 128);
ALTER TABLE initiatives_searchdocument
    ALTER COLUMN facets SET STORAGE PLAIN, ALTER COLUMN title SET STORAGE MAIN, ALTER COLUMN vector SET STORAGE EXTERNAL;
"""
REFILL = """
INSERT INTO initiatives_searchdocument (initiative_id, code, facets, title, names, terms, body, implied)
SELECT id, code, facets, title, names, terms, body, implied FROM search_before
"""
# Still enough to keep PostgreSQL from reading vectors in turn, and too little to have it compile a search of 80,000 entries.
CHEAPER = "ALTER FUNCTION initiatives_matchable COST 300"


class Migration(migrations.Migration):
    dependencies = [
        ('initiatives', '0007_entries_by_group'),
    ]

    operations = [
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.DeleteModel(name='SearchDocument'),
        migrations.RunSQL(CHEAPER, "ALTER FUNCTION initiatives_matchable COST 1000"),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                (
                    'initiative',
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name='search_document',
                        serialize=False,
                        to='initiatives.initiative',
                    ),
                ),
                ('code', models.CharField(max_length=5)),
                ('facets', initiatives.models.search.TagsField(help_text='What filters ask for, such as topic:nps')),
                ('title', models.TextField()),
                ('names', models.TextField(help_text='Code, organizations and their other names')),
                ('terms', models.TextField(help_text='Names of its vocabulary terms, countries that take part')),
                ('body', models.TextField()),
                (
                    'implied',
                    models.TextField(default='', help_text='Synonyms of its vocabulary terms, countries of its regions'),
                ),
                (
                    'vector',
                    models.GeneratedField(
                        db_persist=True,
                        expression=SearchVector('title', weight='A', config='coalition')
                        + SearchVector('names', weight='A', config='coalition')
                        + SearchVector('names', weight='A', config='simple')
                        + SearchVector('terms', weight='B', config='coalition')
                        + SearchVector('body', weight='C', config='coalition')
                        + SearchVector('implied', weight='D', config='coalition'),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(REFILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='searchdocument',
            index=django.contrib.postgres.indexes.GinIndex(initiatives.models.search.Matchable('vector'), name='search_vector'),
        ),
        migrations.AddIndex(
            model_name='searchdocument',
            index=django.contrib.postgres.indexes.GinIndex(SearchVector('title', config='coalition'), name='search_heading'),
        ),
        migrations.AddIndex(
            model_name='searchdocument',
            index=django.contrib.postgres.indexes.GinIndex(fields=['facets'], name='search_facets'),
        ),
    ]
