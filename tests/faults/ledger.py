"""Accounts for every form and every mail of one fault: what was promised to people against what the mail server has."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faults.crowd import Crowd, Form
from tests.faults.mailbox import Copy
from tests.faults.rig import Rig

UNFINISHED = ("queued", "sending", "retry")


@dataclass
class Row:
    """One line of the table. `broken` says in words what was promised and did not hold."""

    fault: str
    kills: int = 0
    others: int = 0
    forms: int = 0
    mails: int = 0
    losses: int = 0
    extra: int = 0
    differing: int = 0
    delay: float = 0.0
    p99: float = 0.0
    errors: int = 0
    back: float = 0.0
    broken: list[str] = field(default_factory=list)

    def promise(self, *, holds: bool, sentence: str) -> None:
        if not holds:
            self.broken.append(f"{self.fault}: {sentence}")


class Ledger:
    """Opened before a fault, closed after it: what was there before does not count."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        [(self.last,)] = rig.rows("SELECT coalesce(max(id), 0) FROM mail_outgoingemail")

    def states(self) -> Counter[str]:
        found = self.rig.rows("SELECT state, count(*) FROM mail_outgoingemail WHERE id > %s GROUP BY state", self.last)
        return Counter(dict(found))

    def wait_until_quiet(self, within: float) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and any(self.states()[state] for state in UNFINISHED):
            time.sleep(0.1)

    def close(self, row: Row, crowd: Crowd, *, parked: int = 0) -> None:
        """Fills in what the fault did to forms and mails."""
        crowd.mailbox.fetch()
        copies = crowd.mailbox.by_message_id()
        forms = list(crowd.forms.values())
        row.forms += sum(form.is_accepted for form in forms)
        row.p99, row.errors = crowd.watch.p99(), crowd.watch.errors
        row.extra = sum(len(same) - 1 for same in copies.values())
        row.differing = sum(len({copy.digest for copy in same}) > 1 for same in copies.values())
        for form in forms:
            self.account_for(form, [same[0] for same in copies.values()], row)
        self.compare_with_queue(row, copies)
        left = {state: number for state, number in self.states().items() if state != "sent"}
        expected = {"parked": parked} if parked else {}
        row.promise(holds=left == expected, sentence=f"every mail is sent, except {expected}; but there are {left}")
        for complaint in crowd.complaints():
            row.promise(holds=False, sentence=f"whoever goes on trying gets an answer: {complaint}")

    def account_for(self, form: Form, mails: Iterable[Copy], row: Row) -> None:
        """Each mail that one form leads to, counted by Message-ID: as many as were promised, no more."""
        concerned = [mail for mail in mails if mail.to == form.address or mail.reference == form.reference != ""]
        found = Counter(mail.kind for mail in concerned)
        asked = Counter(code for mail in concerned if mail.kind == "contact" for code in mail.codes(set(form.codes)))
        told = {"status": form.is_confirmed + form.answers, "recorded": form.answers}
        told |= {"notice": int(form.is_withdrawn), "withdrawal": len(form.asked) * form.is_withdrawn}
        expected = {"verification": int(form.is_accepted)} | told
        for kind, number in expected.items():
            row.mails += number
            row.losses += max(0, number - found[kind])
            row.differing += max(0, found[kind] - number)
        row.mails += found["contact"]
        row.losses += sum(asked[code] < form.is_confirmed for code in form.codes)
        row.differing += sum(asked[code] > form.is_confirmed for code in form.codes)
        row.promise(holds=form.is_accepted, sentence=f"a form that is sent again and again is accepted at last ({form.address})")
        self.compare_with_database(form, row)

    def compare_with_database(self, form: Form, row: Row) -> None:
        query = "SELECT verified_at IS NOT NULL FROM interest_expressionofinterest WHERE email = %s"
        kept = [is_verified for (is_verified,) in self.rig.rows(query, form.address)]
        row.losses += form.is_accepted and not kept
        row.losses += form.is_confirmed and not all(kept)
        row.promise(holds=len(kept) < 2, sentence=f"a form sent twice is one expression, not {len(kept)}")

    def compare_with_queue(self, row: Row, copies: dict[str, list[Copy]]) -> None:
        """What the queue says it sent must have arrived, and what arrived must be in the queue under this Message-ID."""
        query = "SELECT message_id, state, extract(epoch FROM created_at) FROM mail_outgoingemail WHERE id > %s"
        queue = {message_id: (state, float(written)) for message_id, state, written in self.rig.rows(query, self.last)}
        missing = sum(state == "sent" and message_id not in copies for message_id, (state, _) in queue.items())
        row.losses = max(row.losses, missing)  # most of them are missed by people too
        row.differing += len(copies.keys() - queue.keys())
        arrivals = [min(copy.arrived for copy in same) - queue[key][1] for key, same in copies.items() if key in queue]
        row.delay = max(arrivals, default=0.0)
