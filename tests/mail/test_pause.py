"""When the mail server cannot be used, everybody waits, one mail a minute is tried, and then everything goes out at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from coalition.mail import pause, queue, tasks
from coalition.mail.models import OutgoingEmail, Pause
from tests.mail.conftest import let_probe, queued, waits
from tests.mail.scripted import CUT

State = OutgoingEmail.State
REFUSED = "535 5.7.8 bad password"


@pytest.fixture
def password_expired(scripted, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "secret"
    scripted.every["AUTH"] = REFUSED
    return scripted


def states():
    return set(OutgoingEmail.objects.values_list("state", "attempts", "claims"))


@pytest.mark.smtp
@pytest.mark.django_db
def test_half_an_hour_of_535_with_100_mails_then_all_go_out_at_once(password_expired):
    for number in range(100):
        queued(f"n{number}@x.example")

    for minute in range(30):
        tasks.send_due()
        for _tick in range(3):  # beat asks every two seconds
            tasks.send_due()
        assert password_expired.dialogues == minute + 1
        assert states() == {(State.QUEUED, 0, 0)}
        let_probe()

    password_expired.every.clear()
    assert queue.send_due() == 100
    assert states() == {(State.SENT, 1, 0)}
    assert password_expired.dialogues == 31
    assert not Pause.objects.exists()


@pytest.mark.smtp
@pytest.mark.django_db
def test_pause_keeps_its_beginning_and_tells_the_latest_reason(password_expired):
    queued()
    tasks.send_due()
    first = Pause.objects.get()
    Pause.objects.update(since=Now() - timedelta(minutes=5))
    password_expired.every["AUTH"] = "454 later"
    let_probe()

    tasks.send_due()

    now = Pause.objects.annotate(now=Now()).get()
    assert (first.code, first.text, now.code, now.text) == (535, "5.7.8 bad password", 454, "later")
    assert now.now - now.since >= timedelta(minutes=5)
    assert timedelta(seconds=50) < now.next_probe_at - now.now <= timedelta(seconds=60)


@pytest.mark.smtp
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "ends"), [("250 OK", True), ("550 gone", True), ("451 later", True), (CUT, False), ("421 x", False)]
)
def test_probe_ends_the_pause_if_the_server_answers_about_the_mail(scripted, answer, ends):
    queued()
    pause.begin(code=535, text="x")
    let_probe()
    scripted.script["RCPT"] = [answer]

    tasks.send_due()

    assert Pause.objects.exists() is not ends


@pytest.mark.smtp
@pytest.mark.django_db
def test_mail_that_always_meets_421_does_not_keep_the_others_back(scripted):
    """Some servers say 421 to one recipient only. The next probe takes another mail."""
    queued("tarpit@x.example")
    good = queued("good@x.example")
    scripted.script["RCPT"] = ["421 not you", "250 OK", "421 not you"]

    tasks.send_due()
    let_probe()
    tasks.send_due()

    good.refresh_from_db()
    assert good.state == State.SENT


@pytest.mark.django_db
def test_during_a_pause_no_sender_has_a_turn_but_one_a_minute():
    assert pause.turn() is pause.Turn.GO
    pause.begin(code=None, text="x")
    assert pause.turn() is pause.Turn.WAIT
    let_probe()
    assert [pause.turn(), pause.turn()] == [pause.Turn.PROBE, pause.Turn.WAIT]


@pytest.mark.django_db
def test_sender_on_its_way_stops_when_another_one_pauses(monkeypatch):
    queued()
    queued()
    deliver = queue.deliver

    def meanwhile(*args):
        pause.begin(code=535, text="noticed elsewhere")
        return deliver(*args)

    monkeypatch.setattr(queue, "deliver", meanwhile)

    assert queue.send_due() == 1
    assert Pause.objects.exists()  # its own success proves nothing: its connection was open before


@pytest.mark.smtp
@pytest.mark.django_db(transaction=True)
def test_senders_side_by_side_probe_once(password_expired):
    queued()
    pause.begin(code=535, text="x")
    let_probe()

    def send(_number):
        try:
            return tasks.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(send, range(8)))

    assert password_expired.dialogues == 1
    assert states() == {(State.QUEUED, 0, 0)}


@pytest.mark.django_db
def test_there_is_one_pause_at_most():
    pause.begin(code=None, text="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Pause.objects.create(id=2, next_probe_at=Now())


# -- The clock of the application counts for nothing ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1)])
def test_application_clock_a_day_off_changes_nothing(off, monkeypatch, mailoutbox):
    waiting, taken, new = queued("a@x.example"), queued("b@x.example"), queued("c@x.example")
    OutgoingEmail.objects.filter(pk=waiting.pk).update(next_attempt_at=Now() + timedelta(minutes=1))
    OutgoingEmail.objects.filter(pk=taken.pk).update(state=State.SENDING, lease_until=Now() + timedelta(minutes=1))

    with time_machine.travel(timezone.now() + off):
        assert queue.send_due() == 1
        assert [message.to for message in mailoutbox] == [[new.recipient]]
        pause.begin(code=535, text="x")
        assert pause.turn() is pause.Turn.WAIT
        let_probe()
        assert pause.turn() is pause.Turn.PROBE
        pause.end()
        OutgoingEmail.objects.filter(pk=waiting.pk).update(next_attempt_at=Now())
        monkeypatch.setattr(
            "django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_: (_ for _ in ()).throw(TimeoutError())
        )
        queue.send_due()

    waiting.refresh_from_db()
    new.refresh_from_db()
    assert waiting.state == State.RETRY
    assert timedelta(seconds=50) < waits(waiting) <= timedelta(seconds=60)
    row = OutgoingEmail.objects.annotate(now=Now()).get(pk=new.pk)
    assert abs(row.now - row.accepted_at) < timedelta(minutes=1)
    assert abs(row.now - row.created_at) < timedelta(minutes=1)
