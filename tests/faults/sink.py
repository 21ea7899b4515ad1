"""An SMTP server in a process of its own, which can be killed too: `python -m tests.faults.sink PORT FOLDER`.

It keeps each mail in a file before it says that it took it, and answers as FOLDER/script.json tells it to.
"""

import json
import os
import re
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

from tests.mail.scripted import CUT, USUAL, ScriptedServer

ADDRESS = re.compile(rb"<([^>]*)>")


class Sink(ScriptedServer):
    """The script: `every` gives an answer to each point, `recipients` one at RCPT to addresses that begin so, `greylist` the
    seconds for which an address that comes for the first time is put off. With `cut` each mail is taken, but the first time the
    connection is cut instead of saying so.
    """

    def __init__(self, *, port: int, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        self.first_seen: dict[str, float] = {}
        self.cut: set[bytes] = set()
        self.dialogue = threading.local()
        super().__init__(port=port)

    def take(self, client: Any, lines: Any) -> None:
        self.dialogue.raw = self.read(lines)
        self.answer(client, "end")

    def choose(self, point: str, line: bytes) -> str:
        script = json.loads((self.folder / "script.json").read_text())
        given = script.get("every", {}).get(point) or USUAL.get(point, "500 what?")
        if point == "RCPT":
            given = self.about_recipient(ADDRESS.search(line)[1].decode(), script) or given  # type: ignore[index]
        if point == "end" and given.startswith("2"):
            self.keep(self.dialogue.raw)
            given = CUT if script.get("cut") and self.is_first(self.dialogue.raw) else given
        return given

    def is_first(self, raw: bytes) -> bool:
        was_cut = raw in self.cut
        self.cut.add(raw)
        return not was_cut

    def about_recipient(self, address: str, script: dict[str, Any]) -> str:
        since = self.first_seen.setdefault(address, time.monotonic())
        if time.monotonic() - since < script.get("greylist", 0):
            return "451 4.7.1 Greylisted, come back later"
        return next((said for start, said in script.get("recipients", {}).items() if address.startswith(start)), "")

    def keep(self, raw: bytes) -> None:
        """Under its final name the file is whole."""
        name = f"{time.time_ns()}-{os.getpid()}-{next(self.numbers)}"
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(raw)
        unfinished.rename(self.folder / f"{name}.eml")


if __name__ == "__main__":
    Sink(port=int(sys.argv[1]), folder=Path(sys.argv[2]))
