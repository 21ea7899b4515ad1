"""Every fault, in the order of the table."""

from tests.faults import broker, killing, poison, races, smtp

FAULTS = [*killing.FAULTS, *broker.FAULTS, *smtp.FAULTS, *poison.FAULTS, *races.FAULTS]
