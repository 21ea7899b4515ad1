import pytest

from tests.site import conftest as site

canary = site.canary


@pytest.fixture
def today(time_machine):
    time_machine.move_to("2026-11-22T10:00:00+00:00", tick=False)
