"""What filters ask for stands in the search table, and apart from what an entry says what its terms imply. Its rows become narrow."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import initiatives.models.search
from django.db import migrations, models

# In plpgsql, because PostgreSQL puts a function in SQL into the query and forgets its cost.
MATCHABLE = """
CREATE FUNCTION initiatives_matchable(vector tsvector) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'BEGIN RETURN vector; END'
"""
# As `initiatives.facets.tags` writes them.
FILL = """
UPDATE initiatives_searchdocument AS d SET facets = ARRAY(
    SELECT t.facet || ':' || t.slug FROM initiatives_initiative_terms AS x JOIN initiatives_term AS t ON t.id = x.term_id
    WHERE x.initiative_id = i.id
    UNION ALL SELECT 'organization:' || o.slug FROM initiatives_initiativeorganization AS x
    JOIN initiatives_organization AS o ON o.id = x.organization_id
    WHERE x.initiative_id = i.id AND x.role IN ('lead', 'partner')
    UNION ALL SELECT 'sub_working_group:' || s.number
    UNION ALL SELECT 'working_group:' || w.number
    UNION ALL SELECT 'language:' || unnest(i.languages)
    UNION ALL SELECT 'stage:' || i.stage
)
FROM initiatives_initiative AS i
JOIN initiatives_subworkinggroup AS s ON s.id = i.sub_working_group_id
JOIN initiatives_workinggroup AS w ON w.id = s.working_group_id
WHERE i.id = d.initiative_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ('initiatives', '0004_synonyms'),
    ]

    operations = [
        migrations.AddField(
            model_name='searchdocument',
            name='facets',
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, help_text='What filters ask for, such as topic:nps', size=None
            ),
        ),
        # PostgreSQL cannot change what a generated column is made of.
        migrations.RemoveIndex(model_name='searchdocument', name='search_vector'),
        migrations.RemoveField(model_name='searchdocument', name='vector'),
        migrations.RenameField(model_name='searchdocument', old_name='places', new_name='implied'),
        migrations.AlterField(
            model_name='searchdocument',
            name='implied',
            field=models.TextField(default='', help_text='Synonyms of its vocabulary terms, countries of its regions'),
        ),
        migrations.AlterField(
            model_name='searchdocument',
            name='terms',
            field=models.TextField(help_text='Names of its vocabulary terms, countries that take part'),
        ),
        migrations.AddField(
            model_name='searchdocument',
            name='vector',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='coalition', weight='A'), '||', django.contrib.postgres.search.SearchVector('names', config='coalition', weight='A'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('names', config='simple', weight='A'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('terms', config='coalition', weight='B'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('body', config='coalition', weight='C'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('implied', config='coalition', weight='D'), django.contrib.postgres.search.SearchConfig('coalition')), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddField(
            model_name='searchdocument',
            name='heading',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.SearchVector('title', config='coalition'), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.RunSQL(MATCHABLE, "DROP FUNCTION initiatives_matchable"),
        migrations.AddIndex(
            model_name='searchdocument',
            index=django.contrib.postgres.indexes.GinIndex(initiatives.models.search.Matchable('vector'), name='search_vector'),
        ),
        # A search of many entries reads all their rows, so these keep what it needs, and the rest goes elsewhere: MAIN stays.
        migrations.RunSQL(
            """
            ALTER TABLE initiatives_searchdocument SET (toast_tuple_target = 128);
            ALTER TABLE initiatives_searchdocument ALTER COLUMN vector SET STORAGE EXTERNAL;
            ALTER TABLE initiatives_searchdocument ALTER COLUMN heading SET STORAGE MAIN;
            ALTER TABLE initiatives_searchdocument ALTER COLUMN facets SET STORAGE MAIN;
            """,
            "ALTER TABLE initiatives_searchdocument RESET (toast_tuple_target)",
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='initiative',
            index=models.Index(fields=['state'], include=['id'], name='initiative_state'),
        ),
    ]
