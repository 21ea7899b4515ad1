"""Somebody else has a mailed link: what it does not tell, and what it cannot do unnoticed."""

import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import F
from django.test import Client
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.actions import erasing
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry
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
from tests.interest.test_following import DETAILS, LINK, page_of, reply, text_of

pytestmark = pytest.mark.django_db
CONTACT = "canary.default@unodc.example"
PERSON = ["Aigul Focal-Point", "aigul@mvd.example", "+7 7172 000000", "30 officers"]
AGREED = {"shares_address": "on"}


def shown(page):
    return [secret for secret in (CONTACT, "Canary Default") if secret in page]


# -- What it does not tell ------------------------------------------------------------------------------------------------------


def test_contact_who_agreed_is_named_on_the_status_page_and_never_behind_an_answer_link(client, catalogue):
    confirmed(client, "1103")
    send_answer(client, {"1103": said("need_information", text="How many?")}, **AGREED)

    assert shown(text_of(client.get(status_link()))) == [CONTACT, "Canary Default"]
    for path in (answer_link(), page_of("reply")):
        page = text_of(client.get(path))
        assert "How many?" in page
        assert shown(page) == []


@pytest.mark.parametrize("code", ["1103", "1104"])
def test_later_answer_without_the_tick_takes_consent_back(client, catalogue, code):
    confirmed(client, "1103", "1104")
    send_answer(client, {"1103": said("acknowledged")}, **AGREED)
    send_answer(client, {code: said("noted")})

    assert shown(text_of(client.get(status_link()))) == []


def test_consent_ends_with_the_contacts_own_answer_and_not_with_one_of_others(client, catalogue, admin_user):
    expression = confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("acknowledged")}, **AGREED)
    send_answer(client, {"2206A": said("noted")}, answer_link("canary.healer@who.example"))
    referral = expression.referrals.first()
    actions.answer_for(referral=referral, staff=admin_user, key=uuid.uuid4(), content={"kind": "noted"}, why="Telephone")

    assert shown(text_of(client.get(status_link()))) == [CONTACT, "Canary Default"]


def test_page_of_who_is_not_asked_any_more_tells_nothing_of_the_person(client, catalogue):
    confirmed(client, "1103")
    page = text_of(client.get(answer_link()))
    assert [secret for secret in PERSON if secret in page] == PERSON

    Inquiry.objects.update(closed_at=F("created_at"))

    page = text_of(client.get(answer_link()))
    assert "Nothing here waits for you any more" in page
    assert [secret for secret in PERSON if secret in page] == []


def test_page_of_what_was_withdrawn_tells_nothing_of_the_person(client, catalogue):
    expression = confirmed(client, "1103")
    queue.send_due()
    send_answer(client, {"1103": said("need_information", text="How many?")})
    reply(client, **{"1103": "Some 30 officers."})

    actions.withdraw(expression=expression, codes=["1103"])

    for page in (text_of(client.get(answer_link())), text_of(send_answer(client, {"1103": said("noted")}, follow=True))):
        assert "1103" in page
        assert [secret for secret in PERSON if secret in page] == []


def test_old_verification_link_no_longer_opens_the_status_page(client, catalogue):
    registered(client, "1103")
    link = link_in(mail_of("verification").text, "verify")
    status = client.post(link).url
    assert status in text_of(client.get(link))
    ExpressionOfInterest.objects.update(created_at=F("created_at") - timedelta(hours=73))

    for response in (client.get(link), client.post(link, follow=True)):
        page = text_of(response)
        assert response.status_code == 410
        assert "Your address is confirmed" in page
        assert "/interest/link/" in page
        assert "/interest/status/" not in page
        assert "Register again" not in page


# -- What makes it useless ------------------------------------------------------------------------------------------------------


