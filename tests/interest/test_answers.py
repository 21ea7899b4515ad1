"""A contact's link: the page, the answers, the one mail that each of them makes."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import actions, links
from interest.actions.inquiring import inquire
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral
from tests import factories
from tests.interest.conftest import (
    answer_form,
    answer_link,
    confirmed,
    link_in,
    mail_of,
    registered,
    said,
    send_answer,
    status_link,
)
from tests.interest.test_following import text_of

pytestmark = pytest.mark.django_db
UNODC = "United Nations Office on Drugs and Crime (UNODC), Laboratory and Scientific Service"


def statuses(expression):
    return dict(expression.referrals.values_list("initiative__code", "status"))


def grow_older(days):
    OutgoingEmail.objects.update(
        created_at=F("created_at") - timedelta(days=days), accepted_at=F("accepted_at") - timedelta(days=days)
    )


def test_journey_from_the_contact_mail_to_the_last_answer(client, catalogue):
    registered(client, "1103", "1104", "2206A")
    queue.send_due()
    client.post(link_in(mail.outbox[0].body, "verify"))
    expression = ExpressionOfInterest.objects.get()
    queue.send_due()
    [asked] = [message for message in mail.outbox if message.to == ["canary.default@unodc.example"]]
    page = text_of(client.get(link_in(asked.body, "answer")))
    for shown in ("Request from Kazakhstan", "Aigul Focal-Point", "We need training for 30 officers.", "1103", "1104"):
        assert shown in page
    assert "2206A" not in page

    done = send_answer(client, {"all": said("need_information", text="How many officers?")}, link_in(asked.body, "answer"))
    assert done.status_code == 302
    assert "Your answer is recorded" in text_of(client.get(done.url))
    queue.send_due()
    told, recorded = mail.outbox[-2:]
    assert (recorded.to, recorded.reply_to) == (["canary.default@unodc.example"], ["coalition@example.org"])
    assert (told.to, told.reply_to) == (["aigul@mvd.example"], ["coalition@example.org"])
    first_line = told.body.splitlines()[0]
    assert first_line == (
        "They need information from you. Please give it on your status page, not by replying to this mail: "
        f"http://testserver{status_link()}"
    )
    page = client.get(link_in(told.body, "status"))
    assert text_of(page).count("Needs information from you") == 2
    reply_path = re.search(r'href="(/interest/status/[^"]+/reply/)"', page.content.decode())[1]
    assert "How many officers?" in text_of(client.get(reply_path))

    form = {"key": "9d2a7a52-9f25-4bb5-8a3b-bd0d1a8a9e01", "text-1103": "Thirty,\nin two groups."}
    assert client.post(reply_path, form).url == link_in(told.body, "status")
    queue.send_due()
    back = mail.outbox[-1]
    assert (back.to, back.reply_to) == (["canary.default@unodc.example"], ["aigul@mvd.example"])
    assert "> Thirty,\n> in two groups." in back.body
    assert "2206A" not in back.body
    assert "Thirty," in text_of(client.get(link_in(back.body, "answer")))
    assert statuses(expression) == {"1103": "waiting", "1104": "waiting", "2206A": "waiting"}

    send_answer(client, {"1103": said("scheduled", period="March 2027")}, link_in(back.body, "answer"))
    assert statuses(expression) == {"1103": "scheduled", "1104": "waiting", "2206A": "waiting"}

    path = reverse("interest:withdraw", args=[status_link().split("/")[3]])
    client.post(path, {"initiatives": ["1103", "1104", "2206A"]})
    queue.send_due()
    assert [(message.to, message.reply_to) for message in mail.outbox[-3:]] == [
        (["canary.default@unodc.example"], ["aigul@mvd.example"]),
        (["canary.healer@who.example"], ["aigul@mvd.example"]),
        (["aigul@mvd.example"], ["coalition@example.org"]),
    ]
    page = text_of(client.get(status_link()))
    assert page.count("You withdrew it.") == 3
    for entry in (
        "You sent the form. 1103, 1104, 2206A",
        f"{UNODC} answered: Need information. 1103, 1104",
        f"You gave information to {UNODC}. 1103, 1104",
        f"{UNODC} answered: Scheduled, March 2027. 1103",
        "You withdrew your interest. 1103, 1104, 2206A",
    ):
        assert entry in re.sub("<[^>]+>", "", page)
    assert [(event.what, event.codes) for event in Event.objects.all()] == [
        ("registered", ["1103", "1104", "2206A"]),
        ("verified", ["1103", "1104", "2206A"]),
        ("answered", ["1103", "1104"]),
        ("replied", ["1103", "1104"]),
        ("answered", ["1103"]),
        ("withdrawn", ["1103", "1104", "2206A"]),
    ]
    # Nothing that a contact alone knows reaches the focal point, and no contact learns of another.
    to_focal_point = [message for message in mail.outbox if message.to == ["aigul@mvd.example"]]
    assert len(to_focal_point) == 5
    for shown in [page, *(message.body + str(message.alternatives) for message in to_focal_point)]:
        assert "canary" not in shown.lower()
    for message in mail.outbox:
        if message.to[0].startswith("canary.default"):
            assert "healer" not in message.body.lower()
            assert "2206A" not in message.body


def test_own_answer_of_an_initiative_comes_before_the_one_for_all(client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A")

    send_answer(client, {"all": said("acknowledged"), "1104": said("noted")})

    assert statuses(expression) == {"1103": "acknowledged", "1104": "noted", "2206A": "waiting"}
    assert OutgoingEmail.objects.filter(kind="answer").count() == 1


def test_last_answer_counts_and_all_are_kept(client, catalogue):
    expression = confirmed(client, "1103")

    for kind in ("acknowledged", "noted"):
        send_answer(client, {"1103": said(kind)})

    assert statuses(expression) == {"1103": "noted"}
    assert list(Answer.objects.values_list("kind", "author")) == [("acknowledged", "contact"), ("noted", "contact")]
    assert OutgoingEmail.objects.filter(kind="answer").count() == 2


def test_second_contact_sees_which_office_answered_and_when_and_both_may_answer(client, catalogue, unodc):
    expression = confirmed(client, "1103")
    send_answer(client, {"1103": said("acknowledged", text="Soon.")})
    deputy = factories.contact(unodc, "Canary Deputy", email="canary.deputy@unodc.example", section="Front Office")
    referral = expression.referrals.with_recipients().get()
    referral.contact = deputy
    first, referral.email = answer_link(), actions.registering.emails.contact(expression, referrals=[referral])
    referral.save()
    inquire(email=referral.email, referrals=[referral], step=Inquiry.Step.DEPUTY)

    second = answer_link("canary.deputy@unodc.example")
    page = text_of(client.get(second))

    when = f"{Answer.objects.get().created_at:%Y, %H:%M} UTC"
    for shown in ("Acknowledged", UNODC, when, "Soon."):
        assert shown in page
    assert "canary" not in page.lower()
    send_answer(client, {"1103": said("noted")}, second)
    send_answer(client, {"1103": said("scheduled", period="May")}, first)
    assert list(Answer.objects.values_list("contact__name", flat=True)) == ["Canary Default", "Canary Deputy", "Canary Default"]


def test_address_that_is_not_asked_any_more_cannot_answer(client, catalogue):
    expression = confirmed(client, "1103")
    Inquiry.objects.update(closed_at=Now())

    assert "Nothing here waits for you any more" in text_of(client.get(answer_link()))
    send_answer(client, {"1103": said("acknowledged")})
    assert not expression.referrals.get().answers.exists()


@pytest.mark.parametrize(("ticked", "shown"), [({}, False), ({"shares_address": "on"}, True)])
def test_address_of_the_contact_is_told_only_if_they_agree(client, catalogue, ticked, shown):
    confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("acknowledged")}, **ticked)
    PointOfContact.objects.filter(name="Canary Default").update(name="Canary Successor", email="successor@unodc.example")
    email = mail_of("answer")

    for text in (email.text, unescape(email.html), text_of(client.get(status_link()))):
        assert ("canary.default@unodc.example" in text, "Canary Default" in text) == (shown, shown)
        assert "uccessor" not in text
        assert "healer" not in text.lower()


def test_wrong_person_is_told_to_staff_and_to_nobody_else(client, catalogue):
    expression = confirmed(client, "1103")
    proposal = {"proposed_name": "Zed Replacement", "proposed_email": "zed@unodc.example", "text": "Ask Zed, room 9."}
    queue.send_due()
    mails = OutgoingEmail.objects.count()

    send_answer(client, {"1103": said("wrong_person", **proposal)})

    assert OutgoingEmail.objects.count() == mails + 2
    assert Referral.objects.to_pass_on().get().expression == expression
    email = mail_of("answer")
    status_page, own_page = text_of(client.get(status_link())), text_of(client.get(answer_link()))
    assert "No answer is known yet." in status_page
    for text in (email.text, email.html, status_page, own_page):
        assert "Wrong person" in text
        if text is not own_page:
            assert "The Coalition’s staff choose whom; nobody new is asked yet." in unescape(text)
        for secret in ("Zed", "zed@", "room 9"):
            assert secret not in text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "Choose an answer."),
        ({"text": "Typed words"}, "Choose what you answer"),
        ({"kind": "need_information"}, "Write what you need to know."),
        ({"kind": "not_suitable"}, "Write why it is not suitable."),
        ({"kind": "scheduled", "text": "Typed words"}, "Say for when it is scheduled."),
        ({"kind": "noted", "proposed_name": "Typed words"}, "Choose “Wrong person”"),
        ({"kind": "wrong_person", "proposed_name": "Typed words", "proposed_email": "zed"}, "Enter an e-mail address"),
        ({"kind": "reply", "text": "Typed words"}, "not one of the available choices"),
    ],
)
def test_incomplete_answer_says_what_is_missing_and_loses_nothing(client, catalogue, content, problem):
    expression = confirmed(client, "1103", "1104")
    form = answer_form({"all": said(), "1104": said(**content)}, shares_address="on")

    page = text_of(client.post(answer_link(), form))

    assert problem in page
    assert form["key"] in page
    assert 'name="shares_address" autocomplete="off" id="id_shares_address" checked' in page.replace(
        ' aria-describedby="id_shares_address_helptext"', ""
    )
    for typed in content.values():
        assert typed in page
    assert not Answer.objects.exists()
    assert set(statuses(expression).values()) == {"waiting"}


def test_answer_to_what_was_withdrawn_meanwhile_is_not_sent(client, catalogue):
    expression = confirmed(client, "1103", "1104")
    actions.withdraw(expression=expression, codes=["1103"])
    send_answer(client, {"1103": said("acknowledged"), "1104": said("noted")})
    assert statuses(expression) == {"1103": "withdrawn", "1104": "noted"}

    actions.withdraw(expression=expression, codes=["1104"])
    page = text_of(send_answer(client, {"1104": {"kind": "acknowledged"}}, follow=True))

    assert "Your answer was not sent" in page
    assert statuses(expression) == {"1103": "withdrawn", "1104": "withdrawn"}
    assert Answer.objects.filter(kind="acknowledged").count() == 1


def test_answer_for_an_initiative_of_another_contact_has_no_effect(client, catalogue):
    expression = confirmed(client, "1103", "2206A")

    response = send_answer(client, {"1103": said("acknowledged"), "2206A": said("not_suitable", text="Foreign")})

    assert response.status_code == 302
    assert statuses(expression) == {"1103": "acknowledged", "2206A": "waiting"}


def test_action_takes_no_answer_for_what_another_contact_is_asked(client, catalogue):
    expression = confirmed(client, "1103", "2206A")
    asked = links.read_answer(answer_link().split("/")[3])

    with pytest.raises(actions.NothingToAnswerError):
        actions.answer(asked=asked, key=uuid.uuid4(), contents={"2206A": {"kind": "noted"}}, shares_address=False)
    assert set(statuses(expression).values()) == {"waiting"}


def test_form_sent_twice_is_one_answer_and_one_mail(client, catalogue):
    confirmed(client, "1103")
    form, link = answer_form({"1103": said("acknowledged")}), answer_link()

    assert client.post(link, form).url == client.post(link, form).url

    assert Answer.objects.count() == 1
    assert OutgoingEmail.objects.filter(kind="answer").count() == 1
    assert Event.objects.filter(what="answered").count() == 1


def test_answer_needs_a_csrf_token(client, catalogue):
    confirmed(client, "1103")

    assert send_answer(Client(enforce_csrf_checks=True), {"1103": said("acknowledged")}).status_code == 403


def test_page_of_an_old_link_shows_nothing_and_sends_a_new_one_once_a_day(client, catalogue):
    confirmed(client, "1103")
    old = answer_link()
    grow_older(31)
    page = client.get(old)
    assert page.status_code == 410
    for secret in ("Aigul", "1103", "Kazakhstan"):
        assert secret not in text_of(page)

    first, second = client.post(old, {"fresh": "1"}), client.post(old, {"fresh": "1"})

    assert first.content == second.content
    fresh = mail_of("answer_link")
    assert (fresh.recipient, fresh.reply_to) == ("canary.default@unodc.example", "aigul@mvd.example")
    assert client.get(link_in(fresh.text, "answer")).status_code == 200
    assert client.get(old).status_code == 410


def test_old_link_of_a_withdrawn_request_answers_the_same_and_sends_nothing(client, catalogue):
    expression = confirmed(client, "1103")
    old = answer_link()
    sent = client.post(old, {"fresh": "1"}).content
    OutgoingEmail.objects.filter(kind="answer_link").delete()
    actions.withdraw(expression=expression, codes=["1103"])

    assert client.post(old, {"fresh": "1"}).content == sent
    assert not OutgoingEmail.objects.filter(kind="answer_link").exists()


def test_life_of_an_answer_link_is_a_setting_and_leaves_time_to_write(client, catalogue, settings):
    confirmed(client, "1103")
    settings.ANSWER_LINK_DAYS = 3
    link = answer_link()
    grow_older(2)
    assert client.get(link).status_code == 200

    OutgoingEmail.objects.update(created_at=F("created_at") - timedelta(days=1, hours=1))
    assert client.get(link).status_code == 410
    assert send_answer(client, {"1103": said("acknowledged")}, link).status_code == 302

    OutgoingEmail.objects.update(created_at=F("created_at") - timedelta(days=1))
    assert send_answer(client, {"1103": said("noted")}, link, follow=True).status_code == 410
    assert Answer.objects.count() == 1


def test_answer_link_is_bound_to_its_purpose_its_mail_and_its_version(client, catalogue):
    expression = confirmed(client, "1103", "2206A")
    token = answer_link().split("/")[3]
    other = answer_link("canary.healer@who.example").split("/")[3]
    status = status_link().split("/")[3]
    signed = token.rpartition(".")[2]

    for forged in (status, f"{other.rpartition('.')[0]}.{signed}", token.replace("contact.", "answer.", 1)):
        assert client.get(reverse("interest:answer", args=[forged])).status_code == 404
    for page in ("status", "reply", "withdraw", "details", "verify"):
        assert client.get(reverse(f"interest:{page}", args=[token])).status_code == 404
    expression.link_version = 2
    expression.save()
    assert client.get(reverse("interest:answer", args=[token])).status_code == 410
    with pytest.raises(links.RevokedLinkError):
        links.read_answer(token)


def test_links_in_new_mails_ignore_the_host_header(client, catalogue, settings):
    settings.ALLOWED_HOSTS = ["*"]
    confirmed(client, "1103", "1104")
    poison = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
    status = status_link().rstrip("/")
    reference = status.split("/")[3].split(".")[0]
    client.post(answer_link(), answer_form({"all": said("need_information", text="Who?")}), **poison)
    client.post(answer_link(), {"fresh": "1"}, **poison)
    client.post(f"{status}/reply/", {"key": "9d2a7a52-9f25-4bb5-8a3b-bd0d1a8a9e01", "text-1103": "We."}, **poison)
    client.post(f"{status}/details/", {"name": "New", "job_title": "J", "institution": "I", "phone": ""}, **poison)
    client.post(f"{status}/withdraw/", {"initiatives": ["1103"]}, **poison)
    client.post("/interest/link/", {"reference": reference, "email": "aigul@mvd.example"}, **poison)

    assert set(OutgoingEmail.objects.values_list("kind", flat=True)) == {
        *("verification", "contact", "receipt", "answer", "answer_link", "reply", "correction", "withdrawal", "status_link"),
        *("recorded", "notice"),
    }
    for email in OutgoingEmail.objects.all():
        assert "evil" not in email.text + email.html
        assert "http://testserver/interest/" in email.text


def test_answers_are_escaped(client, catalogue):
    confirmed(client, "1103")
    evil = "<script>alert(1)</script>"
    send_answer(client, {"1103": said("scheduled", period=evil, text=evil)})

    for html in (client.get(status_link()).content.decode(), client.get(answer_link()).content.decode(), mail_of("answer").html):
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("count", [1, 3])
def test_answering_takes_the_same_number_of_queries_for_any_number_of_initiatives(
    client, unodc, django_assert_max_num_queries, count
):
    codes = [factories.initiative(f"110{number}", lead=unodc).code for number in range(1, count + 1)]
    confirmed(client, *codes)
    link = answer_link()

    with django_assert_max_num_queries(5):  # mail, expression, referrals with all that is shown of them, answers, what else waits
        client.get(link)
    # … savepoint 2, lock, known submission, referrals, whose, answers, statuses, event, answers today, mails 4, settled ones 2
    with django_assert_max_num_queries(20):
        send_answer(client, {code: said("acknowledged") for code in codes}, link)
    assert Answer.objects.count() == count
