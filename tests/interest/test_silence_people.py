"""What people read while nobody answers, and what they can do once two are asked."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F

from coalition.mail import layout, queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.actions import pursuing
from interest.models import Answer, Event, Inquiry, Referral
from tests.interest.calendar import december
from tests.interest.conftest import answer_link, confirmed, link_in, mail_of, said, send_answer, status_link
from tests.interest.test_answers import text_of

pytestmark = pytest.mark.django_db
DEFAULT, OWN = "canary.default@unodc.example", "canary.own@unodc.example"
OFFICE = "United Nations Office on Drugs and Crime (UNODC)"
DEPUTY = f"{OFFICE}, Laboratory and Scientific Service"
MONDAY = december(2)


@pytest.fixture
def two_asked(client, catalogue, calendar):
    """3224 was sent to its own contact, who is silent, and then to the deputy."""
    expression = confirmed(client, "3224")
    calendar.send(MONDAY)
    assert [calendar.run(december(day))[:2] for day in (10, 18)] == [(1, 0), (0, 1)]
    return expression


def grow_older(days):
    """Everything that is dated by the database."""
    for model, columns in [
        (OutgoingEmail, ["created_at", "accepted_at"]),
        (Inquiry, ["created_at"]),
        (Referral, ["staff_called_at"]),
    ]:
        model.objects.update(**{column: F(column) - timedelta(days=days) for column in columns})


# -- Mails -----------------------------------------------------------------------------------------------------------------------


def test_reminder_read_literally(client, catalogue, calendar):
    first = confirmed(client, "1103", "1104")
    calendar.send(MONDAY)
    links = [answer_link(DEFAULT)]
    second = confirmed(client, "1103", email="other@health.example", country="FR", institution="Ministry of Health")
    calendar.send(december(3))
    links.append(answer_link(DEFAULT))
    send_answer(client, {"1104": said("acknowledged")}, links[0])
    calendar.send(december(3))
    calendar.run(december(31))

    reminder = mail_of("reminder")
    assert reminder.subject == "Reminder, please answer: 2 requests wait for you"
    assert (
        layout.wrap(reminder.text)
        == f"""Dear colleague,

We know of no answer to these 2 requests of focal points. Please answer
each with the link below it, without an account. If you cannot say more
yet, choose “Acknowledged”. If you have already written to them
directly, choose what you told them: this site does not learn of such
mails. If somebody else should be asked, choose “Wrong person”.

All that waits for you, on one page:
http://testserver{link_in(reminder.text, "requests")}

You can give several requests the same answer there. This link works for
3 days. Please do not pass it on: whoever has it can read and answer all
of them. The links below open one request each.

Kazakhstan · Ministry of Internal Affairs
Waits since 2 December 2024 ({first.reference})

1103  Precursor control, O'Brien & partners
1104  Title of 1104
      Acknowledged; the full answer is still missing.

Answer here:
http://testserver{links[0]}

France · Ministry of Health
Waits since 3 December 2024 ({second.reference})

1103  Precursor control, O'Brien & partners

Answer here:
http://testserver{links[1]}

Each link works for 10,000 days, for its own request only, and for
whoever has it. A reply to this mail goes to the Coalition, not to a
focal point. If no answer comes, another point of contact or the
Coalition’s staff are asked.

