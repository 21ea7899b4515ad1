"""Focal points and contacts who do what the product is for, and do it again when they get no answer.

Each form goes its whole way: registered, confirmed by the link in the mail, answered by every contact from the link in theirs.
"""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Self
from urllib.parse import urlencode

from tests.faults.browsing import Browser, Reply, Stopwatch
from tests.faults.mailbox import Copy, Mailbox
from tests.faults.rig import Rig

PEOPLE = 6
numbers = count(1)
# The first contact of each of them, or else the Coalition's own mailbox: four addresses for what one form may name.
CODES = ("2202", "3224", "2203", "1204", "3104", "2204")


@dataclass
class Form:
    """One form of one person, and what the portal promised about it by its definite answers."""

    address: str
    codes: tuple[str, ...]
    is_accepted: bool = False
    is_confirmed: bool = False
    reference: str = ""
    answers: int = 0
    # Message-IDs of contact mails that a contact took in hand.
    asked: dict[str, set[str]] = field(default_factory=dict)
    # Takes everything back instead of being answered, as soon as the receipt is there and every contact was asked.
    withdraws: bool = False
    status_link: str = ""
    is_withdrawn: bool = False
    is_withdrawing: bool = False

    @property
    def is_asked(self) -> bool:
        return {code for codes in self.asked.values() for code in codes} == set(self.codes)

    @property
    def is_finished(self) -> bool:
        done = self.is_withdrawn if self.withdraws else self.answers == len(self.asked)
        return self.is_confirmed and self.is_asked and done


class Crowd:
    """`with Crowd(rig) as crowd:` keeps reading mail and following links in the background."""

    def __init__(self, rig: Rig, *, seed: int = 0) -> None:
        self.rig = rig
        self.mailbox = Mailbox(rig.mails)
        self.watch = Stopwatch()
        self.forms: dict[str, Form] = {}
        self.hands = 1
        self.random = random.Random(seed)
        self.people = ThreadPoolExecutor(PEOPLE)
        self.doings: list[Future[None]] = []
        self.over = threading.Event()
        self.keeper = threading.Thread(target=self.keep_reading)

    def __enter__(self) -> Self:
        self.keeper.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self.keeper.join()
        self.people.shutdown(cancel_futures=True)

    # -- What people do ---------------------------------------------------------------------------------------------------------

    def arrive(self, forms: int = 1, codes: tuple[str, ...] = (), *, withdraws: bool = False) -> None:
        """Somebody new registers interest, and may withdraw it later."""
        for _ in range(forms):
            chosen = codes or tuple(sorted(self.random.sample(CODES, self.random.choice([1, 2]))))
            form = Form(f"person-{next(numbers)}@ministry.example", chosen, withdraws=withdraws)
            self.forms[form.address] = form
            self.do(self.register, form)

    def do(self, deed: Callable[..., None], *values: object) -> None:
        self.doings.append(self.people.submit(deed, *values))

    def browser(self) -> Browser:
        return Browser(self.rig.portal.port, self.watch)

    def register(self, form: Form) -> None:
        browser = self.browser()
        path = "/interest/register/?" + urlencode([("initiative", code) for code in form.codes])
        filled = browser.fill_in(path, initiatives=form.codes, email=form.address, **PERSON)
        form.is_accepted = self.send(browser, path, filled)

    def confirm(self, form: Form, link: str) -> None:
        browser = self.browser()
        form.is_confirmed = self.send(browser, link, browser.fill_in(link))

    def answer(self, form: Form, link: str, codes: set[str]) -> None:
        browser = self.browser()
        part = next(iter(codes)) if len(codes) == 1 else "all"
        self.send(browser, link, browser.fill_in(link, **{f"{part}-kind": "acknowledged"}))
        form.answers += 1

    def withdraw(self, form: Form) -> None:
        browser, path = self.browser(), form.status_link.rstrip("/") + "/withdraw/"
        form.is_withdrawn = self.send(browser, path, browser.fill_in(path, initiatives=form.codes))

    def send(self, browser: Browser, path: str, filled: dict[str, object]) -> bool:
        """The same form from as many hands at the same moment; all must get the same answer."""
        if self.hands == 1:
            return done(browser.insist(path, filled))
        barrier = threading.Barrier(self.hands)

        def press(_hand: int) -> Reply:
            barrier.wait(30)
            return browser.insist(path, filled)

        with ThreadPoolExecutor(self.hands) as hands:
            return all(done(reply) for reply in hands.map(press, range(self.hands)))

    # -- What mails make them do ------------------------------------------------------------------------------------------------

    def keep_reading(self) -> None:
        while not self.over.wait(0.1):
            for copy in self.mailbox.fetch():
                self.take(copy)

    def take(self, copy: Copy) -> None:
        """The first copy of each mail is followed; a second one says nothing new."""
        if copy.kind == "verification" and (form := self.forms.get(copy.to)) and not form.reference:
            form.reference = copy.reference
            self.do(self.confirm, form, copy.links["verify"])
        if copy.kind == "contact" and (form := self.form_of(copy)) and copy.message_id not in form.asked:
            form.asked[copy.message_id] = copy.codes(set(form.codes))
            if not form.withdraws:
                self.do(self.answer, form, copy.links["answer"], form.asked[copy.message_id])
        if copy.kind == "status" and (form := self.forms.get(copy.to)):
            form.status_link = copy.links["status"]
        for form in [form for form in list(self.forms.values()) if form.withdraws and not form.is_withdrawing]:
            if form.is_asked and form.status_link:
                form.is_withdrawing = True
                self.do(self.withdraw, form)

    def form_of(self, copy: Copy) -> Form | None:
        return next((form for form in list(self.forms.values()) if form.reference and form.reference == copy.reference), None)

    # -- The end ----------------------------------------------------------------------------------------------------------------

    def finish(self, within: float) -> None:
        """Waits until every form has gone its whole way. What has not by then is for the ledger to find."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and self.unfinished():
            time.sleep(0.1)

    def unfinished(self) -> int:
        return sum(not form.is_finished for form in list(self.forms.values()))

    def complaints(self) -> list[str]:
        """What people saw go wrong."""
        errors = [doing.exception() for doing in self.doings if doing.done() and not doing.cancelled()]
        return [f"{error}" for error in errors if error]


PERSON = {
    "name": "Aigul Sample",
    "job_title": "Head of Division",
    "institution": "Ministry of Health",
    "country": "KZ",
    "message": "Grüße.\n.\nA dot alone on a line ends a mail.",
    "understood": "on",
}


def done(reply: Reply) -> bool:
    assert reply.is_done, f"The form came back: {reply.status} {reply.body[:2000]}"
    return True
