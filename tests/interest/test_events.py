"""Each thing that is done to interest is exactly one event (reliability D4): a walk through all actions."""

import inspect
import uuid
from contextlib import suppress

import pytest

from coalition.mail import queue
from initiatives import changes
from interest import actions, links
from interest.actions import Decision, Scope, pursuing
from interest.models import Event, ExpressionOfInterest, Inquiry, Subscription
from tests.interest.conftest import answer_link, confirmed, registered, said, send_answer
from tests.interest.subscribing import ADDRESS, ask, subscribed
from tests.interest.test_following import DETAILS
from tests.interest.test_forgetting import move_clocks

pytestmark = pytest.mark.django_db
# They take a lock, look, and tell staff and subscribers what there is.
CHANGE_NOTHING = {"brief_staff", "lock_address", "waiting_for", "send_digests", "send_subscriptions_link"}
PERSON = {
    "name": "Aigul",
    "job_title": "Head",
    "institution": "Ministry",
    "country": "KZ",
    "email": "aigul@mvd.example",
    "phone": "",
    "message": "",
    "language": "en",
}


class World:
    """A request that two contacts were asked about, and what an action needs to be called twice with the same words."""

    def __init__(self, client, catalogue, staff, monkeypatch):
        self.client, self.catalogue, self.staff, self.monkeypatch = client, catalogue, staff, monkeypatch
        self.key = uuid.uuid4()

    def confirmed(self):
        expression = confirmed(self.client, "1103", "2206A")
        queue.send_due()
        return expression

    def asked(self):
        self.confirmed()
        return links.read_answer(answer_link().split("/")[3])


def register(world):
    return lambda: actions.register(key=world.key, initiatives=[world.catalogue["1103"]], **PERSON)


def verify(world):
    expression = registered(world.client, "1103")
    return lambda: actions.verify(expression=expression)


def answer(world):
    asked = world.asked()
    contents = {"1103": {"kind": "acknowledged"}}
    return lambda: actions.answer(asked=asked, key=world.key, contents=contents, shares_address=False)


def answer_for(world):
    referral = world.confirmed().referrals.first()
    content = {"kind": "acknowledged"}
    return lambda: actions.answer_for(referral=referral, staff=world.staff, key=world.key, content=content, why="Telephone")


def reply(world):
    expression = world.confirmed()
    send_answer(world.client, {"1103": said("need_information", text="Who?")})
    return lambda: actions.reply(expression=expression, key=world.key, texts={"1103": "We."})


def send_answer_link(world):
    asked = world.asked()
    return lambda: actions.send_answer_link(asked=asked)


def send_list(world):
    email = world.asked().email
    return lambda: actions.send_list(email=email)


def answer_together(world):
    """Two requests are two events; here one is ticked."""
    asked = world.asked()
    chosen, content = {asked.expression.reference: ["1103"]}, {"kind": "noted", "text": "", "period": ""}
    return lambda: actions.answer_together(email=asked.email, key=world.key, chosen=chosen, content=content)


def send_status_link(world):
    expression = world.confirmed()
    return lambda: actions.send_status_link(reference=expression.reference, email=expression.email)


def correct(world):
    expression = world.confirmed()
    return lambda: actions.correct(expression=expression, **DETAILS)


def withdraw(world):
    expression = world.confirmed()
    return lambda: actions.withdraw(expression=expression, codes=["1103", "2206A"])


def replace_links(world):
    expression = world.confirmed()
    return lambda: actions.replace_links(expression=expression)


def erase(world):
    expression = world.confirmed()
    return lambda: actions.erase(expression=expression)


def forget(world):
    world.confirmed()
    move_clocks(731)
    return actions.forget


def note(world):
    referral = world.confirmed().referrals.first()
    return lambda: actions.note(referral=referral, by=world.staff, text="Called.")


def redirect(world):
    expression = world.confirmed()
    inquiry = Inquiry.objects.get(referral__initiative__code="1103")
    decision = Decision(Scope.ONCE, world.catalogue["3224"].contacts.get())
    ids = list(expression.referrals.values_list("pk", flat=True))
    return lambda: actions.redirect(inquiry=inquiry, ids=ids, decision=decision, by=world.staff)


def pursue_silence(world):
    """One contact is silent, the other one answered. Whatever day it is, it counts as a working day."""
    world.monkeypatch.setattr(pursuing, "is_working_day", lambda day, holidays: True)
    world.confirmed()
    send_answer(world.client, {"2206A": said("noted")}, answer_link("canary.healer@who.example"))
    move_clocks(21)
    return actions.pursue_silence


SCENES = [
    register,
    verify,
    answer,
    answer_for,
    reply,
    send_answer_link,
    send_list,
    answer_together,
    send_status_link,
    correct,
    withdraw,
    replace_links,
    erase,
    forget,
    note,
    redirect,
    pursue_silence,
]


# -- Of those who follow what changes --------------------------------------------------------------------------------------------


def subscribe(client):
    changes.record()
    return lambda: actions.subscribe(email=ADDRESS, query="", frequency="daily", language="en")


def confirm(client):
    ask(client)
    return lambda: actions.confirm(subscription=Subscription.objects.get())


def change_frequency(client):
    subscription = subscribed(client)
    return lambda: actions.change_frequency(subscription=subscription, frequency="weekly")


def unsubscribe(client):
    subscriber = subscribed(client).subscriber
    return lambda: actions.unsubscribe(subscriber=subscriber)


OF_SUBSCRIBERS = [subscribe, confirm, change_frequency, unsubscribe]


def test_every_action_is_walked_through():
    functions = {name for name in actions.__all__ if inspect.isfunction(getattr(actions, name))}
    assert {scene.__name__ for scene in SCENES + OF_SUBSCRIBERS} == functions - CHANGE_NOTHING


@pytest.mark.parametrize("scene", OF_SUBSCRIBERS)
def test_action_of_a_subscriber_is_one_event_and_the_same_again_is_none(client, catalogue, scene):
    act = scene(client)
    known = set(Event.objects.values_list("pk", flat=True))

    act()
    act()

    [event] = Event.objects.exclude(pk__in=known)
    assert event.reference.startswith("SUB-")


@pytest.mark.parametrize("scene", SCENES)
def test_action_is_one_event_and_the_same_again_is_none(client, catalogue, admin_user, monkeypatch, scene):
    act = scene(World(client, catalogue, admin_user, monkeypatch))
    known = set(Event.objects.values_list("pk", flat=True))

    act()

    [event] = Event.objects.exclude(pk__in=known)
    assert event.reference == ExpressionOfInterest.objects.get().reference
    assert set(event.codes) <= {"1103", "2206A"}
    done = (actions.NothingToAnswerError, actions.NothingWaitsError, actions.ReplacedTodayError)
    with suppress(*done):  # they say that it was done already
        act()
    assert Event.objects.count() == len(known) + 1
