"""The drill: something leaked, and within seconds staff know whom to tell."""

import csv
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from interest import actions, affected, privacy
from interest.actions import erasing
from interest.models import Event, ExpressionOfInterest, Referral
from tests.interest.conftest import confirmed, registered, said, send_answer

pytestmark = pytest.mark.django_db
HEAD = ["who", "reference", "country", "institution", "address"]


def drill(*arguments):
    out = StringIO()
    call_command("who_is_affected", *arguments, stdout=out, stderr=StringIO())
    head, *people = csv.reader(StringIO(out.getvalue()))
    assert head == HEAD
    return people


def focal_point(expression):
    country = expression.country.name
    return ["focal point", expression.reference, country, expression.institution, expression.email]


@pytest.fixture
def leaked(client, catalogue):
    return confirmed(client, "1103", institution="Ministry, of “Health”")


@pytest.fixture
def other(client, catalogue):
    return confirmed(client, "2206A", email="other@mvd.example")


def test_leaked_link_names_the_focal_point_and_whom_they_asked(client, leaked, other):
    send_answer(client, {"1103": said("wrong_person", proposed_name="N", proposed_email="n@un.example")})

    assert drill("--reference", leaked.reference.lower()) == [
        focal_point(leaked),
        ["contact", leaked.reference, "", "United Nations Office on Drugs and Crime", "canary.default@unodc.example"],
        ["named in an answer", leaked.reference, "", "", "n@un.example"],
    ]


def test_who_watched_saw_the_requests_in_which_something_happened(client, leaked, other):
    now = timezone.now()
    with erasing.purging():
        Event.objects.filter(reference=leaked.reference).update(created_at=now - timedelta(days=3))

    def named(since, until):
        times = [(now - timedelta(days=days)).isoformat() for days in (since, until)]
        return {person[1] for person in drill("--watched", "--since", times[0], "--until", times[1])}

    assert named(4, 2) == {leaked.reference}
    assert named(2, -1) == {other.reference}
    assert named(4, -1) == {leaked.reference, other.reference}
    assert named(2, 1) == set()
    assert {person[1] for person in drill("--watched")} == {leaked.reference, other.reference}


def test_who_was_inside_saw_every_request_that_existed_by_then(leaked, other):
    now = timezone.now()
    ExpressionOfInterest.objects.filter(pk=leaked.pk).update(created_at=now - timedelta(days=30))
    with erasing.purging():
        Event.objects.filter(reference=leaked.reference).update(created_at=now - timedelta(days=30))
    two_days = ["--since", (now - timedelta(days=3)).isoformat(), "--until", (now - timedelta(days=1)).isoformat()]

    assert {(person[0], person[1]) for person in drill(*two_days)} == {
        ("focal point", leaked.reference),
        ("contact", leaked.reference),
    }
    assert {person[1] for person in drill("--since", two_days[1])} == {leaked.reference, other.reference}


def test_unknown_reference_gets_a_sentence(leaked):
    with pytest.raises(CommandError, match="No request has the reference EOI-2026-AAAAAA"):
        drill("--reference", leaked.reference, "--reference", "eoi-2026-aaaaaa")


def test_copied_table_names_everybody_who_was_in_it(client, leaked, other, admin_user):
    registered(client, "1104", email="new@mvd.example")
    expressions = ExpressionOfInterest.objects.order_by("reference")

    assert drill("--table", "interest.ExpressionOfInterest") == [focal_point(expression) for expression in expressions]
    assert drill("--table", "interest.ExpressionOfInterest", "--until", "2020-01-01") == []
    assert drill("--table", "auth.User") == [["staff", "", "", "admin", admin_user.email]]
    assert {person[4] for person in drill("--table", "initiatives.PointOfContact")} == {
        "canary.default@unodc.example",
        "canary.healer@who.example",
        "canary.own@unodc.example",
    }
    assert {(person[0], person[4]) for person in drill("--table", "mail.OutgoingEmail")} == {
        ("focal point", "aigul@mvd.example"),
        ("focal point", "other@mvd.example"),
        ("focal point", "new@mvd.example"),
        ("reader of a mail", "aigul@mvd.example"),
        ("reader of a mail", "other@mvd.example"),
        ("reader of a mail", "new@mvd.example"),
        ("reader of a mail", "canary.default@unodc.example"),
        ("reader of a mail", "canary.healer@who.example"),
    }


def test_log_names_staff_who_changed_something(leaked, admin_user):
    get_user_model().objects.create_user("idle")
    LogEntry.objects.log_actions(admin_user.pk, [leaked], CHANGE, "Words", single_object=True)

    assert drill("--table", "admin.LogEntry") == [["staff", "", "", "admin", admin_user.email]]


@pytest.mark.parametrize("table", sorted(affected.TABLES))
def test_every_table_can_be_asked_for(leaked, table):
    drill("--table", table, "--since", "2020-01-01T10:00", "--until", "2100-01-01")


def test_every_table_with_people_one_can_write_to_is_known():
    without_addresses = {"trainings.Session", "trainings.Training", "interest.Use"}
    assert set(affected.TABLES) == set(privacy.PERSONAL) - without_addresses


def test_erased_person_is_named_by_the_reference_alone(leaked):
    actions.erase(expression=leaked)

    assert drill("--reference", leaked.reference) == [["focal point", leaked.reference, "Kazakhstan", "", ""]]


def test_time_that_is_none_and_unknown_table_get_a_sentence():
    with pytest.raises(CommandError, match="'yesterday' is no time; write 2026-11-22 or 2026-11-22T14:30"):
        drill("--since", "yesterday")
    with pytest.raises(CommandError, match="invalid choice: 'users'"):
        drill("--table", "users")


@pytest.mark.parametrize("sign", "=+-@＝＋－＠\t")
def test_institution_that_looks_like_a_formula_is_text_in_a_spreadsheet(leaked, sign):
    ExpressionOfInterest.objects.update(institution=f'{sign}HYPERLINK("https://evil.example")')

    assert drill("--reference", leaked.reference)[0][3] == f'\'{sign}HYPERLINK("https://evil.example")'


def test_answer_comes_within_seconds_for_thousands(client, leaked):
    rows = range(3000)
    copies = [ExpressionOfInterest.objects.get() for _ in rows]
    for row, copy in zip(rows, copies, strict=True):
        copy.pk, copy.reference, copy.idempotency_key = None, f"EOI-2020-{row:06d}", f"{row:032x}"
    ExpressionOfInterest.objects.bulk_create(copies)
    initiative = Referral.objects.get().initiative
    Referral.objects.bulk_create(Referral(expression=copy, initiative=initiative, address_key="a") for copy in copies)
    Event.objects.bulk_create(Event(reference=copy.reference, actor="visitor", what="registered") for copy in copies)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does; the planner believes a table empty that was filled in one go
    start = time.monotonic()
    assert len(drill()) == 3002
    assert time.monotonic() - start < 60  # the promise is ten minutes
