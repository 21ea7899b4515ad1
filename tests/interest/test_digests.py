"""One mail a day for each subscriber: whole, true, and never about what its reader knew."""

import re

import pytest
from django.db import DatabaseError
from django.db.models import F

from coalition.mail import layout
from coalition.mail.models import OutgoingEmail
from initiatives import changes
from initiatives.models import Initiative
from initiatives.search import index
from interest import actions, subscriber_emails
from interest.actions import digesting
from interest.models import Subscriber, Subscription
from tests import factories
from tests.interest.subscribing import digests, sleep, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def entries():
    topic = factories.term("topic", "opioids")
    return [factories.initiative(code, lead=factories.organization("unodc"), terms=[topic]) for code in ("1103", "1104")]


def digest_of_the_next_day():
    """The mail that the next day brings, if any."""
    before = len(digests())
    sleep()
    actions.send_digests()
    return digests()[before:]


def test_digest_says_what_came_what_changed_from_what_to_what_and_what_went(client):
    subscribed(client, "topic=opioids")
    Initiative.objects.filter(code="1103").update(stage="ongoing", state="published")
    factories.initiative("2101", terms=[factories.term("topic", "opioids")])
    Initiative.objects.filter(code="1104").update(state="archived", superseded_by=Initiative.objects.get(code="2101"))

    [email] = digest_of_the_next_day()

    assert email.subject == "What changed: 3 initiatives you follow"
    lines = [line.strip() for line in email.text.splitlines() if line.strip()]
    assert lines[1:-5] == [
        "Topic: Opioids",
        "http://testserver/initiatives/?topic=opioids",
        "NEW",
        "2101  Title of 2101",
        "http://testserver/initiatives/2101/",
        "CHANGED",
        "1103  Title of 1103",
        "http://testserver/initiatives/1103/",
        "* Stage",
        "from: Not stated",
        "to: Ongoing",
        "NO LONGER HERE",
        "1104  Title of 1104",
        "It was withdrawn. It is replaced by 2101 Title of 2101",
    ]
    for word in ("Not stated", "Ongoing", "2101", "1104", "replaced by"):
        assert word in email.html


def test_entry_that_no_longer_fits_is_told_with_what_changed(client):
    subscribed(client, "topic=opioids")
    Initiative.objects.get(code="1103").terms.set([factories.term("topic", "nps")])

    [email] = digest_of_the_next_day()

    assert "It is still offered, but no longer fits what you follow." in email.text
    assert "from: Opioids\n      to: Nps" in email.text


def test_nothing_from_before_the_confirmation_is_told(client):
    Initiative.objects.update(stage="proposed")
    changes.record()
    Initiative.objects.update(stage="ongoing")  # saved, and not yet recorded when somebody confirms
    Initiative.objects.update(updated_at=F("updated_at"))
    subscribed(client)

    assert digest_of_the_next_day() == []


def test_first_day_of_the_portal_floods_nobody(client):
    subscribed(client)
    assert digest_of_the_next_day() == []
    assert digests() == []


def test_nothing_is_mailed_where_nothing_changed_and_the_day_is_done(client):
    subscribed(client)
    assert digest_of_the_next_day() == []
    Initiative.objects.update(stage="ongoing")
    assert actions.send_digests() == 0  # on the same day: tomorrow's digest has it

    assert len(digest_of_the_next_day()) == 1


def test_task_that_runs_twice_writes_one_mail(client):
    subscribed(client)
    Initiative.objects.update(stage="ongoing")
    sleep()

    assert [actions.send_digests(), actions.send_digests()] == [1, 0]
    assert digest_of_the_next_day() == []


def test_days_without_a_run_are_made_up_for_in_one_mail(client):
    subscribed(client)
    for stage in ("proposed", "ongoing"):
        Initiative.objects.filter(code="1103").update(stage=stage)
        changes.record()
        sleep(5)

    actions.send_digests()

    [email] = digests()
    assert "from: Not stated\n      to: Ongoing" in email.text
    assert "Proposed" not in email.text


