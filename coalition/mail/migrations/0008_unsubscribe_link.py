from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0007_about_and_no_trace")]

    operations = [
        migrations.AddField(
            model_name="outgoingemail",
            name="unsubscribe_link",
            field=models.CharField(
                blank=True,
                help_text="What the reader's mail program may POST to (RFC 8058). Empty for a mail that nobody subscribed to.",
                max_length=300,
                verbose_name="link that unsubscribes",
            ),
        ),
    ]
