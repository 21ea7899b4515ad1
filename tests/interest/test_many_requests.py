"""An afternoon of a contact with many requests: one list of all, one answer to several, and what a leaked link opens."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from coalition.mail import actions as outbox
from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions, limits
from interest.models import Answer, Event, Referral, Use
from tests.interest.calendar import december
from tests.interest.conftest import answer_form, answer_link, confirmed, link_in, mail_of, said, send_answer
from tests.interest.test_following import text_of

pytestmark = pytest.mark.django_db
CONTACT = "canary.default@unodc.example"


def ask(client, *codes, country="KZ"):
    return confirmed(client, *codes, email=f"{uuid.uuid4()}@mvd.example", country=country, institution=f"Ministry of {country}")


@pytest.fixture
def asked(client, catalogue):
    """Three requests to one contact; the second is about a colleague's initiative too."""
    return [ask(client, "1103", country="KZ"), ask(client, "1103", "2206A", country="FR"), ask(client, "1104", country="PE")]


def new_list(client, link=None):
    """The path that is mailed."""
    Use.objects.all().delete()  # as if it were a quarter of an hour later
    assert client.post(link or answer_link(), {"list": "1"}).url == reverse("interest:list_sent")
    return link_in(OutgoingEmail.objects.filter(kind="list").latest("pk").text, "requests")


def tick(*requests):
    return [" ".join([request.reference, *codes]) for request, codes in requests]


def together(client, path, ticks, **values):
    form = {"key": str(uuid.uuid4()), "requests": ticks, "kind": "noted", "text": "", "period": ""}
    return client.post(path, form | values)


def statuses():
    return sorted(Referral.objects.values_list("expression__country", "initiative__code", "status"))


def grow_older(days):
    past = {name: F(name) - timedelta(days=days) for name in ("created_at", "accepted_at")}
    OutgoingEmail.objects.update(**past)


# -- One place -----------------------------------------------------------------------------------------------------------------


def test_journey_from_one_request_to_the_same_answer_for_several(client, asked):
    kazakhstan, france, _peru = asked
    page = text_of(client.get(answer_link()))
    assert "More requests wait for you" in page
    path = new_list(client)
    told = mail_of("list")
    assert (told.recipient, told.subject) == (CONTACT, "Your list: 3 requests wait for your answer")
    assert not re.search("EOI|Kazakhstan|Ministry|1103", told.text + told.html)
    page = client.get(path).content.decode()
    assert [page.count(f"Ministry of {country}") for country in ("KZ", "FR", "PE")] == [1, 1, 1]
    assert "2206A" not in page
    assert "aigul" not in page.lower()

    done = together(client, path, tick((kazakhstan, ["1103"]), (france, ["1103", "2206A"])), kind="scheduled", period="May")

    assert done.url == path
    assert "Your answer to 2 requests is recorded" in text_of(client.get(path))
    assert statuses() == [
        ("FR", "1103", "scheduled"),
        ("FR", "2206A", "waiting"),
        ("KZ", "1103", "scheduled"),
        ("PE", "1104", "waiting"),
    ]
    answers = OutgoingEmail.objects.filter(kind="answer")
    assert sorted(answers.values_list("recipient", flat=True)) == sorted([kazakhstan.email, france.email])
    for email in answers:
        assert len(set(re.findall(r"EOI-\d{4}-\w{6}", email.subject + email.text))) == 1
    recorded = mail_of("recorded_list")
    assert (recorded.recipient, recorded.reply_to) == (CONTACT, "coalition@example.org")
    assert f"France ({france.reference}): 1103\n" in recorded.text
    assert link_in(recorded.text, "requests") == path
    assert not OutgoingEmail.objects.filter(kind="recorded").exists()
    assert [event.codes for event in Event.objects.filter(what="answered")] == [["1103"], ["1103"]]


def test_each_request_opens_from_the_list_and_is_answered_on_its_own(client, asked):
    path = new_list(client)
    [_kazakhstan, france, _peru] = re.findall(r'href="(/interest/answer/[^"]+)"', client.get(path).content.decode())
    page = text_of(client.get(france))
    assert "Request from France" in page
    assert f'href="{path}"' in page
    assert "Kazakhstan" not in page

    assert send_answer(client, {"1103": said("acknowledged")}, france).url == france

    assert [row for row in statuses() if row[1] == "1103"] == [("FR", "1103", "acknowledged"), ("KZ", "1103", "waiting")]
    assert link_in(mail_of("recorded").text, "answer") == france


