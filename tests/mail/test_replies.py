"""Every answer at every point of a real dialogue: what becomes of the mail, of its neighbor and of all mail."""

import shutil
import smtplib
import ssl
import subprocess
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from coalition.mail import queue, replies
from coalition.mail.models import OutgoingEmail, Pause, Stage
from tests.mail.conftest import let_probe, queued, waits
from tests.mail.scripted import CUT, GARBAGE

pytestmark = [pytest.mark.smtp, pytest.mark.django_db]
State = OutgoingEmail.State
MINUTE = timedelta(minutes=1)

# P: all mail is paused, this one as if never tried. R: tried again in a minute. E: ended, refused for good.
TABLE = """
            421 450 451 452 454 500 530 534 535 550 552 554
banner       P   P   P   P   P   P   P   P   P   P   P   P
EHLO         P   P   P   P   P   P   P   P   P   P   P   P
AUTH         P   P   P   P   P   P   P   P   P   P   P   P
MAIL         P   R   R   R   P   R   P   P   P   R   E   R
RCPT         P   R   R   R   P   E   P   P   P   E   E   E
DATA         P   R   R   R   P   E   P   P   P   E   E   E
end          P   R   R   R   P   E   P   P   P   E   E   E
"""


def cases():
    [codes, *rows] = [line.split() for line in TABLE.strip().splitlines()]
    return [(point, int(code), expected) for point, *row in rows for code, expected in zip(codes, row, strict=True)]


def expect_pause(emails, code):
    for email in emails:
        email.refresh_from_db()
        assert (email.state, email.attempts, email.claims, email.lease_until) == (State.QUEUED, 0, 0, None)
        assert waits(email) <= timedelta()
    assert Pause.objects.get().code == code


def expect_one_result(first, second, code, expected):
    first.refresh_from_db()
    second.refresh_from_db()
    state = State.RETRY if expected == "R" else State.PERMANENT_FAILURE
    assert (first.state, first.attempts, first.claims, first.last_code) == (state, 1, 0, code)
    assert "as told" in first.last_text
    if expected == "R":
        assert timedelta() < MINUTE - waits(first) < timedelta(seconds=20)
    assert second.state == State.SENT
    assert not Pause.objects.exists()


@pytest.mark.parametrize(("point", "code", "expected"), cases())
def test_answer(scripted, settings, point, code, expected):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "secret"
    # After a refused EHLO comes a HELO, after a refused AUTH no other kind.
    scripted.script = {point: [f"{code} as told"], "HELO": [f"{code} as told"] if point == "EHLO" else []}
    first, second = queued(), queued()

    if expected == "P":
        with pytest.raises(queue.ChannelError, match=f"{code} as told"):
            queue.send_due()
        expect_pause([first, second], code)
        let_probe()
        assert queue.send_due() == 2
    else:
        assert queue.send_due() == 1
        expect_one_result(first, second, code, expected)


@pytest.mark.parametrize("point", ["banner", "EHLO"])
def test_connection_cut_before_a_mail_is_at_stake_pauses(scripted, point):
    scripted.script = {point: [CUT], "HELO": [CUT]}
    email = queued()

    with pytest.raises(queue.ChannelError):
        queue.send_due()

    expect_pause([email], None)


@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA", "end"])
def test_connection_cut_later_repeats_the_same_bytes(scripted, point):
    scripted.script = {point: [CUT]}
    first, second = queued(), queued()

    assert queue.send_due() == 1

    first.refresh_from_db()
    assert (first.state, first.attempts, first.last_code, first.last_stage) == (State.RETRY, 1, None, Stage.BROKEN)
    assert timedelta() < MINUTE - waits(first) < timedelta(seconds=20)
    OutgoingEmail.objects.update(next_attempt_at=Now())
    assert queue.send_due() == 1
    second.refresh_from_db()
    taken = [bytes(first.frozen)] * (2 if point == "end" else 1)
    assert sorted(scripted.accepted) == sorted([*taken, bytes(second.frozen)])


@pytest.mark.parametrize(
    ("answer", "state", "code", "words"),
    [
        ("whatever you say", State.RETRY, None, "ever you say"),
        ("-12 below zero", State.RETRY, None, "below zero"),
        ("999 far away", State.RETRY, None, "far away"),
        ("550 caf\xe9 \x00", State.PERMANENT_FAILURE, 550, "caf\ufffd"),
        ("550 " + "x" * 5_000, State.PERMANENT_FAILURE, 550, "x" * 500),
        ("250-only the first of two lines\r\n550 no", State.PERMANENT_FAILURE, 550, "only the first of two lines\nno"),
        ("550 " + "x" * 10_000_000, State.RETRY, 500, "Line too long."),
    ],
    ids=["no code", "negative", "too high", "8 bits and NUL", "long", "two lines", "10 MB"],
)
def test_strange_answers_at_the_recipient(scripted, answer, state, code, words):
    scripted.script = {"RCPT": [answer]}
    email = queued()

    queue.send_due()

    email.refresh_from_db()
    assert (email.state, email.last_code, email.last_text.strip()) == (state, code, words)


