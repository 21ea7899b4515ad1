"""The ladder of silence: when whom is reminded, which deputy is asked, when staff are called (design §5.6)."""

import uuid
from datetime import date

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from coalition.mail import actions as outbox
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, InitiativeContact, PointOfContact
from interest import actions, tasks
from interest.actions import pursuing
from interest.models import Event, ExpressionOfInterest, Inquiry, Referral
from tests import factories
from tests.interest.calendar import december
from tests.interest.conftest import answer_link, confirmed, mail_of, said, send_answer

pytestmark = pytest.mark.django_db
DEFAULT, OWN, HEALER = "canary.default@unodc.example", "canary.own@unodc.example", "canary.healer@who.example"
NOTHING = (0, 0, 0, 0)
REMINDED, DEPUTY_ASKED, STAFF_CALLED = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)
MONDAY = december(2)


@pytest.fixture
def asked(client, catalogue, calendar):
    """3224 was sent to its own contact on Monday, 2 December."""
    expression = confirmed(client, "3224")
    calendar.send(MONDAY)
    return expression


def asked_of(expression):
    return list(expression.referrals.get().inquiries.values_list("step", "email__recipient"))


def test_ladder_goes_from_the_reminder_to_the_deputy_to_staff(asked, calendar):
    climbed = {day: done for day in range(3, 32) if (done := calendar.run(december(day))) != NOTHING}

    # Each counts five working days from the one before, and comes when the last of them is over.
    assert climbed == {10: REMINDED, 18: DEPUTY_ASKED, 26: STAFF_CALLED}
    assert asked_of(asked) == [("first", OWN), ("reminder", OWN), ("deputy", DEFAULT)]
    referral = asked.referrals.get()
    assert (referral.contact.email, referral.email.recipient) == (DEFAULT, DEFAULT)
    assert [referral] == list(Referral.objects.overdue())
    assert [(event.what, event.codes, event.actor) for event in Event.objects.filter(actor="portal")] == [
        ("reminded", ["3224"], "portal"),
        ("deputy_asked", ["3224"], "portal"),
        ("staff_called", ["3224"], "portal"),
    ]
    assert [calendar.run(date(2025, 3, day)) for day in (3, 4)] == [NOTHING, NOTHING]


def test_holidays_push_every_rung(asked, calendar, settings):
    settings.HOLIDAYS = {december(10), december(25), december(26), date(2025, 1, 1)}

    climbed = [day for day in range(3, 42) if calendar.run(december(day)) != NOTHING]

    assert climbed == [11, 19, 31]


def test_settings_say_how_many_working_days(asked, calendar, settings):
    settings.ACKNOWLEDGE_WORKING_DAYS, settings.NEXT_STEP_WORKING_DAYS = 2, 1

    climbed = [day for day in range(3, 15) if calendar.run(december(day)) != NOTHING]

    assert climbed == [5, 9, 11]


def test_run_after_weeks_climbs_one_rung_and_leaves_time_to_answer(asked, calendar):
    late = [calendar.run(date(2025, 2, day)) for day in (3, 3, 4, 10)]

    assert late == [REMINDED, NOTHING, NOTHING, NOTHING]
    assert calendar.run(date(2025, 5, 5)) == DEPUTY_ASKED


def test_who_acknowledged_is_reminded_after_twenty_working_days(client, asked, calendar):
    send_answer(client, {"3224": said("acknowledged")}, answer_link(OWN))
    calendar.send(december(4))

    climbed = {day: done for day in range(5, 54) if (done := calendar.run(december(day))) != NOTHING}

    # 31 December is the 21st working day after the 2nd.
    assert climbed == {31: REMINDED, 39: DEPUTY_ASKED, 47: STAFF_CALLED}
    assert "3224  Title of 3224\n      Acknowledged; the full answer is still missing." in mail_of("reminder").text
    deputy = mail_of("contact", recipient=DEFAULT)
    assert "asked on 2 December 2024. It was acknowledged, but we know of no full answer yet, so we ask you" in deputy.text


