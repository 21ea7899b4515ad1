from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0008_search_table_alone")]

    operations = [
        migrations.AddField(
            model_name="synonym",
            name="is_place",
            field=models.BooleanField(
                default=False,
                help_text="Tick for names of countries and regions: what people look for counts more than where.",
                verbose_name="place",
            ),
        ),
    ]
