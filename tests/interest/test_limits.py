"""How often one may be written to, and how often one may ask (reliability C5, C8)."""

import logging
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions, limits
from interest.models import Event, ExpressionOfInterest, Use
from tests.interest.conftest import answer_link, answers, confirmed, link_in, registered, submit
from tests.interest.test_races import at_once

pytestmark = pytest.mark.django_db
REGISTER = "/interest/register/"
VICTIM = "victim@ministry.example"


def minutes_to_wait(address=VICTIM):
    """For every mail to an address, in minutes from now."""
    mails = OutgoingEmail.objects.filter(recipient__iexact=address, state="queued").order_by("pk")
    return [round((mail.next_attempt_at - timezone.now()) / timedelta(minutes=1)) for mail in mails]


def pass_time(**time):
    """As if all that was done so far had been done earlier."""
    earlier = timedelta(**time)
    Use.objects.update(at=F("at") - earlier)
    OutgoingEmail.objects.update(next_attempt_at=F("next_attempt_at") - earlier, created_at=F("created_at") - earlier)
    ExpressionOfInterest.objects.update(created_at=F("created_at") - earlier)


# -- Mails to one address ------------------------------------------------------------------------------------------------------


def test_mails_to_an_address_that_nobody_confirms_take_turns(client, catalogue):
    for number in range(9):
        submit(client, "1103", email=VICTIM, message=str(number))

    # 1 in 15 minutes, 3 in 6 hours, 5 in a day.
    assert minutes_to_wait() == [0, 15, 30, 360, 375, 1440, 1455, 1470, 1800]
    assert ExpressionOfInterest.objects.count() == 9


def test_a_second_form_within_minutes_is_mailed_after_a_quarter_of_an_hour(client, catalogue):
    submit(client, "1103", email=VICTIM)
    submit(client, "2206A", email=VICTIM)
    queue.send_due()
    assert sorted(OutgoingEmail.objects.values_list("state", flat=True)) == ["queued", "sent"]

    pass_time(minutes=15)
    queue.send_due()

    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {"sent"}
    for email in OutgoingEmail.objects.filter(kind="verification"):
        client.post(link_in(email.text, "verify"))
    assert ExpressionOfInterest.objects.verified().count() == 2


def test_who_confirms_gets_the_next_mail_at_once(client, catalogue):
    first = registered(client, "1103", email=VICTIM)
    for code in ("1104", "2206A"):
        submit(client, code, email="Victim@Ministry.example")
    assert minutes_to_wait() == [0, 15, 30]

    actions.verify(expression=first)

    assert minutes_to_wait()[:3] == [0, 0, 30]
    registered(client, "3224", email=VICTIM)
    assert minutes_to_wait() == [0, 0, 30, 0, 45]  # the fourth is the receipt of the first


def test_what_was_confirmed_does_not_count(client, catalogue):
    for code in ("1103", "1104", "2206A", "3224", "3111"):
        actions.verify(expression=registered(client, code, email=VICTIM))

    registered(client, "1103", email=VICTIM)

    assert set(minutes_to_wait()) == {0}


