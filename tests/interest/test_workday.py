"""The mail with which the staff's working day begins: only when something waits, once a day, with the numbers of the inbox."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from coalition.mail import pause, queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import actions, inbox, tasks
from interest.actions import briefing
from interest.models import ExpressionOfInterest, Referral
from tests.interest.calendar import december
from tests.interest.conftest import confirmed, mail_of, said, send_answer, submit

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = december(2), december(3)
LIST = "http://testserver/admin/interest/referral/?to_do="


@pytest.fixture
def on(monkeypatch):
    """Lets the task run on a day."""

    def run(day):
        monkeypatch.setattr(briefing, "database_day", lambda: day)
        return actions.brief_staff()

    return run


@pytest.fixture
def busy(client, catalogue):
    """One request for each kind of work, and mails that nobody got."""
    expression = confirmed(client, "1103", "2206A", "3224", "3111")
    send_answer(client, {"1103": said("wrong_person", text="Canary words")})
    OutgoingEmail.objects.filter(recipient="canary.healer@who.example").update(state="permanent_failure", last_code=550)
    Referral.objects.filter(initiative__code="3224").update(staff_called_at=timezone.now() + timedelta(days=1))
    PointOfContact.objects.filter(email="canary.own@unodc.example").update(is_active=False)
    for number in range(12):  # of these the portal holds two
        submit(client, "1103", email="victim@ministry.example", message=str(number))
    return expression


def numbers_in(text):
    """What the mail counts, by the list that it leads to."""
    return {name: int(count) for count, name in re.findall(r": (\d+)\n(?:(?!http).*\n)*http://\S*\?to_do=(\w+)", text)}


def test_nothing_to_do_writes_nothing(client, catalogue, on):
    confirmed(client, "1103")

    assert [on(day) for day in (MONDAY, TUESDAY)] == [None, None]


def test_mail_counts_what_the_first_page_counts(admin_client, busy, on):
    email = on(MONDAY)

    counted = {item.url.partition("=")[2]: item.count for item in admin_client.get("/admin/").context["to_do"]}
    assert numbers_in(email.text) == counted
    assert list(counted) == [*inbox.WORK, "kept_back", "undelivered"]
    assert (email.key, email.recipient, email.reply_to) == (
        "workday:2024-12-02",
        "coalition@example.org",
        "coalition@example.org",
    )
    assert email.subject == "Please look: 4 requests wait for the Coalition’s staff (2 December 2024)"
    for name in inbox.WORK:
        assert f'<a href="{LIST}{name}">' in email.html
        assert f"\n{LIST}{name}\n" in email.text


def test_mail_names_nobody_but_the_reference_and_the_country(busy, on):
    email = on(MONDAY)

    for part in (email.text, email.html):
        assert busy.reference in part
        assert "Kazakhstan" in part
        for name in ("Aigul", "aigul@mvd.example", "Ministry of Internal", "officers", "7172", "anary"):
            assert name not in part


def test_longest_waiting_come_first_with_their_working_days(client, catalogue, on):
    for number, (days, country) in enumerate([(0, "KZ"), (7, "SN"), (10, "NO"), (3, "FR")]):
        expression = confirmed(client, "3111", email=f"{number}@mvd.example", country=country)
        ExpressionOfInterest.objects.filter(pk=expression.pk).update(verified_at=F("verified_at") - timedelta(days=days))
    since = timezone.now().date()
    monday = since + timedelta(days=7 - since.weekday())

    found = re.findall(r"\* \S+, (\w+), 3111: (\d+) working days?\n", on(monday).text)

    assert [country for country, _days in found] == ["Norway", "Senegal", "France"]
    assert [int(days) for _country, days in found] == [
        inbox.working_days_since(since - timedelta(days=days), monday, set()) for days in (10, 7, 3)
    ]


def test_one_mail_a_day_however_often_the_task_runs(busy, on):
    first = on(MONDAY)
    queue.send_due()

    assert [on(MONDAY), on(MONDAY)] == [None, None]
    second = on(TUESDAY)
    assert OutgoingEmail.objects.filter(kind="workday").count() == 2
    assert (first.key, second.key) == ("workday:2024-12-02", "workday:2024-12-03")


def test_day_off_and_switched_off_write_nothing(busy, on, settings):
    settings.HOLIDAYS = {MONDAY}
    assert [on(december(day)) for day in (1, 2, 7)] == [None] * 3
    settings.HOLIDAYS, settings.WORKDAY_MAIL = frozenset(), False
    assert on(MONDAY) is None
    settings.WORKDAY_MAIL = True
    assert on(MONDAY) is not None


def test_mail_of_an_earlier_day_that_did_not_go_out_never_does(busy, on):
    first = on(MONDAY)

    second = on(TUESDAY)

    queue.send_due()
    states = dict(OutgoingEmail.objects.filter(kind="workday").values_list("key", "state"))
    assert states == {first.key: "cancelled", second.key: "sent"}


def test_its_own_failure_is_work_until_the_next_one_but_no_reason_for_it(busy, on):
    first = on(MONDAY)
    OutgoingEmail.objects.filter(pk=first.pk).update(state="permanent_failure")
    assert first in OutgoingEmail.objects.undelivered()

    second = on(TUESDAY)

    assert numbers_in(second.text)["undelivered"] == OutgoingEmail.objects.undelivered().count() == 1
    actions.withdraw(expression=busy, codes=["1103", "2206A", "3224", "3111"])
    OutgoingEmail.objects.filter(pk=second.pk).update(state="permanent_failure")
    OutgoingEmail.objects.filter(kind="contact").update(state="sent", accepted_at=timezone.now())
    OutgoingEmail.objects.kept_back().update(state="cancelled")
    assert on(december(4)) is None
    assert list(OutgoingEmail.objects.undelivered()) == [second]


def test_pause_of_all_mail_stands_on_top_in_words_that_are_true_later(client, catalogue, on):
    confirmed(client, "1103")
    pause.begin(code=535, text="Canary <server>")

    email = on(MONDAY)

    assert email.subject == "Please look: mails do not reach their readers (2 December 2024)"
    assert re.search(r"When this was written, no mail had gone out since \d+ \w+ \d{4}, \d\d:\d\d UTC\.", email.text)
    assert "Canary" not in email.text + email.html


def test_task_and_command_write_the_same_one(busy, monkeypatch, capsys):
    monkeypatch.setattr(briefing, "database_day", lambda: MONDAY)
    tasks.brief_staff()
    call_command("brief_staff")
    assert mail_of("workday").key == "workday:2024-12-02"
    assert capsys.readouterr().out == "nothing to write\n"


@pytest.mark.parametrize(
    ("day", "is_on", "words"),
    [(1, True, "Not a working day: no mail."), (2, False, "WORKDAY_MAIL is off: no mail."), (2, True, "nothing to write")],
)
def test_command_says_why_it_writes_nothing(client, catalogue, monkeypatch, settings, capsys, day, is_on, words):  # noqa: PLR0917
    monkeypatch.setattr(briefing, "database_day", lambda: december(day))
    settings.WORKDAY_MAIL = is_on
    call_command("brief_staff")
    assert capsys.readouterr().out == f"{words}\n"


def test_mail_and_lists_name_their_unit_of_days(admin_client, busy, on):
    email = on(MONDAY)

    for part in (email.text, email.html):
        assert "The lists of the workplace count calendar days." in part
    assert "Calendar days waiting" in admin_client.get("/admin/interest/referral/").content.decode()
