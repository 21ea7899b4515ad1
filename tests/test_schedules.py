from datetime import timedelta

import pytest
from django.utils import timezone

from coalition.schedules import Every


@pytest.mark.parametrize(("ago", "is_due"), [(3, True), (1, False), (-24 * 60 * 60, True)])
def test_every_is_due_when_its_time_has_come_or_the_clock_was_set_back(ago, is_due):
    due, after = Every(2.0).is_due(timezone.now() - timedelta(seconds=ago))

    assert due is is_due
    assert 0 < after <= 2
