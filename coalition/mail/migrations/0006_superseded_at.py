from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0005_heartbeat")]

    operations = [
        migrations.AddField(
            model_name="outgoingemail",
            name="superseded_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Since when nobody should get it any more: somebody else is asked, or its reader did what it asks for.",
                null=True,
                verbose_name="out of date since",
            ),
        ),
    ]
