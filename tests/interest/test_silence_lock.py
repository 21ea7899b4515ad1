"""Two runs of the silence ladder at once, while more falls due: one reminder a day for an address, naming all it is about."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db.models import F

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import emails
from interest.actions import pursuing
from interest.models import Event, Inquiry
from tests.interest.conftest import confirmed
from tests.interest.test_races import at_end_close, wait_for_blocked_query
from tests.interest.test_repair import OLD
from tests.interest.test_repair_races import stopped_in

pytestmark = pytest.mark.django_db(transaction=True)


def asked_ten_days_ago(client, code, **values):
    expression = confirmed(client, code, **values)
    while queue.send_due():
        pass
    of_this = OutgoingEmail.objects.filter(pk__in=expression.mails().values("pk"))
    days = timedelta(days=10)
    of_this.update(created_at=F("created_at") - days, accepted_at=F("accepted_at") - days)
    Inquiry.objects.filter(referral__expression=expression).update(created_at=F("created_at") - days)


def test_second_run_waits_for_the_first_and_does_not_add_to_its_mail(client, catalogue, monkeypatch, settings):
    settings.ACKNOWLEDGE_WORKING_DAYS = 1
    asked_ten_days_ago(client, "1103")
    there, go_on = stopped_in(monkeypatch, emails, "reminder")
    today = {"address_key": OLD, "today": pursuing.database_day()}

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(at_end_close, pursuing.remind, **today)
        assert there.wait(60)
        asked_ten_days_ago(client, "1104", email="late@mvd.example")
        second = threads.submit(at_end_close, pursuing.remind, **today)
        wait_for_blocked_query()
        go_on.set()
        written = first.result(60), second.result(60)

    [reminder] = OutgoingEmail.objects.filter(kind="reminder")
    assert written == (reminder, None)
    assert list(reminder.inquiries.values_list("referral__initiative__code", flat=True)) == ["1103"]
    assert Event.objects.filter(what="reminded").count() == 1
