"""Many at the same moment: one subscription, one mail, no error."""

import pytest
from django.test import Client

from coalition.mail.models import OutgoingEmail
from initiatives import changes
from initiatives.models import Change, Initiative
from interest import actions
from interest.models import Event, Subscriber, Subscription
from tests import factories
from tests.interest.subscribing import ONE_CLICK, ask, confirmation, digests, sleep, subscribed, unsubscribe_path
from tests.interest.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def entry(settings):
    settings.FORMS_PER_NETWORK_HOUR = 100
    factories.initiative("1103")


def test_fifty_forms_and_fifty_confirmations_are_one_subscription(client):
    changes.record()
    answers = at_once(50, lambda _number: ask(Client()))
    assert {answer.status_code for answer in answers} == {302}
    assert (Subscriber.objects.count(), Subscription.objects.count(), OutgoingEmail.objects.count()) == (1, 1, 1)

    link = confirmation()
    answers = at_once(50, lambda _number: Client().post(link))

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert Event.objects.filter(what="subscribed").count() == 1


def test_ten_rounds_at_once_write_one_digest_and_each_change_once(client):
    subscribed(client)
    Initiative.objects.update(stage="ongoing")
    sleep()

    assert sum(at_once(20, lambda _number: actions.send_digests())) == 1

    assert len(digests()) == 1
    assert Change.objects.count() == 1


def test_digest_and_unsubscribing_at_once_leave_nobody_behind(client):
    subscribed(client)
    Initiative.objects.update(stage="ongoing")
    sleep()
    actions.send_digests()
    path = unsubscribe_path(digests()[0])
    Initiative.objects.update(stage="completed")
    sleep()

    at_once(20, lambda number: actions.send_digests() if number % 2 else Client().post(path, ONE_CLICK))

    assert not Subscriber.objects.exists()
    assert not OutgoingEmail.objects.filter(recipient__gt="").exists()
    assert Event.objects.filter(what="unsubscribed").count() == 1