def test_replacing_the_links_revokes_the_old_ones_and_mails_new_ones(client, catalogue):
    expression = confirmed(client, "1103", "2206A", "3224")
    actions.withdraw(expression=expression, codes=["3224"])
    old = [status_link(), answer_link(), answer_link("canary.healer@who.example"), page_of("withdraw")]
    old.append(link_in(mail_of("verification").text, "verify"))
    known = list(OutgoingEmail.objects.values_list("pk", flat=True))
    assert page_of("replace_links") in text_of(client.get(status_link()))

    done = client.post(page_of("replace_links"), follow=True)

    assert done.status_code == 200
    assert "/interest/status/" not in text_of(done)
    for path in old:
        response = client.get(path)
        assert response.status_code == 410
        assert "Use the link in the newest mail you got from us." in text_of(response)
    new = OutgoingEmail.objects.exclude(pk__in=known).order_by("pk")
    assert [(email.kind, email.recipient) for email in new] == [
        ("status_link", "aigul@mvd.example"),
        ("answer_link", CONTACT),
        ("answer_link", "canary.healer@who.example"),
    ]
    for email in new:
        assert "were replaced, because somebody else may have had one." in " ".join(email.text.split())
        assert client.get(link_in(email.text, email.kind.partition("_")[0])).status_code == 200
    assert list(expression.events().filter(what="links_replaced").values_list("actor", "by")) == [("focal_point", "")]
    assert "All links were replaced." in text_of(client.get(status_link("status_link")))


def test_links_are_replaced_once_a_day(client, catalogue):
    expression = confirmed(client, "1103")
    client.post(page_of("replace_links"))
    path = reverse("interest:replace_links", args=[status_link("status_link").split("/")[3]])
    mails = OutgoingEmail.objects.count()

    assert "Please wait until tomorrow, or write to the Coalition" in text_of(client.post(path, follow=True))

    expression.refresh_from_db()
    assert (expression.link_version, OutgoingEmail.objects.count()) == (2, mails)


def test_new_links_come_also_to_who_asked_for_a_link_today(client, catalogue):
    expression = confirmed(client, "1103")
    client.post(LINK, {"reference": expression.reference, "email": "aigul@mvd.example"})
    client.post(answer_link(), {"fresh": "1"})

    client.post(page_of("replace_links"))

    assert [OutgoingEmail.objects.filter(kind=kind).count() for kind in ("status_link", "answer_link")] == [2, 2]
    assert client.get(status_link("status_link")).status_code == 200
    assert client.get(answer_link(kind="answer_link")).status_code == 200


def test_links_are_replaced_by_a_button_only(client, catalogue):
    expression = confirmed(client, "1103")

    assert client.get(page_of("replace_links")).url == status_link()
    assert Client(enforce_csrf_checks=True).post(page_of("replace_links")).status_code == 403
    expression.refresh_from_db()
    assert expression.link_version == 1


@pytest.mark.parametrize(("may", "status", "version"), [("view", 403, 1), ("change", 302, 2)])
def test_staff_who_may_change_referrals_replace_the_links(client, catalogue, may, status, version):
    referral = confirmed(client, "1103").referrals.get()
    user = get_user_model().objects.create_user("editor", password="long enough", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in={"view_referral", f"{may}_referral"}))
    staff = Client()
    staff.force_login(user)
    path = reverse("admin:interest_referral_links", args=[referral.pk])
    story = reverse("admin:interest_referral_change", args=[referral.pk])
    assert (path in text_of(staff.get(story))) is (may == "change")

    assert staff.get(path).status_code == status
    referral.expression.refresh_from_db()
    assert referral.expression.link_version == 1

    assert staff.post(path).status_code == status

    referral.expression.refresh_from_db()
    assert referral.expression.link_version == version
    if may == "change":
        assert referral.expression.events().get(what="links_replaced").by == "editor"
        assert "All links are replaced. New ones are mailed: 2." in text_of(staff.get(story))
        assert "Please wait until tomorrow." in text_of(staff.post(path, follow=True))


def test_staff_have_no_links_to_replace_of_who_never_confirmed(client, catalogue, admin_client):
    referral = registered(client, "1103").referrals.get()
    path = reverse("admin:interest_referral_links", args=[referral.pk])

    assert path not in text_of(admin_client.get(reverse("admin:interest_referral_change", args=[referral.pk])))
    assert "There is no link to replace." in text_of(admin_client.post(path, follow=True))


# -- What it cannot do unnoticed ------------------------------------------------------------------------------------------------


