"""Many at the same moment: one effect, no error."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.models import Answer, Event, ExpressionOfInterest, Referral
from tests.interest.conftest import (
    answer_form,
    answer_link,
    answers,
    confirmed,
    link_in,
    mail_of,
    registered,
    said,
    send_answer,
    status_link,
)

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 20


def at_once(count, function):
    """Runs a function so often, in threads that start together, each with a database connection of its own."""
    barrier = threading.Barrier(THREADS)

    def run(number):
        try:
            if number < THREADS:
                barrier.wait(30)
            return function(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, range(count)))


def test_fifty_identical_posts_are_one_expression_and_one_mail(catalogue):
    form = answers("1103", "1104")

    responses = at_once(50, lambda _number: Client().post(reverse("interest:register"), form))

    assert {(response.status_code, response.url) for response in responses} == {(302, reverse("interest:registered"))}
    assert ExpressionOfInterest.objects.count() == 1
    assert Referral.objects.count() == 2
    assert OutgoingEmail.objects.count() == 1


def test_twenty_parallel_clicks_verify_once(client, catalogue):
    registered(client, "1103", "2206A")
    link = link_in(mail_of("verification").text, "verify")

    responses = at_once(20, lambda _number: Client().post(link))

    assert {response.status_code for response in responses} == {302}
    assert len({response.url for response in responses}) == 1
    assert sorted(OutgoingEmail.objects.values_list("kind", flat=True)) == ["contact", "contact", "receipt", "verification"]
    assert Referral.objects.filter(is_live=True).count() == 2


def test_expressions_of_one_address_verified_together_ask_once(client, catalogue):
    expressions = [registered(client, "1103", "1104", message=str(number)) for number in range(4)]

    at_once(20, lambda number: actions.verify(expression=expressions[number % 4]))

    assert Referral.objects.filter(is_live=True).count() == 2
    assert OutgoingEmail.objects.filter(kind="contact").count() == 1
    assert OutgoingEmail.objects.filter(kind="receipt").count() == 4


def test_twenty_identical_answers_are_one_answer_and_one_mail(client, catalogue):
    confirmed(client, "1103", "1104")
    form, link = answer_form({"all": said("acknowledged")}), answer_link()

    responses = at_once(20, lambda _number: Client().post(link, form))

    assert {(response.status_code, response.url) for response in responses} == {(302, link)}
    assert Answer.objects.count() == 2
    assert OutgoingEmail.objects.filter(kind="answer").count() == 1
    assert Event.objects.filter(what="answered").count() == 1


def test_twenty_identical_replies_withdrawals_and_corrections_have_one_effect_each(client, catalogue):
    confirmed(client, "1103", "1104")
    send_answer(client, {"all": said("need_information", text="Who?")})
    queue.send_due()  # a contact who was not asked yet would not be told of a withdrawal
    status = status_link().rstrip("/")
    for page, form, kind in [
        ("reply", {"key": "9d2a7a52-9f25-4bb5-8a3b-bd0d1a8a9e01", "text-1103": "We."}, "reply"),
        ("details", {"name": "New", "job_title": "J", "institution": "I", "phone": ""}, "correction"),
        ("withdraw", {"initiatives": ["1103", "1104"]}, "withdrawal"),
    ]:
        responses = at_once(20, lambda _number, page=page, form=form: Client().post(f"{status}/{page}/", form))

        assert {response.status_code for response in responses} == {302}
        assert OutgoingEmail.objects.filter(kind=kind).count() == 1
    assert list(Event.objects.order_by("pk").values_list("what", flat=True))[3:] == ["replied", "corrected", "withdrawn"]


def test_links_asked_for_twenty_times_at_once_are_mailed_once(client, catalogue, settings):
    settings.FORMS_PER_NETWORK_HOUR = 40
    reference, link = confirmed(client, "1103").reference, answer_link()
    lost = {"reference": reference, "email": "aigul@mvd.example"}

    at_once(20, lambda _number: Client().post(link, {"fresh": "1"}))
    at_once(20, lambda _number: Client().post("/interest/link/", lost))

    assert OutgoingEmail.objects.filter(kind="answer_link").count() == 1
    assert OutgoingEmail.objects.filter(kind="status_link").count() == 1
    assert Event.objects.filter(what__in=["answer_link", "status_link"]).count() == 2


def test_answers_and_a_withdrawal_at_once_end_in_a_whole_state(client, catalogue):
    expression = confirmed(client, "1103")
    link, status = answer_link(), status_link().rstrip("/")

    def act(number):
        if number == 7:
            return Client().post(f"{status}/withdraw/", {"initiatives": ["1103"]})
        return send_answer(Client(), {"1103": said("noted", text=str(number))}, link)

    responses = at_once(20, act)

    assert {response.status_code for response in responses} <= {200, 302}
    assert expression.referrals.values_list("status", "is_live").get() == ("withdrawn", False)
    assert OutgoingEmail.objects.filter(kind="answer").count() == Answer.objects.count()


def test_verify_decides_anew_when_the_database_refuses_a_second_live_referral(client, catalogue):
    first = registered(client, "1103", message="first")
    second = registered(client, "1103", "1104", message="second")
    written, go_on = threading.Event(), threading.Event()

    def make_live_without_the_lock():
        """What `verify` cannot see coming: another transaction, not yet committed."""
        try:
            with transaction.atomic():
                first.referrals.update(is_live=True, email=OutgoingEmail.objects.first())
                written.set()
                go_on.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(make_live_without_the_lock)
        assert written.wait(30)
        ours = threads.submit(at_end_close, actions.verify, expression=second)
        wait_for_blocked_query()
        go_on.set()
        other.result(30)
        ours.result(30)

    assert dict(second.referrals.values_list("initiative__code", "is_live")) == {"1103": False, "1104": True}
    assert second.referrals.get(initiative__code="1103").already_live.expression == first
    assert OutgoingEmail.objects.filter(kind="contact").count() == 1


def at_end_close(function, **values):
    try:
        return function(**values)
    finally:
        connection.close()


def wait_for_blocked_query():
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("Nothing waits for the other transaction.")