@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA", "end"])
def test_answer_that_announces_a_line_that_never_comes_is_no_answer(scripted, settings, point):
    settings.EMAIL_DIALOGUE_SECONDS = 1
    scripted.script = {point: ["550-5.1.1 no such user"]}
    email = queued()

    assert queue.send_due() == 0

    email.refresh_from_db()
    assert (email.state, email.attempts, email.last_code, email.last_stage) == (State.RETRY, 1, None, Stage.BROKEN)
    assert not Pause.objects.exists()


@pytest.mark.parametrize(
    ("greeting", "code", "words"),
    [
        ("whatever you say", None, "ever you say"),
        ("554 caf\xe9", 554, "caf\ufffd"),
        ("554-two\r\n554 lines", 554, "two\nlines"),
        ("220 " + "x" * 10_000_000, 500, "Line too long."),
    ],
    ids=["no code", "8 bits", "two lines", "10 MB"],
)
def test_strange_greeting_pauses(scripted, greeting, code, words):
    scripted.script = {"banner": [greeting]}
    email = queued()

    with pytest.raises(queue.ChannelError):
        queue.send_due()

    expect_pause([email], code)
    assert Pause.objects.get().text == words


def test_greylisted_mail_gets_in_at_the_fourth_try(scripted):
    scripted.script = {"RCPT": ["451 greylisted"] * 3}
    email = queued()
    waited = []
    for _try in range(3):
        OutgoingEmail.objects.update(next_attempt_at=Now())
        assert queue.send_due() == 0
        waited.append(round(waits(email) / MINUTE))
    OutgoingEmail.objects.update(next_attempt_at=Now())

    assert queue.send_due() == 1

    assert waited == [1, 5, 15]
    email.refresh_from_db()
    assert (email.state, email.attempts) == (State.SENT, 4)


def openssl(*words):
    if not shutil.which("openssl"):
        pytest.skip("no openssl")
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def make_certificate(folder, *, days=2):
    """Key and certificate in one file. `req` makes none whose time is over, so `x509` signs it again."""
    key, first, both = (folder / name for name in ("key.pem", "first.crt", "both.pem"))
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *kind, "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", first)
    openssl("x509", "-in", first, "-signkey", key, "-days", str(days), "-out", both)
    both.write_text(key.read_text() + both.read_text())
    return both


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("answer", ["454 no TLS now", "501 what?", GARBAGE, CUT])
def test_tls_that_cannot_be_had_pauses(scripted, settings, certificate, answer):
    settings.EMAIL_USE_TLS = True
    scripted.certificate = certificate
    scripted.script = {"STARTTLS": [answer]}
    email = queued()

    with pytest.raises(queue.ChannelError):
        queue.send_due()

    expect_pause([email], int(answer[:3]) if answer[0] in "45" else None)


def test_tls_that_is_not_offered_pauses(scripted, settings):
    settings.EMAIL_USE_TLS = True
    email = queued()

    with pytest.raises(queue.ChannelError, match="STARTTLS extension not supported"):
        queue.send_due()

    expect_pause([email], None)


def test_certificate_of_a_stranger_pauses_and_a_known_one_works(scripted, settings, certificate, monkeypatch):
    settings.EMAIL_USE_TLS = True
    scripted.certificate = certificate
    email = queued(text="A long one, of several records. " * 3_000)
    with pytest.raises(queue.ChannelError, match="certificate verify failed"):
        queue.send_due()
    expect_pause([email], None)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    let_probe()

    assert queue.send_due() == 1
    email.refresh_from_db()
    assert scripted.accepted == [bytes(email.frozen)]


def test_certificate_whose_time_is_over_pauses(scripted, settings, tmp_path, monkeypatch):
    settings.EMAIL_USE_TLS = True
    scripted.certificate = make_certificate(tmp_path, days=-1)
    monkeypatch.setenv("SSL_CERT_FILE", str(scripted.certificate))
    email = queued()

    with pytest.raises(queue.ChannelError, match="certificate has expired"):
        queue.send_due()

    expect_pause([email], None)


@pytest.mark.parametrize("host", ["nobody.invalid", "a..b", "127.0.0.1"])
def test_server_that_is_not_there_pauses(scripted, settings, host):
    settings.EMAIL_HOST, settings.EMAIL_PORT = host, 1
    email = queued()

    with pytest.raises(queue.ChannelError):
        queue.send_due()

    expect_pause([email], None)


def test_read_knows_the_point_of_every_error_of_smtplib():
    known = {smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError}
    assert set(replies.CLASSES) == known
    assert replies.read(ssl.SSLError("x")).stage == Stage.BROKEN
    assert replies.read(smtplib.SMTPDataError(554, b"x"), opening=True).stage == Stage.OPENING