def test_a_mail_that_would_come_too_late_is_held_for_staff(client, catalogue, caplog):
    for number in range(11):
        submit(client, "1103", email=VICTIM, message=str(number))

    states = list(OutgoingEmail.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["queued"] * 10 + ["held"]
    assert ExpressionOfInterest.objects.count() == 11
    [record] = [record for record in caplog.records if record.name == "interest.actions.registering"]
    assert VICTIM not in record.getMessage()


@pytest.mark.parametrize("other", ["VICTIM@ministry.example", "victim+1@Ministry.Example", "v.i.ctim@ministry.example"])
def test_another_spelling_of_a_mailbox_takes_the_same_turns(client, catalogue, other):
    submit(client, "1103", email=VICTIM)
    submit(client, "1103", email=other)

    assert minutes_to_wait(other)[-1] == 15


def test_many_addresses_of_one_domain_wait_an_hour_after_thirty(client, catalogue):
    for number in range(31):
        form = answers("1103", email=f"officer{number}@ministry.example")
        client.post(REGISTER, form, REMOTE_ADDR=f"192.0.2.{number % 2}")
    submit(client, "1103", email="officer@health.example")

    assert [minutes_to_wait(f"officer{number}@ministry.example") for number in (0, 29, 30)] == [[0], [0], [60]]
    assert minutes_to_wait("officer@health.example") == [0]


def test_a_limited_form_gets_the_same_answer_and_the_same_rows(client, catalogue):
    """Nothing in the answer, in its headers or in the record tells that the mail waits."""

    def seen(number):
        response = submit(Client(), "1103", email=VICTIM, message=str(number))
        return response.status_code, dict(response.items()) | {"Set-Cookie": ""}, response.content

    assert seen(1) == seen(2) == seen(3)
    assert Event.objects.filter(what="registered").count() == 3


# -- Forms from one network, and from all --------------------------------------------------------------------------------------


def test_a_network_that_sends_too_many_forms_is_told_when_to_come_back(client, catalogue, settings):
    settings.FORMS_PER_NETWORK_HOUR = 2
    for code in ("1103", "1104"):
        submit(client, code, email=f"{code}@mvd.example")
    response = client.post(REGISTER, answers("2206A", email="late@mvd.example", message="Typed words"), REMOTE_ADDR="127.0.0.1")
    page = response.content.decode()

    assert (response.status_code, response.headers["Retry-After"]) == (429, "3600")
    assert "Please try again in 60 minutes." in page
    for typed in ("Typed words", "late@mvd.example", "Aigul Focal-Point", 'value="2206A"'):
        assert typed in page
    assert ExpressionOfInterest.objects.count() == 2
    assert client.post(REGISTER, answers("2206A"), REMOTE_ADDR="192.0.2.1").status_code == 302
    pass_time(hours=1)
    assert submit(client, "2206A", email="late@mvd.example").status_code == 302


def test_the_same_form_again_is_not_counted(client, catalogue, settings):
    settings.FORMS_PER_NETWORK_HOUR = 1
    form = answers("1103")

    assert {client.post(REGISTER, form).status_code for _ in range(3)} == {302}


def test_all_networks_together_have_a_limit_and_staff_learn_of_it_once(client, catalogue, settings, caplog):
    settings.FORMS_PER_HOUR = 3
    statuses = [
        client.post(REGISTER, answers("1103", message=str(number)), REMOTE_ADDR=f"192.0.2.{number}").status_code
        for number in range(6)
    ]

    assert statuses == [302, 302, 302, 429, 429, 429]
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage().startswith("Too many in an hour: forms of everybody.")


def test_links_are_asked_for_within_the_same_limits(client, catalogue, settings):
    settings.FORMS_PER_NETWORK_HOUR = 2
    reference = confirmed(client, "1103").reference
    lost = {"reference": reference, "email": "aigul@mvd.example"}
    unknown = {"reference": "EOI-2026-ACDEFG", "email": "nobody@mvd.example"}

    answered = [client.post("/interest/link/", form) for form in (unknown, lost, lost, unknown)]
    fresh = client.post(answer_link(), {"fresh": "1"})

    assert [response.status_code for response in answered] == [302, 302, 429, 429]
    assert reference in answered[2].content.decode()
    assert fresh.status_code == 429
    assert "Please try again in 60 minutes." in fresh.content.decode()
    assert OutgoingEmail.objects.filter(kind="answer_link").count() == 0


def test_without_its_table_nothing_is_mailed(client, catalogue, monkeypatch):
    monkeypatch.setattr(Use._meta, "db_table", "no_such_table")
    client.raise_request_exception = False

    assert submit(client, "1103").status_code == 500
    monkeypatch.undo()
    assert not OutgoingEmail.objects.exists()
    assert not ExpressionOfInterest.objects.exists()


# -- Many at once --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_fifty_forms_at_once_stay_within_the_limit(catalogue, settings):
    settings.FORMS_PER_NETWORK_HOUR = 20
    responses = at_once(50, lambda number: submit(Client(), "1103", message=str(number), email=f"a{number}@mvd.example"))

    assert sorted(response.status_code for response in responses) == [302] * 20 + [429] * 30
    assert ExpressionOfInterest.objects.count() == OutgoingEmail.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_victim_gets_five_mails_a_day_from_any_number_of_forged_networks(catalogue):
    def attack(number):
        form = answers("1103", message=str(number), email=f"victim+{number}@ministry.example")
        forged = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}, 203.0.113.{number}", "HTTP_FORWARDED": f"for=10.0.0.{number}"}
        return Client().post(REGISTER, form, **forged).status_code

    statuses = at_once(60, attack)
    first_day = OutgoingEmail.objects.filter(state="queued", next_attempt_at__lt=timezone.now() + timedelta(hours=23))

    assert sorted(statuses) == [302] * 20 + [429] * 40
    assert first_day.count() == 5
    assert Use.objects.filter(key=limits.Counter("forms of everybody", "", ()).key).count() == 20