def test_what_went_there_and_back_is_not_told(client):
    subscribed(client, "topic=opioids")
    Initiative.objects.update(stage="ongoing")
    Initiative.objects.filter(code="1104").update(state="draft")
    changes.record()
    Initiative.objects.update(stage="not_stated", state="published")

    assert digest_of_the_next_day() == []


def test_entry_that_left_came_back_and_changed_is_told_as_changed(client):
    subscribed(client)
    Initiative.objects.filter(code="1104").update(state="draft")
    changes.record()
    Initiative.objects.filter(code="1104").update(state="published", scope="global")

    [email] = digest_of_the_next_day()

    assert "CHANGED\n1104  Title of 1104" in email.text
    assert "NEW" not in email.text
    assert "NO LONGER" not in email.text


def test_weekly_subscription_waits_for_a_week_and_joins_the_mail_of_the_day(client):
    subscribed(client, "code=1103", frequency="weekly")
    subscribed(client, "code=1104", frequency="daily")
    Initiative.objects.update(stage="ongoing")
    [email] = digest_of_the_next_day()
    assert "Initiative 1103" not in email.text

    Initiative.objects.update(scope="global")
    sleep(6)
    actions.send_digests()

    [_first, email] = digests()
    assert email.subject == "What changed: 2 initiatives you follow"
    told = [line.strip() for line in email.text.splitlines() if line.strip()]
    assert told[told.index("1103  Title of 1103") : told.index("1104  Title of 1104")] == [
        "1103  Title of 1103",
        "http://testserver/initiatives/1103/",
        "Because you follow: Initiative 1103",
        "* Stage",
        "from: Not stated",
        "to: Ongoing",
        "* Scope",
        "from: Not stated",
        "to: Global",
    ]
    assert email.text.count("Stage") == 1  # 1104's was told in the first mail


def test_entry_of_several_subscriptions_stands_once_and_says_by_which(client):
    nps = factories.term("topic", "nps")
    for query in ("code=1103", "topic=opioids", "topic=nps"):
        subscribed(client, query)
    Initiative.objects.filter(code="1103").update(stage="ongoing")
    Initiative.objects.get(code="1103").terms.set([nps])
    factories.initiative("2101", terms=[nps, factories.term("topic", "opioids")])
    Initiative.objects.filter(code="1104").update(state="archived")

    [email] = digest_of_the_next_day()

    assert email.subject == "What changed: 3 initiatives you follow"
    lines = [line.strip() for line in email.text.splitlines() if line.strip()]
    assert lines[lines.index("NEW") : -5] == [
        "NEW",
        "2101  Title of 2101",
        "http://testserver/initiatives/2101/",
        "New in: Topic: Opioids",
        "New in: Topic: Nps",
        "CHANGED",
        "1103  Title of 1103",
        "http://testserver/initiatives/1103/",
        "New in: Topic: Nps",
        "Because you follow: Initiative 1103",
        "No longer in: Topic: Opioids",
        "* Stage",
        "from: Not stated",
        "to: Ongoing",
        "* Topic",
        "from: Opioids",
        "to: Nps",
        "NO LONGER HERE",
        "1104  Title of 1104",
        "It was withdrawn.",
        "No longer in: Topic: Opioids",
    ]
    why = re.compile(r"(?:New in|Because you follow|No longer in): [^<\n]+")
    assert why.findall(email.html) == why.findall(email.text)


def test_field_that_two_subscriptions_know_from_other_days_is_told_from_the_earlier_one(client):
    subscribed(client, "code=1103", frequency="weekly")
    subscribed(client, "topic=opioids")
    for stage in ("proposed", "ongoing"):
        Initiative.objects.filter(code="1103").update(stage=stage)
        digest_of_the_next_day()
    sleep(5)
    Initiative.objects.filter(code="1103").update(stage="completed", scope="global")
    actions.send_digests()

    email = digests()[-1]
    assert "from: Not stated\n      to: Completed" in email.text
    assert (email.text.count("Stage"), email.text.count("Scope"), email.text.count("Ongoing")) == (1, 1, 0)