{"-- "}
Global Coalition to Address Synthetic Drug Threats
http://testserver · coalition@example.org
"""
    )
    for private in ("Aigul", "aigul@", "other@", "canary", "+7 7172"):
        assert private not in reminder.text + reminder.html
    for link in links:
        assert f'href="http://testserver{link}"' in reminder.html


def test_reminder_of_one_request_names_it_in_the_subject(client, catalogue, calendar):
    expression = confirmed(client, "1103")
    calendar.send(MONDAY)
    calendar.run(december(10))

    assert mail_of("reminder").subject == f"Reminder, please answer: request from Kazakhstan ({expression.reference})"


def test_links_of_a_reminder_open_one_request_each(client, catalogue, calendar):
    for institution in ("First Ministry", "Second Ministry"):
        confirmed(client, "1103", institution=institution, email=f"{institution[:5]}@mvd.example")
    calendar.send(MONDAY)
    calendar.run(december(10))

    paths = re.findall(r"http://testserver(/interest/answer/\S+)", mail_of("reminder").text)
    pages = [text_of(client.get(path)) for path in paths]

    assert [("First Ministry" in page, "Second Ministry" in page) for page in pages] == [(True, False), (False, True)]


def test_reminder_gives_its_links_a_new_life(client, catalogue, monkeypatch, settings):
    confirmed(client, "1103", "2206A")
    queue.send_due()
    link, other = answer_link(DEFAULT), answer_link("canary.healer@who.example")
    grow_older(40)
    assert [client.get(path).status_code for path in (link, other)] == [410, 410]
    monkeypatch.setattr(pursuing, "is_working_day", lambda _day, _holidays: True)
    monkeypatch.setattr(pursuing, "to_remind", only_for(DEFAULT))
    actions.pursue_silence()
    assert client.get(link).status_code == 410  # nobody has got the reminder yet

    queue.send_due()

    assert link_in(mail_of("reminder").text, "answer") == link
    assert [client.get(path).status_code for path in (link, other)] == [200, 410]
    OutgoingEmail.objects.filter(kind="reminder").update(accepted_at=F("accepted_at") - timedelta(days=31))
    assert client.get(link).status_code == 410


def only_for(address):
    to_remind = pursuing.to_remind

    def chosen(referral):
        ask = to_remind(referral)
        return ask if ask and ask.address_key == address else None

    return chosen


def test_reminder_gives_no_new_life_to_links_that_it_does_not_show(client, catalogue, monkeypatch):
    confirmed(client, "1103")
    queue.send_due()
    grow_older(40)
    client.post(answer_link(DEFAULT), {"fresh": "1"})
    queue.send_due()
    fresh = answer_link(DEFAULT, "answer_link")
    grow_older(40)
    monkeypatch.setattr(pursuing, "is_working_day", lambda _day, _holidays: True)
    actions.pursue_silence()
    queue.send_due()

    assert client.get(answer_link(DEFAULT)).status_code == 200
    assert client.get(fresh).status_code == 410


def test_reminder_of_what_was_acknowledged_asks_for_the_answer_itself(client, catalogue, calendar):
    confirmed(client, "1103", "1104")
    calendar.send(MONDAY)
    send_answer(client, {"all": said("acknowledged")}, answer_link(DEFAULT))
    calendar.send(december(3))
    calendar.run(december(31))

    for text in (mail_of("reminder").text, unescape(mail_of("reminder").html)):
        assert "This request of a focal point was acknowledged, but we know of no full answer." in text
        assert "choose “Acknowledged”" not in text


# -- Pages -----------------------------------------------------------------------------------------------------------------------


def test_status_page_tells_whom_the_portal_asked_and_reminded(client, two_asked):
    page = re.sub("<[^>]+>", "", text_of(client.get(status_link())))

    steps = (
        f"Sent to {OFFICE} on 2 December 2024, 12:00 UTC. "
        f"{OFFICE} was reminded on 10 December 2024, 12:00 UTC. "
        f"No answer was known, so it was sent to {DEPUTY} as well on 18 December 2024, 12:00 UTC."
    )
    for told in (
        steps,
        f"{OFFICE} was reminded of the request.",
        f"The request was mailed to {DEPUTY} as well, because no answer was known.",
    ):
        assert told in page
    assert "staff can see this" not in page
    assert "canary" not in page.lower()


def test_status_page_and_record_know_that_it_was_acknowledged(client, catalogue, calendar):
    confirmed(client, "3224")
    calendar.send(MONDAY)
    send_answer(client, {"3224": said("acknowledged")}, answer_link(OWN))
    calendar.send(december(4))
    for day in (31, 39):
        calendar.run(december(day))

    page = re.sub("<[^>]+>", "", text_of(client.get(status_link())))

    waited = Referral.objects.with_recipients().get().days_waiting
    assert waited > 600
    for told in (
        f"No full answer is known for {waited} days.",
        f"No full answer had come, so it was sent to {DEPUTY} as well on 8 January 2025, 12:00 UTC.",
        f"The request was mailed to {DEPUTY} as well, because no full answer had come.",
    ):
        assert told in page


def test_pages_say_no_answer_for_31_days_only_once_staff_are_called(client, catalogue, monkeypatch, settings):
    settings.ANSWER_LINK_DAYS = 60
    expression = confirmed(client, "3111")
    queue.send_due()
    grow_older(31)
    before = text_of(client.get(status_link()))
    monkeypatch.setattr(pursuing, "is_working_day", lambda _day, _holidays: True)

    actions.pursue_silence()

    words = "No answer is known for 31 days"
    assert f"{words}. The Coalition’s staff can see this." not in before
    assert f"{words}. The Coalition’s staff can see this." in text_of(client.get(status_link()))
    assert words in text_of(client.get(answer_link("coalition@example.org")))
    assert expression.referrals.with_recipients().get().status_words == words
    send_answer(client, {"3111": said("acknowledged")}, answer_link("coalition@example.org"))
    assert "staff can see this" not in text_of(client.get(status_link()))


def test_label_of_what_was_only_acknowledged_says_so(client, two_asked):
    Referral.objects.update(staff_called_at=OutgoingEmail.objects.latest("pk").created_at, status="acknowledged")

    assert "Acknowledged, but no full answer is known for" in Referral.objects.with_recipients().get().status_words


# -- Two are asked ---------------------------------------------------------------------------------------------------------------


def test_first_contact_sees_the_answer_of_the_deputy_and_may_add_to_it(client, two_asked):
    first, second = answer_link(OWN), answer_link(DEFAULT)
    send_answer(client, {"3224": said("noted", text="Not this year.")}, second, shares_address="on")

    page = text_of(client.get(first))
    for shown in ("Noted, no resources now", DEPUTY, "Not this year."):
        assert shown in page
    send_answer(client, {"3224": said("scheduled", period="May")}, first, shares_address="on")

    assert list(Answer.objects.values_list("contact__email", "direct_email", "direct_name")) == [
        (DEFAULT, DEFAULT, "Canary Default"),
        (OWN, OWN, "Canary Own"),
    ]
    assert two_asked.referrals.get().status == "scheduled"


def test_reply_and_withdrawal_reach_both_who_are_asked_once_each(client, two_asked, calendar):
    send_answer(client, {"3224": said("need_information", text="Who?")}, answer_link(DEFAULT))
    reply = status_link().rstrip("/") + "/reply/"
    for _twice in range(2):
        client.post(reply, {"key": "9d2a7a52-9f25-4bb5-8a3b-bd0d1a8a9e01", "text-3224": "We."})
    for _twice in range(2):
        actions.withdraw(expression=two_asked, codes=["3224"])
    queue.send_due()

    for kind in ("reply", "withdrawal"):
        emails = OutgoingEmail.objects.filter(kind=kind)
        assert sorted(emails.values_list("recipient", flat=True)) == [DEFAULT, OWN]
    told = [message.to[0] for message in mail.outbox if message.subject.startswith("Withdrawn: a request you were asked")]
    assert sorted(told) == [DEFAULT, OWN]
    assert all("canary" not in unescape(email.text).lower() for email in OutgoingEmail.objects.exclude(kind="answer"))


def test_neither_of_two_learns_who_the_other_is(client, two_asked):
    for page in (client.get(answer_link(OWN)), client.get(answer_link(DEFAULT))):
        assert "canary" not in text_of(page).lower()
    assert "canary" not in mail_of("contact", recipient=DEFAULT).text.lower()


# -- Twice at once ---------------------------------------------------------------------------------------------------------------


def at_once(function, count=8):
    """In threads that start together, each with a database connection of its own."""
    barrier = threading.Barrier(count)

    def run(_number):
        try:
            barrier.wait(30)
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_moment_climb_one_rung(client, catalogue, monkeypatch, settings):
    settings.ACKNOWLEDGE_WORKING_DAYS = settings.NEXT_STEP_WORKING_DAYS = 1
    monkeypatch.setattr(pursuing, "is_working_day", lambda _day, _holidays: True)
    for number in range(3):
        confirmed(client, "3224", "1103", email=f"{number}@mvd.example")
    queue.send_due()

    for kinds in (["reminder", "reminder"], ["deputy"], []):
        grow_older(10)
        written = set(OutgoingEmail.objects.values_list("pk", flat=True))
        done = at_once(actions.pursue_silence)
        assert sum(pursuit.failures for pursuit in done) == 0
        new = OutgoingEmail.objects.exclude(pk__in=written)
        assert list(new.values_list("kind", flat=True)) == kinds
        queue.send_due()
    assert [Event.objects.filter(what=what).count() for what in ("reminded", "deputy_asked", "staff_called")] == [6, 3, 6]
    assert Referral.objects.overdue().count() == 6
