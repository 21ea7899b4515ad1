"""What the mail server took, read from the files that it wrote before it said so."""

import email
import email.policy
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/interest/(verify|answer|status)/\S+)")
REFERENCE = re.compile(r"EOI-\d{4}-\w{6}")
CODE = re.compile(r"\b\d{4}[A-Z]?\b")


@dataclass(frozen=True)
class Copy:
    """One mail as it arrived once."""

    arrived: float
    message_id: str
    to: str
    digest: str
    subject: str
    text: str

    @cached_property
    def links(self) -> dict[str, str]:
        """The path of the link of each purpose."""
        return {purpose: path for path, purpose in LINK.findall(self.text)}

    @property
    def kind(self) -> str:
        repeated = next((kind for kind, start in CONFIRMATIONS.items() if self.subject.startswith(start)), "")
        return repeated or next((kind for kind, purpose in KINDS.items() if purpose in self.links), "other")

    @property
    def reference(self) -> str:
        return found[0] if (found := REFERENCE.search(f"{self.subject} {self.text}")) else ""

    def codes(self, of: set[str]) -> set[str]:
        return of & set(CODE.findall(self.text))


# To whom a mail speaks shows in the link that it carries.
KINDS = {"verification": "verify", "contact": "answer", "status": "status"}
# What only tells people what they did themselves shows by its subject: it carries the same links.
CONFIRMATIONS = {"recorded": "Your answer to ", "notice": "Done: ", "withdrawal": "Withdrawn: "}


def read(path: Path) -> Copy:
    raw = path.read_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    body = mail.get_body(("plain",))
    return Copy(
        arrived=int(path.name.split("-")[0]) / 1e9,
        message_id=str(mail["Message-ID"]).strip(),
        to=str(mail["To"]),
        digest=hashlib.sha256(raw).hexdigest(),
        subject=str(mail["Subject"]),
        text=body.get_content() if body else "",
    )


class Mailbox:
    """Everything that has arrived since it was made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = {path.name for path in folder.glob("*.eml")}
        self.copies: list[Copy] = []

    def fetch(self) -> list[Copy]:
        """What is new."""
        fresh = [path for path in self.folder.glob("*.eml") if path.name not in self.known]
        self.known |= {path.name for path in fresh}
        new = [read(path) for path in fresh]
        self.copies += new
        return new

    def by_message_id(self) -> dict[str, list[Copy]]:
        found = defaultdict(list)
        for copy in self.copies:
            found[copy.message_id].append(copy)
        return found