def test_acknowledging_again_does_not_move_the_ladder(client, asked, calendar):
    climbed = {}
    for day in range(4, 54):
        if day in {4, 30, 36, 45, 49}:
            send_answer(client, {"3224": said("acknowledged")}, answer_link(OWN))
            calendar.send(december(day))
        if (done := calendar.run(december(day))) != NOTHING:
            climbed[day] = done

    assert climbed == {31: REMINDED, 39: DEPUTY_ASKED, 47: STAFF_CALLED}
    assert [asked.referrals.get()] == list(Referral.objects.overdue())


def test_acknowledging_after_another_answer_begins_a_new_silence(client, asked, calendar):
    for day, kind in [(4, "acknowledged"), (60, "noted"), (61, "acknowledged"), (64, "acknowledged")]:
        send_answer(client, {"3224": said(kind)}, answer_link(OWN))
        calendar.send(december(day))

    assert [day for day in range(61, 80) if calendar.run(december(day)) != NOTHING] == [69, 79]


def test_who_acknowledges_after_staff_were_called_has_some_days_for_the_answer(client, asked, calendar):
    for day in range(3, 32):
        calendar.run(december(day))
    send_answer(client, {"3224": said("acknowledged")}, answer_link(OWN))
    calendar.send(date(2025, 2, 3))
    assert not Referral.objects.overdue().exists()

    climbed = {day: done for day in range(4, 25) if (done := calendar.run(date(2025, 2, day))) != NOTHING}

    # Who spoke is reminded, not the deputy who was asked later; and there is no third whom to ask.
    assert climbed == {11: REMINDED, 19: STAFF_CALLED}
    assert [email.recipient for email in OutgoingEmail.objects.filter(kind="reminder")] == [OWN, OWN]


@pytest.mark.parametrize(
    "answer",
    [
        said("noted"),
        said("scheduled", period="May"),
        said("not_suitable", text="No."),
        said("need_information", text="Who?"),
        said("wrong_person"),
    ],
)
def test_answer_ends_the_ladder_on_every_rung(client, asked, calendar, answer):
    calendar.run(december(10))
    send_answer(client, {"3224": answer}, answer_link(OWN))
    calendar.send(december(10))

    assert [calendar.run(december(day)) for day in (11, 18, 26, 60)] == [NOTHING] * 4


def test_answer_after_staff_were_called_is_not_overdue_any_more(client, asked, calendar):
    for day in range(3, 32):
        calendar.run(december(day))

    send_answer(client, {"3224": said("noted")}, answer_link(OWN))

    assert not Referral.objects.overdue().exists()


def test_withdrawn_request_is_not_pursued(asked, calendar):
    actions.withdraw(expression=asked, codes=["3224"])

    assert calendar.run(december(10)) == NOTHING


def test_information_that_was_given_starts_the_days_anew(client, asked, calendar):
    send_answer(client, {"3224": said("need_information", text="Who?")}, answer_link(OWN))
    calendar.send(december(3))
    actions.reply(expression=asked, key=uuid.uuid4(), texts={"3224": "We."})
    calendar.send(december(19))

    climbed = [day for day in range(19, 32) if calendar.run(december(day)) != NOTHING]

    assert climbed == [27]
    assert "Waits since 19 December 2024" in mail_of("reminder").text


@pytest.mark.parametrize("state", ["queued", "retry", "held", "permanent_failure", "temporary_failure", "parked", "cancelled"])
def test_mail_that_nobody_got_is_not_silence(client, catalogue, calendar, state):
    confirmed(client, "3224")
    OutgoingEmail.objects.filter(kind="contact").update(state=state, next_attempt_at=timezone.now() + timezone.timedelta(days=9))
    calendar.send(MONDAY)

    assert calendar.run(december(30)) == NOTHING
    failed = state in OutgoingEmail.FAILED
    assert Referral.objects.undeliverable().exists() == failed


def test_mail_that_came_back_is_not_silence(asked, calendar):
    OutgoingEmail.objects.filter(kind="contact").update(returned_at=timezone.now())

    assert calendar.run(december(30)) == NOTHING
    assert Referral.objects.undeliverable().exists()


