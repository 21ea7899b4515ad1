"""The one list of personal data: each column that may hold something about a person, why it is kept, and for how long.

Tests hold it against every model of the project, against what the purge really deletes, and against docs/privacy.md, which
`manage.py forget --list` prints anew. A column that stands in neither list fails a test until somebody decides what it is.
"""

from enum import Enum
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.db.models import Field


class Life(Enum):
    """Until when. The purge acts on those with a setting; all other ends are acts of staff."""

    REGISTRATION = "KEEP_REGISTRATION_DAYS", "after the last action on the registration; at once when the person asks for it"
    MAIL = "KEEP_MAIL_DAYS", "after the mail was sent or given up; at once when the person asks for it"
    LOG = "KEEP_REGISTRATION_DAYS", "after the entry"
    AUDIT = "KEEP_AUDIT_DAYS", "after the entry"
    DAY = "", "one day"
    SESSION = "", "twelve hours after signing in"
    STAFF = "", "as long as the account; staff delete it"
    SUBSCRIPTION = "", "until the last subscription is stopped, which anybody can do in each mail; at once then"
    CONTACT = "", "as long as the contact; staff correct or delete it"
    PUBLISHED = "", "as long as the entry; staff correct or delete it"

    def __init__(self, setting: str, words: str) -> None:
        self.setting = setting
        self.ends = words

    @property
    def days(self) -> int | None:
        """None if only staff end it, or something that is no setting."""
        return int(getattr(settings, self.setting)) if self.setting else None


class Column(NamedTuple):
    what: str
    purpose: str
    life: Life


FOCAL_POINT = "so that organizations know who asks and can answer"
RECORD = "so that both sides can read what was said"
DELIVERY = "to send it, and to tell what became of it"
ACCOUNT = "to let staff sign in, and to tell who did what"
WRITE = "to pass requests on to whoever is responsible; never shown outside the staff area"
CHECK = "to see who changed what"

