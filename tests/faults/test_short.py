"""The short form of `make faults`: every fault once or a few times. No bound here is tight, because other tests run beside it."""

import sys

import pytest

from tests.faults import table
from tests.faults.catalogue import FAULTS
from tests.faults.faults import SHORT, suffer
from tests.faults.ledger import Row
from tests.faults.rig import Rig

pytestmark = [
    pytest.mark.processes,
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.smtp,
    pytest.mark.xdist_group("faults"),
    # The proxy before Redis leaves sockets hanging on purpose.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def rig():
    with Rig() as rig:
        yield rig


@pytest.fixture(scope="module")
def rows():
    """Printed at the end, in full."""
    rows: list[Row] = []
    yield rows
    sys.stdout.write("\n".join(["", *table.lines(rows), ""]))


@pytest.mark.parametrize("fault", [*filter(SHORT.times, FAULTS)], ids=lambda fault: fault.name)
def test_promises_hold_through(fault, rig, rows):
    row = suffer(fault, rig, SHORT)
    rows.append(row)

    assert row.broken == [], "\n".join(row.broken)
    assert row.mails > 0
    assert row.kills + row.others > 0 or fault.name == "none"
