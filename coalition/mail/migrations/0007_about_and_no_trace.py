from django.db import migrations, models
from django.db.models import F, Func, Value

# Several programs end a mail (sent, refused, given up, parked, canceled), and a provider tells of it later: the database empties it.
FORGET_READER = """
CREATE FUNCTION mail_forget_reader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.recipient = '';
    NEW.reply_to = '';
    NEW.text = '';
    NEW.html = '';
    NEW.frozen = NULL;
    NEW.last_text = '';
    NEW.returned_text = '';
    RETURN NEW;
END $$;
CREATE TRIGGER mail_outgoingemail_trace BEFORE INSERT OR UPDATE ON mail_outgoingemail FOR EACH ROW
    WHEN (NEW.leaves_no_trace AND NEW.state NOT IN ('queued', 'sending', 'retry', 'held')) EXECUTE FUNCTION mail_forget_reader();
"""
KEEP_READER = """
DROP TRIGGER mail_outgoingemail_trace ON mail_outgoingemail;
DROP FUNCTION mail_forget_reader();
"""


class Migration(migrations.Migration):
    dependencies = [("mail", "0006_superseded_at")]

    operations = [
        migrations.AddField(
            model_name="outgoingemail",
            name="leaves_no_trace",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="The last mail to somebody whose details are erased. The database empties it as soon as it is sent or given up.",
                verbose_name="forgets its reader",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingemail",
            index=models.Index(
                Func(F("key"), Value(":"), Value(2), function="split_part", output_field=models.CharField()), name="email_about"
            ),
        ),
        migrations.RunSQL(FORGET_READER, KEEP_READER),
    ]