# The form of somebody who never confirmed the address ends after KEEP_UNVERIFIED_DAYS, with all that belongs to it.
PERSONAL = {
    "interest.ExpressionOfInterest": {
        "name": Column("the focal point’s name", FOCAL_POINT, Life.REGISTRATION),
        "job_title": Column("their job title", FOCAL_POINT, Life.REGISTRATION),
        "institution": Column("their institution", FOCAL_POINT, Life.REGISTRATION),
        "email": Column("their e-mail address", "to confirm it, and to write to them", Life.REGISTRATION),
        "phone": Column("their phone, if they gave one", FOCAL_POINT, Life.REGISTRATION),
        "message": Column("what they wrote", FOCAL_POINT, Life.REGISTRATION),
    },
    "interest.Referral": {
        "address_key": Column(
            "the focal point’s address in one spelling", "to hold one request from one address", Life.REGISTRATION
        ),
        "contact": Column("whom we asked", WRITE, Life.CONTACT),
    },
    "interest.Inquiry": {
        "office_name": Column("the section that was asked, as it was called then", RECORD, Life.REGISTRATION),
        "address_key": Column("the asked address in one spelling", "to know what an answer link may answer", Life.REGISTRATION),
        "contact": Column("whom we asked", WRITE, Life.CONTACT),
    },
    "interest.Answer": {
        "contact": Column("for whom it speaks", RECORD, Life.CONTACT),
        "office_name": Column("their section, as it was called then", RECORD, Life.REGISTRATION),
        "period": Column("when it is scheduled, in free words", RECORD, Life.REGISTRATION),
        "text": Column("what somebody wrote", RECORD, Life.REGISTRATION),
        "proposed_name": Column("who should be asked instead", WRITE, Life.REGISTRATION),
        "proposed_email": Column("their address", WRITE, Life.REGISTRATION),
        "direct_name": Column("a contact’s name, told with their consent", RECORD, Life.REGISTRATION),
        "direct_email": Column("their address, told with their consent", RECORD, Life.REGISTRATION),
    },
    "interest.Note": {
        "author": Column("who of the staff wrote it", CHECK, Life.REGISTRATION),
        "text": Column("what staff note about a request", "to hand work over among staff", Life.REGISTRATION),
    },
    "interest.Event": {
        "by": Column("whose link or account was used; what is no user name ends with the registration", CHECK, Life.AUDIT),
        "why": Column("a reason in staff’s words, names of corrected fields", CHECK, Life.REGISTRATION),
    },
    "interest.Use": {
        "key": Column("keyed hash of a network, address or user name", "to limit abuse", Life.DAY),
    },
    "interest.Subscriber": {
        "email": Column("a subscriber’s e-mail address", "to mail what changed", Life.SUBSCRIPTION),
        "address_key": Column("the same in one spelling", "to hold one subscriber for one address", Life.SUBSCRIPTION),
    },
    "interest.Subscription": {
        "query": Column("what they follow, perhaps words they searched for", "to find what changed in it", Life.SUBSCRIPTION),
    },
    "mail.OutgoingEmail": {
        "key": Column("what it reports, with a hash of the asked address", "to mail the same thing only once", Life.REGISTRATION),
        "recipient": Column("to whom it goes", "to send it, to withdraw and answer by it", Life.REGISTRATION),
        "reply_to": Column("to whom replies go", DELIVERY, Life.REGISTRATION),
        "text": Column("the mail’s text", DELIVERY, Life.MAIL),
        "html": Column("the same as HTML", DELIVERY, Life.MAIL),
        "unsubscribe_link": Column("a link that stops a subscriber’s mails", DELIVERY, Life.MAIL),
        "frozen": Column("the bytes that were sent", DELIVERY, Life.MAIL),
        "last_text": Column("what the mail server said, often with the address", DELIVERY, Life.MAIL),
        "returned_text": Column("why it came back, often with the address", DELIVERY, Life.MAIL),
    },
    "initiatives.PointOfContact": {
        "name": Column("a contact’s name", WRITE, Life.CONTACT),
        "title": Column("their job title", WRITE, Life.CONTACT),
        "section": Column("their section, which the public sees", "so that readers know which office answers", Life.CONTACT),
        "email": Column("their address", WRITE, Life.CONTACT),
        "phone": Column("their phone", WRITE, Life.CONTACT),
    },
    "trainings.Session": {
        "facilitators": Column("names, as the public source has them", "to tell who taught what", Life.PUBLISHED),
    },
    "trainings.Training": {
        "story": Column("a public story that may name people", "to tell what was done", Life.PUBLISHED),
    },
    "auth.User": {
        "username": Column("a staff member’s user name", ACCOUNT, Life.STAFF),
        "password": Column("hash of their password", ACCOUNT, Life.STAFF),
        "first_name": Column("their first name, if given", ACCOUNT, Life.STAFF),
        "last_name": Column("their last name, if given", ACCOUNT, Life.STAFF),
        "email": Column("their address, if given", ACCOUNT, Life.STAFF),
        "last_login": Column("when they last signed in", ACCOUNT, Life.STAFF),
    },
    "admin.LogEntry": {
        "user": Column("who of the staff changed something", CHECK, Life.AUDIT),
        "object_repr": Column("the name of what was changed, which may be a person’s", CHECK, Life.LOG),
        "change_message": Column("which fields and rows were changed", CHECK, Life.LOG),
    },
    "sessions.Session": {
        "session_key": Column("a staff member’s session", ACCOUNT, Life.SESSION),
        "session_data": Column("whose it is, signed", ACCOUNT, Life.SESSION),
    },
}