def test_sixth_answer_of_a_link_on_one_day_is_refused_and_loses_no_word(client, catalogue):
    confirmed(client, "1103", "2206A")
    form = answer_form({"1103": said("noted", text="The fifth")})
    for number in range(4):
        send_answer(client, {"1103": said("noted", text=str(number))})
    assert [client.post(answer_link(), form).status_code for _twice in range(2)] == [302, 302]

    page = text_of(send_answer(client, {"1103": said("not_suitable", text="The sixth")}))

    assert "Please send it tomorrow." in page
    assert "The sixth</textarea>" in page
    assert Answer.objects.latest("pk").text == "The fifth"
    assert [OutgoingEmail.objects.filter(kind=kind).count() for kind in ("answer", "recorded")] == [5, 5]
    other = send_answer(client, {"2206A": said("noted")}, answer_link("canary.healer@who.example"))
    assert other.status_code == 302


def test_link_that_was_used_up_answers_again_the_next_day(client, catalogue):
    confirmed(client, "1103")
    for number in range(5):
        send_answer(client, {"1103": said("noted", text=str(number))})
    with erasing.purging():  # events are append-only
        Event.objects.update(created_at=F("created_at") - timedelta(days=1))

    assert send_answer(client, {"1103": said("acknowledged")}).status_code == 302


@pytest.mark.parametrize(
    ("more", "words"),
    [({}, "It does not tell them your name or address."), (AGREED, "so they are told your name and address.")],
)
def test_asked_address_is_told_what_was_answered_with_its_link(client, catalogue, more, words):
    expression = confirmed(client, "1103", "1104", "2206A", name="Canary Person")
    typed = {"text": "Not I.\nSomebody else.", "proposed_name": "Ann Other", "proposed_email": "ann@unodc.example"}

    send_answer(client, {"1103": said("wrong_person", **typed), "1104": said("scheduled", period="March 2027")}, **more)

    email = mail_of("recorded")
    assert (email.recipient, email.reply_to) == (CONTACT, "coalition@example.org")
    assert email.subject == f"Your answer to Kazakhstan is recorded ({expression.reference})"
    assert (
        "1103  Precursor control, O'Brien & partners\n      Wrong person\nAsk instead: Ann Other <ann@unodc.example>\n"
        "> Not I.\n> Somebody else.\n1104  Title of 1104\n      Scheduled, March 2027\n"
    ) in email.text
    assert link_in(email.text, "answer") == answer_link()
    for text in (email.text, unescape(email.html)):
        assert words in text
        assert "if it was not, somebody else has your link" in text.lower()
        for own in ("Ann Other", "ann@unodc.example", "Somebody else.", "Scheduled, March 2027"):
            assert own in text
        for secret in ("2206a", "canary person", "aigul"):
            assert secret not in text.lower()


def test_answer_that_staff_write_down_is_not_told_to_the_contact(client, catalogue, admin_user):
    referral = confirmed(client, "1103").referrals.get()

    actions.answer_for(referral=referral, staff=admin_user, key=uuid.uuid4(), content={"kind": "noted"}, why="Telephone")

    assert not OutgoingEmail.objects.filter(kind="recorded").exists()


def test_focal_point_is_told_what_was_corrected_through_the_page(client, catalogue):
    expression = confirmed(client, "1103")

    for _twice in range(2):
        client.post(page_of("details"), DETAILS | {"job_title": expression.job_title})

    email = mail_of("notice")
    when = f"{expression.events().get(what='corrected').created_at:%Y, %H:%M} UTC"
    assert (email.recipient, email.reply_to) == ("aigul@mvd.example", "coalition@example.org")
    assert email.subject == f"Done: your details are corrected ({expression.reference})"
    assert f"{when}:\n\n- name\n- institution\n- phone\n\n" in email.text
    assert "press “Replace all links”" in email.text
    assert link_in(email.text, "status") == status_link()


def test_focal_point_is_told_what_was_withdrawn_through_the_page(client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A")

    for _twice in range(2):
        client.post(page_of("withdraw"), {"initiatives": ["1103", "2206A"]})

    email = mail_of("notice")
    when = f"{expression.events().get(what='withdrawn').created_at:%Y, %H:%M} UTC"
    assert (email.recipient, email.reply_to) == ("aigul@mvd.example", "coalition@example.org")
    assert email.subject == f"Done: your interest is withdrawn ({expression.reference})"
    assert f"{when}:" in email.text
    assert "1103  Precursor control, O'Brien & partners\n2206A  Title of 2206A\n\n" in email.text
    assert "1104" not in email.text + email.html
