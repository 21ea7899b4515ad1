"""What somebody with a confirmed address can have mailed to those who are asked (reliability C8)."""

from collections import Counter

import pytest

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.models import Event, ExpressionOfInterest
from tests.interest.conftest import registered
from tests.interest.test_limits import pass_time

pytestmark = pytest.mark.django_db
CODES = ["1103", "1104", "2206A", "3224", "3111"]
FLOODED = ["contact", "correction", "withdrawal"]
SPELLINGS = ["mallory@mvd.example", "Mallory+{}@mvd.example", "mal.lory+{}@MVD.example"]


def correct(expression, number):
    details = {"name": f"Mallory {number}", "job_title": "Head", "institution": "Ministry", "phone": ""}
    try:
        actions.correct(expression=expression, **details)
    except actions.TooManyCorrectionsError:
        return False
    return True


def send_all():
    """So that nothing that left can be recalled. Says how many mails each contact has had."""
    while queue.send_due():
        pass
    sent = OutgoingEmail.objects.filter(kind__in=FLOODED, state="sent")
    return Counter(sent.values_list("recipient", flat=True))


def attack(client, number):
    """One registration of everything, corrected, and withdrawn one by one."""
    expression = registered(client, *CODES, email=SPELLINGS[number % 3].format(number), message=str(number))
    actions.verify(expression=expression)
    send_all()
    corrected = [correct(expression, index) for index in range(5)]
    send_all()
    for code in CODES:
        actions.withdraw(expression=expression, codes=[code])
        send_all()
    return corrected.count(True)


def test_one_mailbox_has_each_contact_written_to_ten_times_a_day(client, catalogue):
    corrections = sum(attack(client, number) for number in range(12))
    first_day = send_all()

    assert len(first_day) == 4
    assert max(first_day.values()) == 10
    assert corrections == 5
    assert ExpressionOfInterest.objects.filter(withdrawn_at=None).count() == 0
    pass_time(days=1)
    assert max((send_all() - first_day).values()) <= 10


def test_mail_beyond_the_tenth_waits_and_is_sent_the_next_day(client, catalogue):
    for number in range(11):
        expression = registered(client, "1103", message=str(number), email="aigul@mvd.example")
        actions.verify(expression=expression)
        assert send_all().total() == min(1 + 2 * number, 10)
        if number < 10:
            actions.withdraw(expression=expression, codes=["1103"])
            send_all()

    assert expression.referrals.get().is_live
    pass_time(days=1)
    assert send_all().total() > 10
    assert OutgoingEmail.objects.get(pk=expression.referrals.get().email_id).state == "sent"


def test_who_asks_much_delays_nobody_else(client, catalogue):
    for number in range(12):
        expression = registered(client, "1103", message=str(number))
        actions.verify(expression=expression)
        send_all()
        actions.withdraw(expression=expression, codes=["1103"])

    other = registered(client, "1103", email="bolat@health.example")
    actions.verify(expression=other)
    send_all()

    assert OutgoingEmail.objects.get(pk=other.referrals.get().email_id).state == "sent"


def test_withdrawal_by_erasure_takes_the_same_turns(client, catalogue):
    for number in range(11):
        expression = registered(client, "1103", message=str(number))
        actions.verify(expression=expression)
        send_all()
        actions.erase(expression=expression)

    assert send_all().total() == 10
    assert Event.objects.filter(what="erased").count() == 11


def test_corrections_of_all_requests_of_a_mailbox_count_together(client, catalogue):
    first, second = registered(client, "1103"), registered(client, "1104", email="Aigul+2@mvd.example")
    for expression in (first, second):
        actions.verify(expression=expression)

    corrected = [correct(expression, number) for number in range(3) for expression in (first, second)]

    assert corrected == [True] * 5 + [False]
