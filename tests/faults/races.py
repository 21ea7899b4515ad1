"""T5: many at the same moment, over HTTP and with many senders. One effect each."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.faults.crowd import PERSON, done
from tests.faults.faults import Fault, Stage
from tests.faults.mailbox import Copy
from tests.processes import eventually

HANDS = 50
SWEEPERS = 8


def fifty_hands(stage: Stage) -> None:
    """Every form, every confirmation and every answer comes from fifty hands at once."""
    stage.crowd.hands = HANDS
    for _ in range(stage.times):
        stage.row.others += 1
        stage.crowd.arrive()
        stage.crowd.finish(60)


def withdrawal_beside_answer(stage: Stage) -> None:
    for number in range(stage.times):
        stage.row.others += 1
        withdraw_and_answer(stage, f"changing-{number}-{stage.random.random()}@ministry.example".replace("0.", ""))


def withdraw_and_answer(stage: Stage, address: str) -> None:
    browser, path = stage.crowd.browser(), "/interest/register/?initiative=2202"
    done(browser.insist(path, browser.fill_in(path, initiatives="2202", email=address, **PERSON)))
    confirmation = first(stage, lambda copy: copy.kind == "verification" and copy.to == address)
    done(browser.insist(confirmation.links["verify"], browser.fill_in(confirmation.links["verify"])))
    receipt = first(stage, lambda copy: copy.kind == "status" and copy.to == address)
    request = first(stage, lambda copy: copy.kind == "contact" and copy.reference == confirmation.reference)
    withdrawal = receipt.links["status"].rstrip("/") + "/withdraw/"
    forms = [(withdrawal, browser.fill_in(withdrawal, initiatives="2202"))] * 5
    forms += [(request.links["answer"], browser.fill_in(request.links["answer"], **{"2202-kind": "noted"}))] * 5
    barrier = threading.Barrier(len(forms))

    def press(form: tuple[str, dict[str, object]]) -> int:
        barrier.wait(30)
        return browser.insist(*form).status

    with ThreadPoolExecutor(len(forms)) as hands:
        statuses = set(hands.map(press, forms))
    stage.row.promise(holds=statuses <= {200, 302}, sentence=f"whoever comes second is told so, but got {statuses}")
    agree(stage, confirmation.reference)


def agree(stage: Stage, reference: str) -> None:
    """What is stored and what was mailed tell the same story, whoever came first."""
    stage.row.forms += 1
    of_this = "FROM interest_referral r JOIN interest_expressionofinterest e ON e.id = r.expression_id WHERE e.reference = %s"
    [(status, is_live)] = stage.rig.rows(f"SELECT r.status, r.is_live {of_this}", reference)
    [(answers,)] = stage.rig.rows(
        "SELECT count(*) FROM interest_answer a JOIN interest_referral r ON r.id = a.referral_id "
        "JOIN interest_expressionofinterest e ON e.id = r.expression_id WHERE e.reference = %s",
        reference,
    )
    mails = dict(stage.rig.rows("SELECT kind, count(*) FROM mail_outgoingemail WHERE key LIKE %s GROUP BY 1", f"%{reference}%"))
    stage.row.mails += sum(mails.values())
    expected = {"verification": 1, "contact": 1, "receipt": 1, "withdrawal": 1, "notice": 1}
    # What came after the withdrawal is kept, and only its author is told.
    expected |= {kind: answers for kind in ("answer", "recorded") if answers and (kind == "recorded" or kind in mails)}
    stage.row.promise(
        holds=(status, is_live) == ("withdrawn", False) and answers <= 1 and mails == expected,
        sentence=f"a withdrawal beside an answer ends in one story, not {status}, live: {is_live}, {answers} answers, {mails}",
    )


def first(stage: Stage, fits: Callable[[Copy], bool]) -> Copy:
    return eventually(lambda: next(filter(fits, list(stage.crowd.mailbox.copies)), None), 60)


def sweepers(stage: Stage) -> None:
    """Eight commands that send what is due, all at once. Each mail goes out once."""
    for name in ("worker", "beat"):
        stage.rig.parts[name].kill()
    stage.write(number=stage.times, start="swept-")
    with ExitStack() as running:
        running_now = [running.enter_context(stage.rig.beside("send_mail", "--loop")) for _ in range(SWEEPERS)]
        stage.row.others += len(running_now)
        eventually(lambda: not waiting(stage), 120)


def waiting(stage: Stage) -> int:
    [(number,)] = stage.rig.rows(
        "SELECT count(*) FROM mail_outgoingemail WHERE recipient LIKE 'swept-%%' AND state <> 'sent'",
    )
    return number


FAULTS = [
    Fault("fifty hands press every button at once", fifty_hands, times=5, short=1),
    Fault("a withdrawal beside an answer", withdrawal_beside_answer, times=5, short=1),
    Fault("eight senders at once", sweepers, times=1000, short=150),
]
