"""Synonyms for search, the words for its spelling help, and a search table that knows countries and names like WHO."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import initiatives.models.synonyms
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('initiatives', '0003_curated_groups_and_organizations'),
    ]

    operations = [
        migrations.AddField(
            model_name='searchdocument',
            name='places',
            field=models.TextField(default='', help_text='Countries of its regions'),
        ),
        migrations.AlterField(
            model_name='searchdocument',
            name='terms',
            field=models.TextField(help_text='Names and synonyms of its vocabulary terms, countries that take part'),
        ),
        # PostgreSQL cannot change what a generated column is made of.
        migrations.RemoveIndex(model_name='searchdocument', name='search_vector'),
        migrations.RemoveField(model_name='searchdocument', name='vector'),
        migrations.AddField(
            model_name='searchdocument',
            name='vector',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='coalition', weight='A'), '||', django.contrib.postgres.search.SearchVector('names', config='coalition', weight='A'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('names', config='simple', weight='A'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('terms', config='coalition', weight='B'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('body', config='coalition', weight='C'), django.contrib.postgres.search.SearchConfig('coalition')), '||', django.contrib.postgres.search.SearchVector('places', config='coalition', weight='D'), django.contrib.postgres.search.SearchConfig('coalition')), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        # Kept in the row: every count and rank reads it, and fetching it from elsewhere takes five times as long.
        migrations.RunSQL(
            'ALTER TABLE initiatives_searchdocument ALTER COLUMN vector SET STORAGE MAIN', migrations.RunSQL.noop
        ),
        migrations.AddIndex(
            model_name='searchdocument',
            index=django.contrib.postgres.indexes.GinIndex(fields=['vector'], name='search_vector'),
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('entries', models.PositiveIntegerField(default=0, help_text='In how many initiatives it stood when this was counted')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['word'], name='search_word_letters', opclasses=['gin_trgm_ops'])],
            },
        ),
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'French'), ('es', 'Spanish'), ('ar', 'Arabic'), ('ru', 'Russian'), ('pt', 'Portuguese'), ('zh', 'Chinese')], default='en', help_text='Of the words that people type. Search then knows them in the singular and the plural too.', max_length=2, verbose_name='language')),
                ('word', models.CharField(help_text='A word, an abbreviation or several words, as people type them.', max_length=100, validators=[initiatives.models.synonyms.validate_word], verbose_name='word')),
                ('others', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100, validators=[initiatives.models.synonyms.validate_word]), blank=True, default=list, help_text='One on each line.', size=None, verbose_name='others with the same meaning')),
                ('finds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100, validators=[initiatives.models.synonyms.validate_word]), blank=True, default=list, help_text='What to look for in the English texts, one on each line; entries with the first come before the rest. It may be empty for English words: then each of them also finds the others.', size=None, verbose_name='finds')),
                ('is_filler', models.BooleanField(default=False, help_text='Tick for words such as “how to get”: search leaves them out when there are other words.', verbose_name='says nothing')),
            ],
            options={
                'verbose_name': 'synonym for search',
                'verbose_name_plural': 'synonyms for search',
                'ordering': ['language', 'word'],
                'constraints': [models.UniqueConstraint(fields=('language', 'word'), name='synonym_once_per_language', violation_error_message='This language has a row for this word already. Add the other words there.'), models.CheckConstraint(condition=models.Q(('is_filler', False), ('finds', []), _connector='OR'), name='filler_finds_nothing', violation_error_message='Words that say nothing find nothing. Empty “finds”, or untick “says nothing”.')],
            },
        ),
        migrations.CreateModel(
            name='SynonymKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(db_index=True, max_length=800)),
                ('synonym', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='initiatives.synonym')),
            ],
        ),
    ]