def test_reminder_that_waits_holds_the_ladder_and_one_that_fails_does_not(asked, calendar, monkeypatch):
    monkeypatch.setattr("coalition.mail.queue.send_due", lambda: 0)
    calendar.run(december(10))
    [reminder] = outbox.hold(ids=[mail_of("reminder").pk])
    assert [calendar.run(december(day)) for day in (11, 18, 40)] == [NOTHING] * 3

    OutgoingEmail.objects.filter(pk=reminder.pk).update(state="permanent_failure")

    assert Referral.objects.undeliverable().exists()
    assert calendar.run(december(40)) == DEPUTY_ASKED


def test_staff_are_called_at_once_where_the_coalition_was_asked(client, catalogue, calendar):
    expression = confirmed(client, "3111")
    calendar.send(MONDAY)
    InitiativeContact.objects.create(initiative=catalogue["3111"], contact=PointOfContact.objects.get(email=OWN), position=0)

    assert [calendar.run(december(day)) for day in (9, 10, 11)] == [NOTHING, STAFF_CALLED, NOTHING]
    assert asked_of(expression) == [("first", "coalition@example.org")]
    assert Referral.objects.overdue().exists()


def spoil(how):
    default = PointOfContact.objects.filter(email=DEFAULT)
    if how == "nobody":
        Initiative.objects.get(code="3224").organizations.update(default_contact=None)
    elif how == "inactive":
        default.update(is_active=False)
    elif how == "unusable":
        default.update(email="nobody")
    else:
        default.filter().update(organization=factories.organization("other"), email=OWN.upper())


@pytest.mark.parametrize("how", ["nobody", "inactive", "unusable", "same address"])
def test_staff_are_called_after_the_reminder_where_there_is_no_deputy(asked, calendar, how):
    spoil(how)

    assert [calendar.run(december(day)) for day in (10, 17, 18)] == [REMINDED, NOTHING, STAFF_CALLED]


def test_deputy_is_asked_once_in_a_silence_however_many_there_are(asked, calendar, unodc):
    second = factories.contact(unodc, "Canary Second")
    InitiativeContact.objects.create(initiative=asked.referrals.get().initiative, contact=second, position=1)

    assert [calendar.run(december(day)) for day in (10, 18, 26)] == [REMINDED, DEPUTY_ASKED, STAFF_CALLED]
    assert asked_of(asked)[-1] == ("deputy", second.email)


@pytest.mark.parametrize("state", ["held", "permanent_failure"])
def test_ladder_rests_while_nobody_got_the_mail_to_the_deputy(asked, calendar, state):
    calendar.run(december(10))
    calendar.run(december(18))
    OutgoingEmail.objects.filter(inquiries__step="deputy").update(state=state, accepted_at=None)

    assert calendar.run(december(40)) == NOTHING
    assert Referral.objects.undeliverable().exists() == (state == "permanent_failure")


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "moved@unodc.example"}])
def test_contact_who_left_is_not_reminded_but_the_next_one_asked(asked, calendar, change):
    PointOfContact.objects.filter(email=OWN).update(**change)

    assert [calendar.run(december(day)) for day in (9, 10)] == [NOTHING, DEPUTY_ASKED]
    assert not OutgoingEmail.objects.filter(kind="reminder").exists()


def test_nobody_new_is_asked_about_what_left_the_catalogue(asked, calendar):
    Initiative.objects.filter(code="3224").update(state="archived")

    assert [calendar.run(december(day)) for day in (10, 18)] == [REMINDED, STAFF_CALLED]


