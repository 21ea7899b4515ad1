from django.db import migrations, models

# As `initiatives.facets.tags` writes them.
FILL = """
UPDATE initiatives_searchdocument AS d
SET facets = d.facets || array_to_tsvector(
    ARRAY['scope:' || i.scope] || ARRAY(SELECT 'country:' || code FROM unnest(i.countries) AS code)
)
FROM initiatives_initiative AS i WHERE i.id = d.initiative_id
"""


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0009_synonyms_that_are_places")]

    operations = [
        migrations.AddIndex(
            model_name="searchdocument",
            index=models.Index(fields=["code"], name="search_code"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
