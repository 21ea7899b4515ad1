"""The queue against a real SMTP server and against senders that die."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models.functions import Now

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from tests.mail.conftest import let_probe, queued

pytestmark = [pytest.mark.smtp, pytest.mark.django_db(transaction=True)]
State = OutgoingEmail.State


def make_due():
    OutgoingEmail.objects.update(next_attempt_at=Now())


def test_a_mail_arrives_as_frozen_for_one_recipient(smtp):
    email = queued()

    assert queue.send_due() == 1

    email.refresh_from_db()
    assert smtp.accepted == [([email.recipient], bytes(email.frozen))]
    assert email.state == State.SENT


def test_550_ends_one_mail_and_the_next_one_arrives(smtp):
    refused, good = queued("gone@x.example"), queued("here@x.example")
    smtp.at_recipient["gone@x.example"] = ["550 5.1.1 no such user"]

    assert queue.send_due() == 1

    refused.refresh_from_db()
    assert (refused.state, refused.attempts, refused.last_code) == (State.PERMANENT_FAILURE, 1, 550)
    assert refused.last_text == "5.1.1 no such user"
    assert [recipients for recipients, _ in smtp.accepted] == [[good.recipient]]


def test_554_after_the_data_ends_the_mail(smtp):
    email = queued()
    smtp.after_data = ["554 5.7.1 looks like spam"]

    assert queue.send_due() == 0

    email.refresh_from_db()
    assert (email.state, email.last_code) == (State.PERMANENT_FAILURE, 554)


@pytest.mark.parametrize("where", ["at the recipient", "after the data"])
def test_451_is_tried_again_with_the_same_message_id(smtp, where):
    email = queued()
    if where == "at the recipient":
        smtp.at_recipient[email.recipient] = ["451 4.7.1 greylisted"]
    else:
        smtp.after_data = ["451 4.3.0 try later"]

    assert queue.send_due() == 0
    email.refresh_from_db()
    assert (email.state, email.attempts, email.last_code) == (State.RETRY, 1, 451)
    assert queue.send_due() == 0  # not yet due

    make_due()
    assert queue.send_due() == 1
    [(_, raw)] = smtp.accepted
    assert f"Message-ID: {email.message_id}\r\n".encode() in raw


def test_421_pauses_the_round_and_burns_nothing(smtp):
    queued("a@x.example")
    queued("b@x.example")
    smtp.at_recipient["a@x.example"] = ["421 4.3.2 closing down"]

    with pytest.raises(queue.ChannelError):
        queue.send_due()
    assert set(OutgoingEmail.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}

    let_probe()
    assert queue.send_due() == 2


def test_server_down_then_up_loses_nothing_and_burns_nothing(smtp_stopped):
    email = queued()
    with pytest.raises(queue.ChannelError):
        queue.send_due()
    email.refresh_from_db()
    assert (email.state, email.attempts) == (State.QUEUED, 0)

    smtp_stopped.start()
    let_probe()

    assert queue.send_due() == 1
    assert len(smtp_stopped.sink.accepted) == 1


def in_thread(function):
    try:
        return function()
    finally:
        connection.close()


def test_senders_side_by_side_send_each_mail_once(smtp):
    for number in range(200):
        queued(f"n{number}@x.example")

    with ThreadPoolExecutor(4) as threads:
        sent = [future.result() for future in [threads.submit(in_thread, queue.send_due) for _ in range(4)]]

    assert sum(sent) == 200
    assert sorted(recipients[0] for recipients, _ in smtp.accepted) == sorted(f"n{number}@x.example" for number in range(200))
    assert set(OutgoingEmail.objects.values_list("state", "attempts")) == {(State.SENT, 1)}


def production(port):
    """The environment of a sender of its own, on this test's database; no broker answers at its address."""
    database = connection.settings_dict
    query = "&".join(f"{name}={quote(str(value))}" for name, value in database["OPTIONS"].items() if isinstance(value, int | str))
    user = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    address = f"postgresql://{user}@/{database['NAME']}?host={quote(database['HOST'])}&port={database['PORT']}&{query}"
    return os.environ | {
        "DEMONSTRATION": "off",
        "DATABASE_URL": address,
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "portal.example",
        "COALITION_EMAIL": "coalition@example.org",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
        "EMAIL_USE_TLS": "off",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }


def test_a_sender_killed_before_its_result_leaves_the_same_bytes_to_the_next(smtp_stopped):
    smtp_stopped.start()
    sink = smtp_stopped.sink
    sink.hang = True
    email = queued()
    sender = subprocess.Popen(
        [sys.executable, "manage.py", "send_mail"], cwd=django_settings.BASE_DIR, env=production(smtp_stopped.port)
    )
    assert sink.hanging.wait(30)

    sender.send_signal(signal.SIGKILL)
    assert sender.wait() == -signal.SIGKILL
    sink.hang = False
    email.refresh_from_db()
    assert (email.state, email.attempts) == (State.SENDING, 1)
    assert queue.send_due() == 0  # the dead sender's lease still holds

    OutgoingEmail.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert queue.send_due() == 1

    [first, second] = sink.accepted
    assert first == second
    email.refresh_from_db()
    assert (email.state, email.attempts, email.claims) == (State.SENT, 2, 0)