def test_deputies_get_one_mail_for_a_request(client, catalogue, calendar, unodc):
    factories.initiative("3225", lead=unodc, contacts=[PointOfContact.objects.get(email=OWN)])
    expression = confirmed(client, "1103", "3224", "3225")
    calendar.send(MONDAY)

    # 1103 has been with the default contact from the start, so nobody is left to ask.
    assert [calendar.run(december(day)) for day in (10, 18, 26)] == [(2, 0, 0, 0), (0, 1, 1, 0), (0, 0, 2, 0)]
    [deputy] = OutgoingEmail.objects.filter(inquiries__step="deputy").distinct()
    assert deputy.key.startswith(f"contact:{expression.reference}:")
    assert [code for code in ("1103", "3224", "3225") if f"{code}  Title" in deputy.text] == ["3224", "3225"]
    assert "\nAnother point of contact was asked on 2 December 2024. We know of no answer yet, so we ask you" in deputy.text
    assert deputy.subject == f"You are asked as well: request from Kazakhstan about 2 initiatives ({expression.reference})"
    assert (deputy.recipient, deputy.reply_to) == (DEFAULT, "aigul@mvd.example")
    assert "own" not in deputy.text.lower().replace("unknown", "")


# -- One mail a day for all that waits -------------------------------------------------------------------------------------------


def test_reminders_of_one_day_are_one_mail_to_each_address(client, catalogue, calendar):
    confirmed(client, "1103", "1104", "2206A")
    calendar.send(MONDAY)
    confirmed(client, "1103", "3224", email="other@health.example", country="FR", institution="Ministry of Health")
    calendar.send(december(3))

    assert calendar.run(december(12)) == (3, 0, 0, 0)
    reminders = OutgoingEmail.objects.filter(kind="reminder")
    assert sorted(reminders.values_list("recipient", flat=True)) == [DEFAULT, HEALER, OWN]
    assert reminders.get(recipient=DEFAULT).inquiries.count() == 3
    assert mail.outbox[-1].reply_to == ["coalition@example.org"]


def test_new_requests_do_not_bring_reminders_of_old_ones(client, catalogue, calendar):
    for day in (2, 3, 4):
        confirmed(client, "1103", email=f"{day}@mvd.example")
        calendar.send(december(day))

    reminded = {day: calendar.run(december(day))[0] for day in (10, 11, 11, 12, 13)}

    assert reminded == {10: 1, 11: 0, 12: 1, 13: 0}
    assert [email.inquiries.count() for email in OutgoingEmail.objects.filter(kind="reminder")] == [1, 1, 1]
    assert Inquiry.objects.filter(step="reminder").values("referral").distinct().count() == 3


def test_address_that_was_reminded_today_is_not_reminded_again(client, catalogue, calendar):
    confirmed(client, "1103")
    calendar.send(MONDAY)
    calendar.run(december(10))
    confirmed(client, "1104")
    calendar.send(MONDAY)

    assert calendar.run(december(10)) == NOTHING
    assert calendar.run(december(11)) == REMINDED


def test_day_off_reminds_nobody(asked, calendar, settings):
    settings.HOLIDAYS = {december(16)}

    assert [calendar.run(december(day)) for day in (14, 15, 16)] == [NOTHING] * 3


def test_one_that_cannot_be_pursued_stops_no_other(client, catalogue, calendar, capsys):
    broken = confirmed(client, "3111", "3224", email="broken@mvd.example")
    confirmed(client, "1103")
    calendar.send(MONDAY)
    calendar.run(december(10))
    ExpressionOfInterest.objects.filter(pk=broken.pk).update(email="not an address")

    assert calendar.run(december(18)) == (0, 0, 1, 1)
    with pytest.raises(CommandError, match="1 could not be pursued"):
        call_command("pursue_silence")
    ExpressionOfInterest.objects.filter(pk=broken.pk).update(email="broken@mvd.example")
    call_command("pursue_silence")
    assert capsys.readouterr().out.endswith("reminders 0, deputies 1, given to staff 0\n")


def test_task_and_command_do_the_same(asked, calendar, monkeypatch):
    monkeypatch.setattr(pursuing, "database_day", lambda: december(10))
    tasks.pursue_silence()
    assert asked_of(asked) == [("first", OWN), ("reminder", OWN)]
    call_command("pursue_silence")
    assert asked_of(asked) == [("first", OWN), ("reminder", OWN)]


def test_database_tells_the_day():
    assert pursuing.database_day() == timezone.now().date()