# -- Whose network -------------------------------------------------------------------------------------------------------------

PROXY = "172.18.0.1"


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "network"),
    [
        ([], "192.0.2.7", None, "192.0.2.7/32"),
        ([], "192.0.2.7", "203.0.113.9", "192.0.2.7/32"),
        ([], PROXY, "203.0.113.9", "172.18.0.1/32"),
        ([PROXY], PROXY, "203.0.113.9", "203.0.113.9/32"),
        ([PROXY], PROXY, "10.1.1.1, 127.0.0.1, 203.0.113.9", "203.0.113.9/32"),
        ([PROXY, "198.51.100.0/24"], PROXY, "10.1.1.1, 203.0.113.9, 198.51.100.4", "203.0.113.9/32"),
        ([PROXY], "192.0.2.7", "203.0.113.9", "192.0.2.7/32"),
        (["172.16.0.0/12"], PROXY, "172.20.0.5", "172.20.0.5/32"),
        ([PROXY], PROXY, "203.0.113.9, nonsense", "172.18.0.1/32"),
        ([PROXY], PROXY, "", "172.18.0.1/32"),
        ([PROXY], PROXY, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ([], "::ffff:192.0.2.7", None, "192.0.2.7/32"),
        ([], "2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        ([PROXY], "", "203.0.113.9", ""),
    ],
)
def test_network_is_that_of_the_last_hop_that_is_not_ours(settings, trusted, remote, forwarded, network):
    settings.TRUSTED_PROXIES = trusted
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}

    assert limits.network_of(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == network


def test_the_table_names_nobody_and_forgets_after_a_day(client, catalogue):
    client.post(REGISTER, answers("1103", email=VICTIM), REMOTE_ADDR="192.0.2.7")
    stored = str(list(Use.objects.values()))

    assert Use.objects.count() == 4
    for plain in (VICTIM, "victim", "ministry.example", "192.0.2.7"):
        assert plain not in stored
    assert limits.forget_old() == 0
    pass_time(hours=25)
    assert limits.forget_old() == 4


def test_database_and_rules_agree_on_any_order(client, catalogue):
    """Turns booked in any order never put more into a stretch of time than its rule allows."""
    counter = limits.Counter("test", "x", limits.MAILBOX)
    for hours in (30, 3, 1, 20):
        Use.objects.create(key=counter.key, at=timezone.now() - timedelta(hours=hours))
    Use.objects.create(key=counter.key, at=timezone.now() + timedelta(hours=2))
    turns = sorted([*Use.objects.values_list("at", flat=True), timezone.now() + counter.wait()])

    for rule in limits.MAILBOX:
        gaps = [later - first for first, later in zip(turns, turns[rule.number :], strict=False)]
        assert min(gaps) > rule.within - timedelta(seconds=5)
