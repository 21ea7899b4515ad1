from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests import factories
from trainings.models import Session, TrainingOrganization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(None, date(2025, 12, 25)), (date(2025, 12, 21), date(2025, 12, 20))],
    ids=["no first day", "order"],
)
def test_last_day_needs_a_first_day_before_it(starts_on, ends_on):
    training = factories.training()
    training.starts_on, training.ends_on = starts_on, ends_on
    with pytest.raises(ValidationError, match="The last day needs a first day, and cannot come before it"):
        training.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        training.save()


@pytest.mark.parametrize(("starts_on", "ends_on"), [(None, None), (date(2025, 12, 21), None), (date(2025, 12, 21),) * 2])
def test_dates_that_are_partly_known_are_kept(starts_on, ends_on):
    training = factories.training(starts_on=starts_on, ends_on=ends_on)
    training.full_clean()


def test_body_without_a_page_has_a_role_once():
    training = factories.training()
    for role in ("partner", "donor"):
        TrainingOrganization.objects.create(training=training, name="Ministry", role=role)
    again = TrainingOrganization(training=training, name="Ministry", role="donor", position=5)
    with pytest.raises(ValidationError, match="is there twice in the same role"):
        again.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_session_has_its_title_once():
    training = factories.training()
    Session.objects.create(training=training, title="Opening")
    Session.objects.create(training=factories.training("other"), title="Opening")
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.create(training=training, title="Opening", position=1)


def test_natural_keys_find_their_rows():
    training = factories.training()
    rows = [
        TrainingOrganization.objects.create(training=training, name="Ministry", role="donor"),
        TrainingOrganization.objects.create(training=training, organization=factories.organization(), role="donor"),
        Session.objects.create(training=training, title="Opening"),
        Session.objects.create(training=training, title="Overdose"),
    ]
    assert [type(row).objects.get_by_natural_key(*row.natural_key()) for row in rows] == rows