def test_reminder_of_several_requests_brings_the_list_and_of_one_does_not(client, catalogue, calendar):
    ask(client, "1103", country="KZ")
    ask(client, "1103", "2206A", country="FR")
    calendar.send(december(2))
    calendar.run(december(10))

    paths = {
        email.recipient: re.findall(r"/interest/requests/\S+", email.text)
        for email in OutgoingEmail.objects.filter(kind="reminder")
    }
    assert paths["canary.healer@who.example"] == []
    OutgoingEmail.objects.filter(kind="reminder").update(accepted_at=F("state_since"), created_at=F("state_since"))
    page = text_of(client.get(paths[CONTACT][0]))
    assert ("Ministry of KZ" in page, "Ministry of FR" in page) == (True, True)


def test_list_of_who_has_one_request_is_not_offered(client, catalogue):
    ask(client, "1103")

    assert "More requests wait for you" not in text_of(client.get(answer_link()))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"requests": []}, "Tick the requests that you answer."),
        ({"requests": ["EOI-2026-AAAAAA 1103; DROP"]}, "Please load this page again."),
        ({"kind": ""}, "Choose an answer."),
        ({"kind": "wrong_person"}, "not one of the available choices"),
        ({"kind": "not_suitable"}, "Write why it is not suitable."),
        ({"kind": "scheduled"}, "Say for when it is scheduled."),
    ],
)
def test_incomplete_answer_to_several_says_what_is_missing_and_keeps_the_ticks(client, asked, values, problem):
    path = new_list(client)
    ticks = tick((asked[0], ["1103"]))

    page = text_of(together(client, path, ticks, **values))

    assert problem in page
    assert page.count(" checked") == int("requests" not in values) + int(
        values.get("kind", "noted") in ("noted", "not_suitable", "scheduled")
    )
    assert not Answer.objects.exists()


@pytest.mark.parametrize("count", [1, 4])
def test_list_takes_the_same_number_of_queries_for_any_number(client, catalogue, django_assert_num_queries, count):
    for _ in range(count):
        ask(client, "1103", "1104")
    path = new_list(client)

    # the mail, newer lists, replaced links, what waits
    with django_assert_num_queries(4):
        client.get(path)


# -- What was answered is not answered over -------------------------------------------------------------------------------------


def test_answer_to_several_takes_the_place_of_no_other_and_reaches_nobody_elses(client, asked):
    kazakhstan, france, peru = asked
    path = new_list(client)
    send_answer(client, {"1104": said("scheduled", period="May")}, answer_link())
    ticks = tick((kazakhstan, ["1103", "1104"]), (france, ["2206A"]), (peru, ["1104"]))

    together(client, path, ticks)

    assert statuses() == [
        ("FR", "1103", "waiting"),
        ("FR", "2206A", "waiting"),
        ("KZ", "1103", "noted"),
        ("PE", "1104", "scheduled"),
    ]
    together(client, path, tick((peru, ["1104"])))
    assert "meanwhile all of this was answered" in text_of(client.get(path))


def test_same_form_twice_is_one_answer_and_one_mail_each(client, asked):
    path, key = new_list(client), str(uuid.uuid4())
    ticks = tick((asked[0], ["1103"]), (asked[2], ["1104"]))

    assert [together(client, path, ticks, key=key).url for _twice in range(2)] == [path, path]

    assert "Your answer is recorded" in text_of(client.get(path))
    assert Answer.objects.count() == 2
    assert [OutgoingEmail.objects.filter(kind=kind).count() for kind in ("answer", "recorded_list")] == [2, 1]


def test_sixth_answer_to_one_request_on_a_day_is_refused_also_by_list(client, asked):
    path = new_list(client)
    for number in range(5):
        send_answer(client, {"1104": said("acknowledged", text=str(number))}, answer_link())

    page = text_of(together(client, path, tick((asked[0], ["1103"]), (asked[2], ["1104"])), text="The sixth"))

    assert "Please send it tomorrow." in page
    assert "The sixth</textarea>" in page
    assert Answer.objects.count() == 5


def test_answer_to_what_was_withdrawn_meanwhile_is_kept_and_mailed_to_nobody(client, asked):
    path = new_list(client)
    OutgoingEmail.objects.update(attempts=1)
    actions.withdraw(expression=asked[0], codes=["1103"])

    together(client, path, tick((asked[0], ["1103"])), text="Too late")

    assert "This was withdrawn before your answer came" in text_of(client.get(path))
    assert Answer.objects.get().text == "Too late"
    assert not OutgoingEmail.objects.filter(kind="answer").exists()
    assert "It was withdrawn before your answer came" in mail_of("recorded_list").text


