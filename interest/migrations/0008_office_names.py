from django.db import migrations, models

# As the offices are called today: how they were called before, nobody wrote down. A reply of a focal point went to whom was asked.
FILL = """
SET LOCAL interest.purging = 'on';
CREATE TEMPORARY TABLE interest_office ON COMMIT DROP AS
SELECT contact.id, organization.name
    || CASE organization.acronym WHEN '' THEN '' ELSE ' (' || organization.acronym || ')' END
    || CASE contact.section WHEN '' THEN '' ELSE ', ' || contact.section END AS name
FROM initiatives_pointofcontact AS contact JOIN initiatives_organization AS organization ON organization.id = contact.organization_id;
UPDATE interest_inquiry AS inquiry SET office_name = office.name
FROM interest_office AS office, interest_referral AS referral, interest_expressionofinterest AS expression
WHERE office.id = inquiry.contact_id AND referral.id = inquiry.referral_id
    AND expression.id = referral.expression_id AND expression.erased_at IS NULL;
UPDATE interest_answer AS answer SET office_name = office.name
FROM interest_office AS office, interest_referral AS referral, interest_expressionofinterest AS expression
WHERE office.id = CASE answer.kind WHEN 'reply' THEN referral.contact_id ELSE answer.contact_id END
    AND referral.id = answer.referral_id AND expression.id = referral.expression_id AND expression.erased_at IS NULL;
SET LOCAL interest.purging = 'off';
"""


class Migration(migrations.Migration):
    dependencies = [("interest", "0007_leaked_links"), ("initiatives", "0002_catalogue")]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="office_name",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Which office was asked, as it was called then. Empty for the Coalition's own mailbox.",
                max_length=600,
                verbose_name="office",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="office_name",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text=(
                    "For which office it speaks, or to which one it replies: as it was called then. Empty for the Coalition."
                ),
                max_length=600,
                verbose_name="office",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
