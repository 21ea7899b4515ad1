"""`python -m tests.faults` suffers every fault often and writes the table into docs/reliability.md.

`--short` suffers each a few times, `--only WORDS` those whose names match; both only print.
"""

import argparse
import os
import platform
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.deployment import BASE_DIR
from tests.faults import table
from tests.faults.catalogue import FAULTS
from tests.faults.faults import LONG, SHORT, Bounds, suffer
from tests.faults.ledger import Row
from tests.faults.rig import Rig

DOCUMENT = BASE_DIR / "docs" / "reliability.md"
BEGIN, END = "<!-- table of make faults -->\n", "<!-- end of the table -->\n"


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def suffered(pattern: str, bounds: Bounds) -> Iterator[Row]:
    with Rig() as rig:
        for fault in FAULTS:
            if bounds.times(fault) and re.search(pattern, fault.name):
                yield suffer(fault, rig, bounds)


def machine() -> str:
    python, kernel = platform.python_version(), f"{platform.system()} {platform.machine()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, {kernel}, Python {python}"


def write_down(rows: list[Row], minutes: float) -> None:
    """Between the two marks of the document."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    text = "\n".join(["", f"{machine()}, {minutes:.0f} minutes.", "", *table.lines(rows), "", ""])
    DOCUMENT.write_text(f"{before}{BEGIN}{text}{END}{after}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and whatever was started with it
    start, rows = time.monotonic(), []
    for row in suffered(chosen.only, SHORT if chosen.short else LONG):
        rows.append(row)
        say(table.line(table.cells(row)), *row.broken)
    minutes = (time.monotonic() - start) / 60
    say("", *table.lines(rows), "", f"{minutes:.1f} minutes")
    broken = [sentence for row in rows for sentence in row.broken]
    say(*(["", f"BROKEN PROMISES: {len(broken)}", *broken] if broken else ["Every promise held."]))
    if not (chosen.short or chosen.only or broken):
        write_down(rows, minutes)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