# -- What a leaked link opens ---------------------------------------------------------------------------------------------------


def test_answer_link_opens_one_request_and_asks_for_the_list_only_by_mail(client, asked):
    page = text_of(client.get(answer_link()))
    assert [country for country in ("KZ", "FR", "PE") if f"Ministry of {country}" in page] == ["PE"]
    thief = Client()

    shown = [thief.get(answer_link()), thief.post(answer_link(), {"list": "1"}), thief.get(reverse("interest:list_sent"))]

    for response in shown:
        assert "/interest/requests/" not in text_of(response) + str(response.headers)
        assert "Ministry of KZ" not in text_of(response)
    token = answer_link().split("/")[3]
    assert thief.get(reverse("interest:requests", args=[token])).status_code == 404
    assert mail_of("list").recipient == CONTACT


def test_list_is_offered_before_the_form_whose_choice_it_would_drop(client, asked):
    page = text_of(client.get(answer_link()))

    assert page.index("Mail me the list") < page.index('-kind"')
    assert "go on with the link in that mail" in text_of(client.post(answer_link(), {"list": "1"}, follow=True))


def test_list_link_opens_no_other_page(client, asked):
    token = new_list(client).split("/")[3]

    for page in ("answer", "status", "verify", "withdraw", "details"):
        assert client.get(reverse(f"interest:{page}", args=[token])).status_code == 404


def test_list_link_and_the_answer_links_on_its_page_live_three_days(client, asked):
    path = new_list(client)
    inner = re.findall(r'href="(/interest/answer/[^"]+)"', client.get(path).content.decode())
    assert len(inner) == 3
    grow_older(3)

    pages = [client.get(link) for link in (path, *inner)]

    assert [page.status_code for page in pages] == [410] * 4
    assert "Ministry" not in text_of(pages[0])
    assert "Send a new link" in text_of(pages[0])
    assert client.get(answer_link()).status_code == 200
    assert client.post(path, {"fresh": "1"}).url == reverse("interest:list_sent")


def test_new_list_replaces_the_old_one_with_the_links_on_its_page(client, asked):
    old = new_list(client)
    inner = re.findall(r'href="(/interest/answer/[^"]+)"', client.get(old).content.decode())

    new = new_list(client, inner[0])

    assert [client.get(link).status_code for link in (old, *inner)] == [410] * 4
    assert together(client, old, tick((asked[0], ["1103"]))).status_code == 302
    assert not Answer.objects.exists()
    assert client.get(new).status_code == 200


def test_second_copy_of_a_list_mail_leaves_its_link_alive(client, asked):
    path = new_list(client)
    queue.send_due()
    assert len(outbox.send_copy(ids=[mail_of("list").pk])) == 1

    assert client.get(path).status_code == 200


def test_list_ends_when_links_of_a_request_on_it_are_replaced(client, asked):
    path = new_list(client)

    actions.replace_links(expression=asked[1])

    assert client.get(path).status_code == 410
    assert client.get(new_list(client)).status_code == 200


def test_list_is_mailed_once_in_a_quarter_of_an_hour_and_the_page_says_the_same(client, asked):
    first = client.post(answer_link(), {"list": "1"})
    second = client.post(answer_link(), {"list": "1"})

    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert OutgoingEmail.objects.filter(kind="list").count() == 1
    with pytest.raises(limits.TooManyError):
        limits.take_list(CONTACT.upper())
    for request in asked:
        actions.withdraw(expression=request, codes=["1103", "1104"])
    Use.objects.all().delete()
    assert client.post(answer_link(), {"list": "1"}).url == first.url
    assert OutgoingEmail.objects.filter(kind="list").count() == 1


def test_list_pages_stay_out_of_caches_and_need_a_token_to_act(client, asked):
    path = new_list(client)
    response = client.get(path)
    assert "no-store" in response["Cache-Control"]
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("same-origin", "noindex")

    strict = Client(enforce_csrf_checks=True)
    assert together(strict, path, tick((asked[0], ["1103"]))).status_code == 403
    assert strict.post(path, {"fresh": "1"}).status_code == 403
    assert strict.post(answer_link(), answer_form({"1104": said("noted")})).status_code == 403