def test_three_thousand_changes_are_all_in_one_mail(client):
    group = factories.sub_working_group("3.1")
    codes = [f"{number}" for number in range(3001, 6001)]
    made = [Initiative(code=code, title=code, summary="x", sub_working_group=group, state="published") for code in codes]
    Initiative.objects.bulk_create(made)
    index.rebuild()
    subscribed(client, "sub_working_group=3.1")
    Initiative.objects.update(stage="ongoing")

    [email] = digest_of_the_next_day()

    assert email.subject == "What changed: 3,000 initiatives you follow"
    for part in (email.text, email.html):
        assert sorted(re.findall(r"(?<!\d)[3-6]\d{3}(?=, |\n|</p>)", part)) == codes
    assert max(len(line) for line in layout.wrap(email.text).splitlines() if "http" not in line) <= layout.COLUMNS
    assert len(email.text) < 30_000
    [link] = re.findall(r"http://testserver(/initiatives/changes/\S+)", email.text)
    assert "3,000 changes" in client.get(link).content.decode()


def test_longest_mail_that_tells_fields_is_not_cut_off(client):
    """Gmail shows the first 102 kB of a mail."""
    texts = ["summary", *Initiative.SECTIONS]
    many = range(1, subscriber_emails.SHORT_DIGEST // (1 + len(texts)) + 1)
    for number in many:
        factories.initiative(f"31{number:02}", **dict.fromkeys(texts, "before " * 200))
    subscribed(client, "sub_working_group=3.1")
    for name in texts:
        Initiative.objects.filter(code__startswith="31").update(**{name: "afterwards " * 200})

    [email] = digest_of_the_next_day()

    assert email.html.count("afterwards") > 20 * len(texts) * len(many)
    assert 60_000 < len(email.html.encode()) < 102_000


def test_crash_before_the_end_loses_nothing(client, monkeypatch):
    subscribed(client)
    Initiative.objects.update(stage="ongoing")
    sleep()
    known = list(Subscription.objects.values_list("number", "looked_on"))

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Subscription.objects, "bulk_update", die)
        with pytest.raises(KeyboardInterrupt):
            actions.send_digests()
    assert digests() == []
    assert list(Subscription.objects.values_list("number", "looked_on")) == known

    assert actions.send_digests() == 1


def test_subscriber_who_cannot_be_written_to_stops_no_other(client, monkeypatch, caplog):
    subscribed(client, "code=1103")
    subscribed(client, "code=1104", email="other@health.example")
    Initiative.objects.update(stage="ongoing")
    first = Subscriber.objects.order_by("pk").first()
    real = subscriber_emails.digest

    def fail_once(subscriber, **values):
        if subscriber == first:
            raise DatabaseError("No.")
        return real(subscriber, **values)

    monkeypatch.setattr(digesting.subscriber_emails, "digest", fail_once)
    [email] = digest_of_the_next_day()
    assert email.recipient == "other@health.example"
    assert "could not be written" in caplog.text

    monkeypatch.setattr(digesting.subscriber_emails, "digest", real)
    assert actions.send_digests() == 1


def test_run_that_has_no_time_goes_on_later(client):
    subscribed(client, "code=1103")
    subscribed(client, "code=1104", email="other@health.example")
    Initiative.objects.update(stage="ongoing")
    sleep()

    assert [actions.send_digests(seconds=0) for _ in range(3)] == [1, 1, 0]


def test_form_says_when_mails_leave(client, settings):
    hours = settings.CELERY_BEAT_SCHEDULE["send digests"]["schedule"].hour
    said = f"Mails leave between {min(hours):02}:00 and {max(hours) + 1:02}:00 UTC"
    assert said in client.get("/interest/subscribe/").content.decode()


def test_weekly_digest_comes_on_the_day_of_the_week_of_the_confirmation(client):
    subscribed(client, frequency="weekly")
    Initiative.objects.update(stage="ongoing")
    sleep(6)
    assert actions.send_digests() == 0
    sleep(1)
    assert actions.send_digests() == 1


def test_each_digest_can_stop_the_mails_and_confirmations_cannot(client):
    subscribed(client)
    Initiative.objects.update(stage="ongoing")
    [email] = digest_of_the_next_day()

    assert email.unsubscribe_link.startswith("http://testserver/interest/unsubscribe/SUB-")
    assert set(OutgoingEmail.objects.exclude(kind="digest").values_list("unsubscribe_link", flat=True)) == {""}
