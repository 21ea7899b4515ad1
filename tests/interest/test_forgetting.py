"""The purge, by its effects: what nobody needs any more is in no table, and all else is as it was."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Now

from coalition.mail import actions as mail
from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact
from interest import actions, privacy, tasks
from interest.actions import erasing, forgetting
from interest.models import Answer, Event, ExpressionOfInterest, Note, Referral, Use
from interest.privacy import Life
from tests import factories
from tests.interest.conftest import answer_link, confirmed, registered, said, send_answer, status_link
from tests.interest.subscribing import sleep
from tests.mail.conftest import queued
from trainings.models import Session as TrainingSession

pytestmark = pytest.mark.django_db
TEXTS = (models.CharField, models.TextField, models.BinaryField, ArrayField)
ALWAYS = 10**6


def move_clocks(days):
    """As if all that is stored had been written so many days earlier."""
    with erasing.purging():
        for model in apps.get_models():
            times = [field.name for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField)]
            if times:
                model._base_manager.update(**{name: F(name) - timedelta(days=days) for name in times})


def forget(*arguments):
    out = StringIO()
    call_command("forget", *arguments, stdout=out)
    return out.getvalue().splitlines()[-1]


def dump():
    """Every row of every table, as pg_dump writes them: bytes in hexadecimal."""
    tables = connection.introspection.table_names()
    lines = []
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                lines += [bytes(block).decode() for block in copy]
    assert len(tables) > 30
    return "".join(lines)


def counts():
    """What the Coalition reports: the interest that was passed on."""
    rows = Referral.objects.exclude(email=None)
    return Counter(rows.values_list("initiative__code", "expression__country", "status", "is_live"))


# -- Canaries -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def everything(client, catalogue, admin_user):
    """At least one row with every personal column, made the way people make them. Returns the unverified expression."""
    unverified = registered(client, "1104", email="new@mvd.example")
    expression = confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("scheduled", period="May", text="Come.")}, shares_address="on")
    link = answer_link("canary.healer@who.example")
    send_answer(client, {"2206A": said("wrong_person", proposed_name="N", proposed_email="n@who.example")}, link)
    referral = expression.referrals.first()
    actions.note(referral=referral, by=admin_user, text="Called them.")
    content = {"kind": "noted", "text": "Later."}
    actions.answer_for(referral=referral, staff=admin_user, key=uuid.uuid4(), content=content, why="On the telephone.")
    actions.send_status_link(reference=expression.reference, email=expression.email)
    actions.withdraw(expression=expression, codes=["2206A"])
    asking = {"query": "", "frequency": "daily", "language": "en"}
    actions.confirm(subscription=actions.subscribe(email="sub@health.example", **asking))
    Initiative.objects.update(stage="ongoing")
    sleep()
    actions.send_digests()
    queue.send_due()
    for row in [
        PointOfContact.objects.first(),
        admin_user,
        OutgoingEmail.objects.filter(kind="notice").latest("pk"),
        Note.objects.get(),
    ]:
        LogEntry.objects.log_actions(admin_user.pk, [row], ADDITION, "Words", single_object=True)
    client.force_login(admin_user)
    Session.objects.update(expire_date=Now() + timedelta(hours=12))
    TrainingSession.objects.create(training=factories.training(), title="Day 1", facilitators=["N"])
    Use.objects.create(key="k")
    return unverified


def life_of(name, row, unverified):
    """For how many days this value of this row is kept."""
    column = privacy.personal()[name]
    about = {
        ExpressionOfInterest: lambda: row.reference,
        Referral: lambda: row.expression.reference,
        Event: lambda: row.reference,
        OutgoingEmail: lambda: row.key.split(":")[1],
    }.get(type(row), lambda: "")()
    if about == unverified.reference:
        return 7
    if about.startswith("SUB-"):
        # A mail is about no registration, and its subscription has the address. An event of one has words only in this test.
        return 2192 if isinstance(row, Event) else 30
    if name == "interest.Event.by" and row.actor != Event.Actor.STAFF:
        return 730
    if column.life in (Life.DAY, Life.SESSION):
        return 1
    return {Life.MAIL: 30, Life.REGISTRATION: 730, Life.LOG: 730, Life.AUDIT: 2192}.get(column.life, ALWAYS)


def planted(name, row, canary):
    """The value with a canary in it, where the value has a form."""
    field = privacy.columns()[name]
    if name == "mail.OutgoingEmail.key":
        kind, reference, *more = row.key.split(":")
        return ":".join([kind, reference, canary, *more[1:]])
    return [canary] if isinstance(field, ArrayField) else canary.encode() if isinstance(field, models.BinaryField) else canary


def plant(unverified):
    """Writes a canary into every personal text of every row. Returns for how long each is kept, and its column."""
    canaries = {}
    texts = [name for name in privacy.personal() if isinstance(privacy.columns()[name], TEXTS)]
    # The key of a row comes last, because it finds the row; mails find theirs by the reference that stays in it.
    with erasing.purging():
        for name in sorted(texts, key=lambda name: name.endswith(".session_key")):
            label, _dot, field = name.rpartition(".")
            for row in apps.get_model(label).objects.all():
                canary = f"{0xC0FFEE0000000000 + len(canaries):016x}"  # looks like the hash in a key
                canaries[canary] = (life_of(name, row, unverified), name)
                type(row).objects.filter(pk=row.pk).update(**{field: planted(name, row, canary)})
    assert {name for _days, name in canaries.values()} == set(texts)
    return canaries


def found(canaries):
    dumped = dump()
    return {canary for canary in canaries if canary in dumped or canary.encode().hex() in dumped}


def test_no_canary_outlives_its_time_and_none_dies_before(everything):
    canaries = plant(everything)
    assert found(canaries) == set(canaries)
    before = counts()
    nothing = "forgotten: " + ", ".join(f"0 {name}" for name in [*(step.name for step in forgetting.STEPS), "uses"])

    age = 0
    for days in [0, 6, 8, 29, 31, 729, 731, 2191, 2193]:
        move_clocks(days - age)
        age = days
        forget()
        left = found(canaries)
        assert (days, {canaries[canary] for canary in left if canaries[canary][0] <= days}) == (days, set())
        assert (days, {value for canary, value in canaries.items() if value[0] > days and canary not in left}) == (days, set())
        assert counts() == before
        assert forget() == nothing


# -- What goes, step by step ----------------------------------------------------------------------------------------------------


def test_dry_run_says_what_would_go_and_changes_nothing(everything):
    move_clocks(31)
    before = dump()

    line = forget("--dry-run")

    number = OutgoingEmail.objects.with_text().count() - 1  # one goes with its unverified expression
    assert line.startswith(
        f"would forget: 1 unverified, 0 unconfirmed, 0 subscribers, 0 registrations, {number + 1} mail texts, "
    )
    assert dump() == before
    assert forget().startswith(f"forgotten: 1 unverified, 0 unconfirmed, 0 subscribers, 0 registrations, {number} mail texts, ")


def test_unverified_expression_goes_with_its_mails_and_its_event_stays(client, catalogue):
    expression = registered(client, "1103")
    move_clocks(8)

    forget()

    assert not ExpressionOfInterest.objects.exists()
    assert not OutgoingEmail.objects.exists()
    assert [event.codes for event in expression.events()] == [["1103"]]


def test_registration_stays_while_somebody_does_something_about_it(client, catalogue):
    expression = confirmed(client, "1103")
    move_clocks(700)
    send = answer_link()
    OutgoingEmail.objects.update(created_at=Now(), accepted_at=Now(), state="sent")
    send_answer(client, {"1103": said("acknowledged")}, send)
    move_clocks(100)

    forget()

    expression.refresh_from_db()
    assert expression.name == "Aigul Focal-Point"
    move_clocks(631)
    forget()
    expression.refresh_from_db()
    assert (expression.name, expression.email, expression.country.code) == ("", "", "KZ")
    assert [(event.actor, event.what) for event in expression.events()][-1] == ("portal", "erased")


def test_forgotten_registration_is_counted_but_nobody_has_to_do_anything(client, catalogue):
    expression = confirmed(client, "1103")
    link = status_link()
    move_clocks(731)
    forget()

    referral = expression.referrals.get()
    assert (referral.is_live, referral.status, referral.initiative.code) == (True, "waiting", "1103")
    assert list(Referral.objects.counted()) == [referral]
    assert not Referral.objects.live().exists()
    assert client.get(link).status_code == 410
    assert confirmed(client, "1103").referrals.get().is_live


def test_mail_that_still_waits_keeps_its_text(client, catalogue):
    confirmed(client, "1103")
    mails = OutgoingEmail.objects.exclude(kind="verification").order_by("pk")
    waiting = list(mails.values("pk", "text", "html", "recipient"))
    mail.hold(ids=[waiting[0]["pk"]])
    move_clocks(100)

    forget()

    assert list(mails.values("pk", "text", "html", "recipient")) == waiting


def test_text_is_kept_from_the_last_change_of_state_whoever_made_it(client, catalogue):
    confirmed(client, "1103")
    move_clocks(100)
    mail.cancel(ids=[row.pk for row in OutgoingEmail.objects.filter(kind="receipt")])

    forget()
    assert OutgoingEmail.objects.get(kind="receipt").text

    move_clocks(31)
    forget()
    assert OutgoingEmail.objects.get(kind="receipt").text == ""


def test_links_work_without_the_text_of_their_mails(client, catalogue, settings):
    settings.ANSWER_LINK_DAYS = 60
    confirmed(client, "1103")
    queue.send_due()
    answer, status = answer_link(), status_link()
    move_clocks(31)
    forget()

    assert not OutgoingEmail.objects.with_text().exists()
    assert send_answer(client, {"1103": said("acknowledged")}, answer).status_code == 302
    assert client.get(status).status_code == 200
    actions.withdraw(expression=ExpressionOfInterest.objects.get(), codes=["1103"])
    assert OutgoingEmail.objects.get(kind="withdrawal").recipient == "canary.default@unodc.example"


@pytest.mark.parametrize("state", ["sent", "permanent_failure", "temporary_failure", "parked", "cancelled"])
def test_mail_without_its_text_is_not_sent_again(client, admin_user, state):
    email = queued()
    OutgoingEmail.objects.filter(pk=email.pk).update(state=state, accepted_at=Now())
    move_clocks(31)
    forget()

    assert mail.send_again(ids=[email.pk]) == mail.send_copy(ids=[email.pk]) == []
    client.force_login(admin_user)
    page = client.get(f"/admin/mail/outgoingemail/{email.pk}/read/").content.decode()
    assert "It was deleted, because its time was over" in page
    assert "/act/send" not in page


# -- However it runs ------------------------------------------------------------------------------------------------------------


def test_run_that_is_killed_goes_on_where_it_was(client, catalogue, monkeypatch):
    expressions = [confirmed(client, code) for code in ["1103", "1104", "2206A"]]
    move_clocks(731)
    monkeypatch.setattr(forgetting, "BATCH", 1)
    whole = erasing.empty

    def die_at_the_second(batch):
        whole(batch)
        if expressions[1] in batch:
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(erasing, "empty", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            actions.forget()
    assert [row.is_erased for row in ExpressionOfInterest.objects.order_by("pk")] == [True, False, False]

    assert actions.forget()["registrations"] == 2
    assert Event.objects.filter(what="erased").count() == 3


def test_task_stops_when_its_time_is_over(client, catalogue, monkeypatch):
    for code in ["1103", "1104"]:
        confirmed(client, code)
    move_clocks(731)
    monkeypatch.setattr(forgetting, "BATCH", 1)
    monkeypatch.setattr(tasks, "FORGET_SECONDS", 0)

    left = []
    for _night in range(3):
        tasks.forget()
        left.append(forgetting.registrations().count())

    assert left == [1, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_forget_each_row_once(client, catalogue):
    for code in ["1103", "1104", "2206A", "3224"]:
        confirmed(client, code)
    move_clocks(731)
    start = Barrier(2)

    def run():
        try:
            start.wait()
            return actions.forget()["registrations"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = [future.result() for future in [pool.submit(run), pool.submit(run)]]

    assert sum(done) == 4
    assert Event.objects.filter(what="erased").count() == 4


def test_answers_are_locked_again_after_the_purge(everything):
    forget()

    with pytest.raises(Exception, match="append-only"):
        Answer.objects.update(text="Something else.")


def test_log_of_staff_names_nobody_after_its_time(everything):
    move_clocks(731)
    forget()

    assert set(LogEntry.objects.values_list("object_repr", "change_message")) == {("", "")}
    assert ContentType.objects.get_for_model(PointOfContact) in {entry.content_type for entry in LogEntry.objects.all()}