NOT_PERSONAL = {
    "admin.LogEntry": "id action_time content_type object_id action_flag",
    "auth.Group": "id name",
    "auth.Group_permissions": "id group permission",
    "auth.Permission": "id name content_type codename",
    "auth.User": "id is_superuser is_staff is_active date_joined",
    "auth.User_groups": "id user group",
    "auth.User_user_permissions": "id user permission",
    "contenttypes.ContentType": "id app_label model",
    "sessions.Session": "expire_date",
    # The subject is ours: a reference, a country, a number.
    "mail.OutgoingEmail": (
        "id kind subject language message_id again_of state state_since attempts claims next_attempt_at lease_until "
        "failing_since last_stage last_code created_at accepted_at delivered_at returned_at complained_at paused_all_at "
        "superseded_at leaves_no_trace"
    ),
    "mail.Heartbeat": "id beat_at",
    "mail.Pause": "id since next_probe_at code text",
    "initiatives.WorkingGroup": "id number title",
    "initiatives.SubWorkingGroup": "id curated_fields working_group number title",
    "initiatives.Organization": "id slug name acronym aliases kind website is_participating default_contact curated_fields",
    "initiatives.PointOfContact": "id organization is_active confirmed_on is_demonstration",
    "initiatives.Term": "id facet slug name synonyms countries position",
    "initiatives.Initiative": (
        "id state created_at updated_at code title summary description background prerequisites accomplishments activities "
        "global_outcomes national_outcomes state_participation sub_working_group stage scope languages countries superseded_by "
        "source_url source_date reviewed_on curated_fields"
    ),
    "initiatives.Snapshot": "code title content is_published first_at",
    "initiatives.Change": "id entry field old new at",
    "initiatives.Initiative_terms": "id initiative term",
    "initiatives.InitiativeContact": "id initiative contact position",
    "initiatives.InitiativeOrganization": "id initiative organization role basis words position",
    "initiatives.SearchDocument": "initiative code title names terms body vector implied facets",
    "initiatives.SearchWord": "word entries",
    "initiatives.Synonym": "id language word others finds is_filler is_place",
    "initiatives.SynonymKey": "id synonym key",
    "trainings.Training": (
        "id state created_at updated_at title slug kind mode starts_on ends_on date_precision city country languages "
        "participants indicators source_url source_title source_date"
    ),
    "trainings.Training_audience": "id training term",
    "trainings.Training_follow_up_of": "id from_training to_training",
    "trainings.Training_topics": "id training term",
    "trainings.TrainingInitiative": "id training initiative basis words",
    "trainings.TrainingOrganization": "id training organization name role position",
    "trainings.Session": "id training position title description",
    # Without the columns above, a request is a country, its initiatives, dates and what became of them: what statistics count.
    "interest.Answer": "id referral submission author kind created_at",
    "interest.Event": "id reference codes actor what created_at",
    "interest.ExpressionOfInterest": (
        "id reference country language idempotency_key created_at verified_at withdrawn_at erased_at link_version"
    ),
    "interest.Inquiry": "id referral step email created_at closed_at",
    "interest.Note": "id referral created_at",
    "interest.Referral": "id expression initiative status is_live already_live email staff_called_at",
    # Which entries somebody follows is told by nothing but the row that names them.
    "interest.Subscriber": "id reference language link_version created_at digested_on",
    "interest.Subscription": "id reference subscriber frequency created_at confirmed_at looked_on number codes",
    "interest.Use": "id about at",
}


def columns() -> dict[str, Field]:
    """Every column of every model, as `app.Model.field`."""
    return {
        f"{model._meta.label}.{field.name}": field  # noqa: SLF001  Django's documented way to a model's fields
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields  # noqa: SLF001
    }


def personal() -> dict[str, Column]:
    return {f"{label}.{name}": column for label, known in PERSONAL.items() for name, column in known.items()}


def not_personal() -> set[str]:
    return {f"{label}.{name}" for label, names in NOT_PERSONAL.items() for name in names.split()}


def table() -> str:
    """The list as docs/privacy.md has it."""
    rows = ["| column | what | why | kept |", "|---|---|---|---|"]
    for name, column in personal().items():
        setting = f"`{column.life.setting}` " if column.life.setting else ""
        rows.append(f"| `{name}` | {column.what} | {column.purpose} | {setting}{column.life.ends} |")
    return "\n".join(rows) + "\n"
