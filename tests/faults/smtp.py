"""T3: mail servers with habits. What each answer means is held by tests/mail; here the whole portal lives through it."""

import time

from tests.faults.faults import Fault, Stage
from tests.faults.rig import DIALOGUE_SECONDS
from tests.mail.scripted import DRIP
from tests.processes import eventually

TARPITS = 8


def password_refused(stage: Stage) -> None:
    """No mail is to blame, so none fails and none counts an attempt; once the password is right all go out."""
    stage.rig.smtp_answers(every={"AUTH": "535 5.7.8 Password expired"})
    stage.row.others += 1
    stage.write(number=stage.times, start="paused-")
    time.sleep(5)
    query = "SELECT DISTINCT state, attempts FROM mail_outgoingemail WHERE recipient LIKE 'paused-%%' AND state <> 'sent'"
    found = set(stage.rig.rows(query)) - {("sending", 1)}  # the one with which the server is tried at this moment
    stage.row.promise(holds=found == {("queued", 0)}, sentence=f"a wrong password is held against no mail, but: {found}")
    stage.rig.smtp_answers()


def greylist(stage: Stage) -> None:
    """Ten minutes, scaled: an address that comes for the first time is put off. The fourth try gets in."""
    stage.rig.smtp_answers(greylist=10)
    stage.row.others += 1
    stage.crowd.arrive(4 * stage.times)
    stage.crowd.finish(120)
    [(tries,)] = stage.rig.rows("SELECT max(attempts) FROM mail_outgoingemail WHERE recipient LIKE 'person-%%'")
    stage.row.promise(holds=tries <= 4, sentence=f"a greylist lets the fourth try in, but it took {tries}")
    stage.rig.smtp_answers()


def cut_after_the_dot(stage: Stage) -> None:
    """The server takes each mail and its answer is lost, once. Nobody can know, so each mail comes twice, the same."""
    stage.rig.smtp_answers(cut=True)
    stage.crowd.arrive(2 * stage.times)
    stage.crowd.finish(60)
    stage.rig.smtp_answers()
    stage.crowd.mailbox.fetch()  # the confirmations of the last answers were cut too
    stage.row.others += len(stage.crowd.mailbox.by_message_id())


def tarpits(stage: Stage) -> None:
    """Eight mails of one domain to which the server answers one byte after the other, for ever. They hold each sender once."""
    stage.rig.smtp_answers(recipients={"tarpit-": DRIP})
    stage.row.others += TARPITS
    stage.write(number=TARPITS, start="tarpit-", domain="slow.example")
    stage.write(number=10, start="neighbor-")
    start = time.monotonic()
    eventually(lambda: sent(stage, "neighbor-%") >= 10, 60)
    waited = time.monotonic() - start
    longest = 3 * DIALOGUE_SECONDS
    stage.row.promise(holds=waited < longest, sentence=f"mails to others wait {longest} s at most, but waited {waited:.0f} s")
    stage.rig.smtp_answers()


def sent(stage: Stage, pattern: str) -> int:
    [(number,)] = stage.rig.rows(
        "SELECT count(*) FROM mail_outgoingemail "
        "WHERE recipient LIKE %s AND state = 'sent' AND created_at > now() - interval '2 min'",
        pattern,
    )
    return number


FAULTS = [
    Fault("mail server refuses the password (535)", password_refused, times=100, short=20),
    Fault("mail server puts strangers off (greylist)", greylist, times=3, short=0),
    Fault("mail server takes a mail and does not say so", cut_after_the_dot, times=5, short=1, doubles=1),
    Fault("mail server drips, to eight mails", tarpits, times=1, short=0),
]
