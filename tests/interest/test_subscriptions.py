"""Subscribing without an account: asked for by anybody, begun by whoever has the mailbox, stopped in one click."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from coalition.mail import messages, queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative
from interest import actions, limits
from interest.models import Event, Subscriber, Subscription
from tests import factories
from tests.interest.subscribing import (
    ADDRESS,
    ONE_CLICK,
    ask,
    confirmation,
    digests,
    everything,
    path_in,
    sleep,
    subscribed,
    unsubscribe_path,
)
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def entries():
    topic = factories.term("topic", "opioids")
    return [factories.initiative(code, lead=factories.organization("unodc"), terms=[topic]) for code in ("1103", "1104")]


def with_digest(client, *queries):
    for query in queries or [""]:
        subscribed(client, query)
    Initiative.objects.update(stage="ongoing")
    sleep()
    assert actions.send_digests() == 1
    [email] = digests()
    return email


# -- Asking --------------------------------------------------------------------------------------------------------------------


def test_asking_writes_one_mail_that_asks_to_confirm_and_nothing_else(client):
    response = ask(client, "topic=opioids")

    assert (response.status_code, response.url) == (302, reverse("interest:subscribe_sent"))
    [email] = OutgoingEmail.objects.all()
    assert (email.kind, email.recipient, email.subject) == ("subscribe", ADDRESS, "Please confirm: mails about what changes")
    assert "What you follow: Topic: Opioids" in email.text
    assert email.unsubscribe_link == ""
    subscription = Subscription.objects.get()
    assert (subscription.query, subscription.frequency, subscription.confirmed_at) == ("topic=opioids", "daily", None)
    assert actions.send_digests() == 0


def test_mail_to_an_unconfirmed_address_has_no_word_that_somebody_typed(client):
    ask(client, "search=Canary Birdsong&topic=opioids")

    [email] = OutgoingEmail.objects.all()
    assert "What you follow: A search; Topic: Opioids" in email.text
    for part in (email.subject, email.text, email.html):
        assert "Canary" not in part


def test_page_that_confirms_and_the_one_that_stops_say_in_full_what_is_followed(client):
    email = with_digest(client, "search=Canary+title&topic=opioids", "code=1103")
    told = ["Search: Canary title; Topic: Opioids", "Initiative 1103"]

    stop = words(client.get(unsubscribe_path(email)))
    assert f"You follow: {' '.join(told)} Stop all mails" in stop
    assert told[0] in words(client.get(confirmation("search=Canary+title&topic=opioids")))
    assert all(label in words(client.get(path_in(email, "subscriptions"))) for label in told)


@pytest.mark.parametrize("search", ["see www.evil.example", "http://evil.example", "a@b", "a\u202eb"])
def test_words_that_would_make_a_link_in_a_mail_are_refused(client, search):
    response = client.post(reverse("interest:subscribe", query={"search": search}), {"email": ADDRESS, "frequency": "daily"})

    assert response.status_code == 200
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("topic=opioids&page=3&ordering=code&nonsense=1", "topic=opioids"),
        ("topic=opioids&topic=opioids&support=nonsense", "topic=opioids"),
        ("code=1103&topic=opioids", "code=1103"),
        ("", ""),
    ],
)
def test_same_filters_are_one_subscription_however_they_are_written(client, query, kept):
    ask(client, query)
    assert Subscription.objects.get().query == kept


def test_unknown_initiative_cannot_be_followed(client):
    assert ask(client, "code=9999").status_code == 200
    assert not Subscriber.objects.exists()


def test_answer_is_the_same_for_a_known_address(client):
    new = ask(client)
    client.post(confirmation())
    known = ask(client)

    assert (new.status_code, new.url, new.content) == (known.status_code, known.url, known.content)
    assert sorted(OutgoingEmail.objects.values_list("kind", flat=True)) == ["subscribe", "subscriptions"]
    assert Subscription.objects.count() == 1


def test_asking_again_on_the_same_day_mails_nothing_more(client):
    for _ in range(3):
        ask(client)
    assert OutgoingEmail.objects.count() == 1


def test_address_that_confirms_nothing_is_not_flooded(client):
    """As many as may reach one mailbox at once (reliability C5): the others wait for their turn."""
    for topic in ("", "topic=opioids", "code=1103", "code=1104"):
        ask(client, topic)
    assert OutgoingEmail.objects.count() == 4
    assert queue.send_due() == 1

    client.post(confirmation(""))
    assert queue.send_due() == 1


def test_too_many_forms_are_told_to_come_back(client, settings):
    settings.FORMS_PER_NETWORK_HOUR = 1
    ask(client)
    response = ask(client, "code=1103")

    assert (response.status_code, "Retry-After" in response) == (429, True)
    assert ADDRESS in response.content.decode()


# -- Confirming ------------------------------------------------------------------------------------------------------------------


def test_opening_the_link_shows_and_the_button_confirms(client):
    ask(client, "topic=opioids")
    link, before = confirmation("topic=opioids"), everything()

    assert "Topic: Opioids" in client.get(link).content.decode()
    assert everything() == before
    response = client.post(link)

    subscription = Subscription.objects.get()
    assert subscription.codes == ["1103", "1104"]
    assert subscription.confirmed_at
    assert "Topic: Opioids" in client.get(response.url).content.decode()
    events = Event.objects.filter(reference=subscription.reference).order_by("pk")
    assert list(events.values_list("what", flat=True)) == ["subscription_asked", "subscribed"]


def test_second_click_explains_itself(client):
    subscribed(client)
    assert "This is confirmed already" in client.get(confirmation()).content.decode()
    assert client.post(confirmation()).status_code == 302
    assert Event.objects.filter(what="subscribed").count() == 1


def test_link_ends_after_three_days(client):
    ask(client)
    Subscription.objects.update(created_at=F("created_at") - timedelta(hours=73))

    for response in (client.get(confirmation()), client.post(confirmation(), follow=True)):
        assert response.status_code == 410
        assert "please subscribe again" in response.content.decode()
    assert Subscription.objects.get().confirmed_at is None


# -- Seeing, changing, stopping --------------------------------------------------------------------------------------------------


def test_page_shows_changes_and_stops_each(client):
    email = with_digest(client, "topic=opioids", "code=1103")
    page = path_in(email, "subscriptions")
    first, second = Subscription.objects.order_by("pk")
    html = client.get(page).content.decode()
    assert "Topic: Opioids" in html
    assert "Initiative 1103" in html
    # Each stands on one of its choices already.
    assert "(optional)" not in html

    assert client.post(page, {first.reference: "weekly", second.reference: "stop"}).status_code == 302

    assert list(Subscription.objects.values_list("query", "frequency")) == [("topic=opioids", "weekly")]
    client.post(page, {first.reference: "stop"})
    assert not Subscriber.objects.exists()


def test_lost_link_is_mailed_once_a_day_to_who_has_one(client):
    subscribed(client)
    answers = {
        client.post(reverse("interest:subscriptions_link"), {"email": email}).url for email in [ADDRESS, "no@body.example"]
    }
    client.post(reverse("interest:subscriptions_link"), {"email": ADDRESS.upper()})

    assert answers == {reverse("interest:subscriptions_link_sent")}
    [email] = OutgoingEmail.objects.filter(kind="subscriptions")
    assert client.get(path_in(email, "subscriptions")).status_code == 200


def test_digest_has_the_headers_of_one_click(client):
    """RFC 8058 §3.1: an https (here http) address and the fixed words; RFC 2369 §3.2: comma-separated, in angle brackets."""
    email = with_digest(client)
    message = messages.parse(messages.build(email))

    header = " ".join(message["List-Unsubscribe"].split())
    assert header == f"<{email.unsubscribe_link}>, <mailto:{email.reply_to}?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert email.unsubscribe_link not in email.text


def test_one_click_needs_no_cookie_and_acts(client):
    path = unsubscribe_path(with_digest(client, "", "code=1103"))
    program = Client(enforce_csrf_checks=True)

    response = program.post(path, ONE_CLICK)

    assert response.status_code == 200
    assert response.cookies == {}
    assert not Subscriber.objects.exists()
    assert program.post(path, ONE_CLICK).status_code == 200
    assert Event.objects.filter(what="unsubscribed").count() == 2


def test_opening_the_one_click_address_or_an_empty_post_changes_nothing(client):
    path = unsubscribe_path(with_digest(client))
    before = everything()

    statuses = [client.get(path).status_code, client.head(path).status_code, client.post(path).status_code]

    assert statuses == [200, 200, 400]
    assert everything() == before
    assert client.get(path).cookies == {}


def test_stopping_the_last_forgets_the_address_and_the_words_of_the_mails(client):
    email = with_digest(client, "search=Title")
    client.post(unsubscribe_path(email), ONE_CLICK)

    assert not Subscriber.objects.exists()
    assert ADDRESS not in "".join(everything())
    assert set(OutgoingEmail.objects.values_list("text", "recipient", "unsubscribe_link")) == {("", "", "")}
    assert client.get(path_in(email, "subscriptions")).status_code == 410


@pytest.mark.parametrize(
    "happened",
    [
        {"state": "sent", "accepted_at": "2026-01-01T00:00Z", "returned_at": "2026-01-02T00:00Z"},
        {"state": "sent", "accepted_at": "2026-01-01T00:00Z", "complained_at": "2026-01-02T00:00Z"},
        {"state": "permanent_failure", "last_stage": "recipient"},
    ],
)
def test_digest_that_comes_back_stops_all(client, happened):
    with_digest(client)
    OutgoingEmail.objects.filter(kind="digest").update(**happened)
    Initiative.objects.update(stage="completed")
    sleep()

    assert actions.send_digests() == 0

    assert not Subscriber.objects.exists()
    assert Event.objects.filter(what="unsubscribed", actor="portal").count() == 1


@pytest.mark.parametrize(
    "happened",
    [
        {"state": "permanent_failure", "last_stage": "content"},
        {
            "state": "sent",
            "accepted_at": "2026-01-01T00:00Z",
            "returned_at": "2026-01-02T00:00Z",
            "delivered_at": "2026-01-03T00:00Z",
        },
    ],
)
def test_other_trouble_stops_nothing(client, happened):
    with_digest(client)
    OutgoingEmail.objects.filter(kind="digest").update(**happened)
    Initiative.objects.update(stage="completed")
    sleep()

    assert actions.send_digests() == 1


# -- Forgetting ------------------------------------------------------------------------------------------------------------------


def grow_older(days):
    age = timedelta(days=days)
    Subscription.objects.update(created_at=F("created_at") - age)
    OutgoingEmail.objects.update(created_at=F("created_at") - age, state_since=F("state_since") - age)


def test_what_nobody_confirms_is_forgotten_after_a_week_with_its_mails(client):
    ask(client)
    for days, left in [(6, 1), (2, 0)]:
        grow_older(days)
        done = actions.forget()
        assert (Subscription.objects.count(), Subscriber.objects.count(), OutgoingEmail.objects.count()) == (left, left, left)
    assert (done["unconfirmed"], done["subscribers"]) == (1, 1)


def test_confirmed_subscription_is_kept_while_another_is_forgotten(client):
    subscribed(client)
    ask(client, "code=1103")
    grow_older(8)

    actions.forget()

    assert list(Subscription.objects.values_list("query", flat=True)) == [""]


def test_limits_name_what_is_counted(client):
    ask(client)
    assert limits.Use.objects.filter(about=Subscription.objects.get().reference).count() == 2
    client.post(confirmation())
    assert not limits.Use.objects.filter(about__startswith="SUB-").exists()
