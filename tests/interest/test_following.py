"""What a focal point does on the status page and the pages behind it: follow, withdraw, correct, get the link again."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.apps import apps
from django.db.models import F
from django.test import Client
from django.urls import reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.actions.erasing import purging
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral
from tests import factories
from tests.interest.conftest import answer_link, confirmed, link_in, mail_of, registered, said, send_answer, status_link

pytestmark = pytest.mark.django_db
PAGES = ["status", "reply", "withdraw", "details", "erase"]
DETAILS = {"name": "Aigul Renamed", "job_title": "Director", "institution": "Ministry of Health", "phone": ""}
LINK = "/interest/link/"


def everything_stored():
    return {model: list(model.objects.order_by("pk").values()) for model in apps.get_models()}


def text_of(response):
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def page_of(name):
    return reverse(f"interest:{name}", args=[status_link().split("/")[3]])


def withdraw(client, *codes):
    return client.post(page_of("withdraw"), {"initiatives": codes})


def reply(client, key=None, **texts):
    return client.post(
        page_of("reply"), {"key": key or str(uuid.uuid4())} | {f"text-{code}": text for code, text in texts.items()}
    )


# -- Reading --------------------------------------------------------------------------------------------------------------------


def test_get_head_and_prefetch_of_every_link_change_nothing(client, catalogue):
    confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("need_information", text="Who?")})
    paths = [answer_link(), LINK, f"{LINK}sent/", *map(page_of, PAGES)]
    before = everything_stored()

    for path in paths:
        for method, headers in [
            (client.get, {}),
            (client.head, {}),
            (client.get, {"HTTP_SEC_PURPOSE": "prefetch"}),
            (client.options, {}),
            (Client(enforce_csrf_checks=True).post, {}),
        ]:
            method(path, **headers)

    assert before[Answer]
    assert everything_stored() == before
    assert reply(client, **{"1103": "We."}).status_code == 302
    assert everything_stored() != before


@pytest.mark.parametrize("page", PAGES)
def test_pages_stay_out_of_caches_and_search_engines(client, catalogue, page):
    confirmed(client, "1103")
    response = client.get(page_of(page))

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("same-origin", "noindex")


def test_status_page_counts_the_days_from_the_last_thing_that_was_said(client, catalogue):
    confirmed(client, "1103")
    queue.send_due()
    OutgoingEmail.objects.update(accepted_at=F("accepted_at") - timedelta(days=9))
    assert "No answer is known for 9 days." in text_of(client.get(status_link()))

    send_answer(client, {"1103": said("need_information", text="Who?")})
    assert "No answer is known" not in text_of(client.get(status_link()))

    reply(client, **{"1103": "We."})
    assert "No answer to your information is known yet." in text_of(client.get(status_link()))
    expression = ExpressionOfInterest.objects.get()
    with purging():
        for model in (Answer, Inquiry):
            model.objects.update(created_at=F("created_at") - timedelta(days=4))
    assert expression.referrals.with_recipients().get().status_words == "Waiting for an answer"
    assert "No answer to your information is known for 4 days." in text_of(client.get(status_link()))

    send_answer(client, {"1103": said("acknowledged")})
    assert "No full answer is known for 4 days." in text_of(client.get(status_link()))


def test_status_page_shows_an_answer_though_the_mail_could_not_be_delivered(client, catalogue, admin_user):
    expression = confirmed(client, "1103")
    OutgoingEmail.objects.filter(kind="contact").update(state="permanent_failure")
    content = {"kind": "scheduled", "period": "March"}
    actions.answer_for(referral=expression.referrals.get(), staff=admin_user, key=uuid.uuid4(), content=content, why="Telephone")

    page = text_of(client.get(status_link()))

    assert "Scheduled, March" in page
    assert "written down by the Coalition’s staff" in page
    assert "Telephone" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_few_queries_for_any_number_of_initiatives(client, unodc, django_assert_num_queries, count):
    codes = [factories.initiative(f"110{number}", lead=unodc).code for number in range(1, count + 1)]
    confirmed(client, *codes)
    for _ in range(count):
        send_answer(client, {code: said("need_information", text="Who?") for code in codes})

    # Expression; referrals with all that is shown of them; answers; inquiries; events
    for page, queries in [("status", 5), ("reply", 3), ("withdraw", 2), ("details", 1)]:
        path = page_of(page)
        with django_assert_num_queries(queries):
            client.get(path)


# -- Giving information ---------------------------------------------------------------------------------------------------------


def test_reply_is_one_mail_to_each_address_that_asked(client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A", "3224")
    send_answer(client, {"all": said("need_information", text="How many?")})
    send_answer(client, {"2206A": said("need_information", text="When?")}, answer_link("canary.healer@who.example"))

    reply(client, **{"1103": "Thirty.", "2206A": "In May.", "3224": "Nobody asked this."})

    mails = {email.recipient: email.text for email in OutgoingEmail.objects.filter(kind="reply")}
    assert set(mails) == {"canary.default@unodc.example", "canary.healer@who.example"}
    assert "> Thirty." in mails["canary.default@unodc.example"]
    assert "May" not in mails["canary.default@unodc.example"]
    assert "Thirty" not in mails["canary.healer@who.example"]
    assert set(expression.referrals.values_list("status", flat=True)) == {"waiting"}
    assert Event.objects.filter(what="replied").count() == 1


def test_reply_may_leave_one_office_for_later(client, catalogue):
    expression = confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("need_information", text="How many?")})
    send_answer(client, {"2206A": said("need_information", text="When?")}, answer_link("canary.healer@who.example"))

    reply(client, **{"1103": "Thirty.", "2206A": ""})

    assert dict(expression.referrals.values_list("initiative__code", "status")) == {
        "1103": "waiting",
        "2206A": "need_information",
    }


def test_reply_without_a_word_says_so_and_sends_nothing(client, catalogue):
    confirmed(client, "1103")
    send_answer(client, {"1103": said("need_information", text="How many?")})

    assert "Write what they want to know." in text_of(reply(client, **{"1103": "  "}))
    assert not OutgoingEmail.objects.filter(kind="reply").exists()


def test_reply_sent_twice_is_one_mail(client, catalogue):
    confirmed(client, "1103")
    send_answer(client, {"1103": said("need_information", text="How many?")})
    key = str(uuid.uuid4())

    assert [reply(client, key, **{"1103": "Thirty."}).status_code for _ in range(2)] == [302, 302]

    assert OutgoingEmail.objects.filter(kind="reply").count() == 1
    assert Answer.objects.filter(kind="reply").count() == 1


def test_reply_page_tells_no_address(client, catalogue):
    confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("need_information", text="How many?")})
    page = text_of(client.get(page_of("reply")))

    assert "canary" not in page.lower()
    assert mail_of("contact", recipient="canary.default@unodc.example").key.split(":")[2] not in page


# -- Withdrawing ----------------------------------------------------------------------------------------------------------------


def test_withdrawing_one_tells_only_its_contact(client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A")

    withdraw(client, "1103")

    [email] = OutgoingEmail.objects.filter(kind="withdrawal")
    assert (email.recipient, email.reply_to) == ("canary.default@unodc.example", "aigul@mvd.example")
    assert "1103" in email.text
    for foreign in ("1104", "2206A", "healer"):
        assert foreign not in email.text + email.html
    expression.refresh_from_db()
    assert expression.withdrawn_at is None
    assert expression.referrals.live().count() == 2


def test_withdrawing_the_last_one_withdraws_the_expression(client, catalogue):
    expression = confirmed(client, "1103", "1104")
    queue.send_due()

    withdraw(client, "1103")
    withdraw(client, "1104")

    assert not ExpressionOfInterest.objects.live().filter(pk=expression.pk).exists()
    assert OutgoingEmail.objects.filter(kind="withdrawal").count() == 2


def test_withdrawing_twice_has_one_effect(client, catalogue):
    confirmed(client, "1103")
    queue.send_due()

    assert withdraw(client, "1103").url == withdraw(client, "1103").url

    assert OutgoingEmail.objects.filter(kind="withdrawal").count() == 1
    assert Event.objects.filter(what="withdrawn").count() == 1


def test_withdrawing_nothing_asks_what(client, catalogue):
    confirmed(client, "1103", "1104")

    assert "Choose what you want to withdraw." in text_of(withdraw(client))
    assert Referral.objects.live().count() == 2


def test_withdraw_page_ticks_what_was_named(client, catalogue):
    confirmed(client, "1103", "1104")

    page = text_of(client.get(page_of("withdraw") + "?initiative=1104"))

    assert re.findall(r'value="(\w+)"([^>]*checked)?', page.partition("<fieldset")[2])[:2] == [
        ("1103", ""),
        ("1104", ' autocomplete="off" id="id_initiatives_1" checked'),
    ]


def test_withdraw_page_ticks_nothing_and_has_a_button_for_all(client, catalogue):
    expression = confirmed(client, "1103", "1104")

    page = text_of(client.get(page_of("withdraw")))

    assert " checked" not in page
    assert "Withdraw all 2" in page
    withdraw(client, "1103", "1104")
    assert not expression.referrals.live().exists()


def test_withdraw_page_of_the_only_one_names_it_and_has_one_button(client, catalogue):
    expression = confirmed(client, "1103")

    page = client.get(page_of("withdraw")).content.decode().partition("<main")[2].partition("</main")[0]

    assert page.count("<button") == 1
    assert "checkbox" not in page
    assert re.findall(r'name="initiatives" value="(\w+)"', page) == ["1103"]
    assert "Precursor control" in page
    withdraw(client, "1103")
    assert not expression.referrals.live().exists()


def test_withdrawn_initiative_may_be_registered_again(client, catalogue):
    confirmed(client, "1103")
    withdraw(client, "1103")
    assert "/interest/register/?initiative=1103" in text_of(client.get(status_link()))

    again = confirmed(client, "1103", message="Again")

    assert again.referrals.live().count() == 1
    assert OutgoingEmail.objects.filter(kind="contact").count() == 2


# -- Correcting -----------------------------------------------------------------------------------------------------------------


def test_correction_is_told_to_every_address_with_something_live(client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A")
    withdraw(client, "2206A")

    assert client.post(page_of("details"), DETAILS | {"email": "other@mvd.example"}).url == status_link()

    expression.refresh_from_db()
    assert (expression.name, expression.phone, expression.email) == ("Aigul Renamed", "", "aigul@mvd.example")
    [email] = OutgoingEmail.objects.filter(kind="correction")
    assert email.recipient == "canary.default@unodc.example"
    assert "Name: Aigul Renamed\nJob title: Director\nInstitution: Ministry of Health\nCountry: Kazakhstan" in email.text
    assert "Phone" not in email.text
    assert Event.objects.get(what="corrected").why == "name, job_title, institution, phone"


def test_correction_that_changes_nothing_tells_nobody(client, catalogue):
    expression = confirmed(client, "1103")
    details = {name: getattr(expression, name) for name in DETAILS}

    assert client.post(page_of("details"), details).status_code == 302

    assert not OutgoingEmail.objects.filter(kind="correction").exists()
    assert not Event.objects.filter(what="corrected").exists()


def test_correction_with_an_error_keeps_what_was_typed(client, catalogue):
    confirmed(client, "1103")

    page = text_of(client.post(page_of("details"), DETAILS | {"name": ""}))

    assert "Enter your name." in page
    assert 'value="Director"' in page


def test_sixth_correction_of_a_day_is_refused(client, catalogue):
    expression = confirmed(client, "1103")
    for number in range(5):
        client.post(page_of("details"), DETAILS | {"name": f"Name {number}"})

    page = text_of(client.post(page_of("details"), DETAILS | {"name": "Name 6"}))

    assert "Please wait until tomorrow." in page
    expression.refresh_from_db()
    assert expression.name == "Name 4"
    assert OutgoingEmail.objects.filter(kind="correction").count() == 5


# -- The link again -------------------------------------------------------------------------------------------------------------


def test_status_link_is_mailed_to_the_stored_address_once_a_day(client, catalogue):
    expression = confirmed(client, "1103")

    for _ in range(2):
        client.post(LINK, {"reference": expression.reference.lower(), "email": "AIGUL@mvd.example"})

    email = mail_of("status_link")
    assert (email.recipient, email.reply_to) == ("aigul@mvd.example", "coalition@example.org")
    assert client.get(link_in(email.text, "status")).status_code == 200
    assert Event.objects.filter(what="status_link").count() == 1


def test_answer_is_the_same_whether_reference_and_address_belong_together(client, catalogue):
    known = confirmed(client, "1103").reference
    unconfirmed = registered(client, "1104", email="new@mvd.example").reference

    def seen(reference, email):
        client = Client()
        first = client.post(LINK, {"reference": reference, "email": email})
        second = client.get(first.url)
        headers = {name: value for name, value in first.items() if name != "Expires"}
        return first.status_code, headers, first.content, second.status_code, second.content

    mails = OutgoingEmail.objects.count()
    wrong = [
        seen(known, "other@mvd.example"),
        seen("EOI-2026-AAAAAA", "aigul@mvd.example"),
        seen(unconfirmed, "new@mvd.example"),
    ]
    assert OutgoingEmail.objects.count() == mails

    assert wrong == [seen(known, "aigul@mvd.example")] * 3
    assert OutgoingEmail.objects.count() == mails + 1


def test_status_link_form_says_what_is_wrong(client):
    page = text_of(client.post(LINK, {"reference": "", "email": "nobody"}))

    assert "Enter the reference." in page
    assert "Enter an e-mail address such as" in page
    assert 'value="nobody"' in page


@pytest.mark.parametrize(("origin", "status"), [("http://testserver", 302), ("http://evil.example", 403)])
def test_fresh_link_is_asked_for_without_a_cookie_from_our_own_page(client, catalogue, origin, status):
    expression = confirmed(client, "1103")
    form = {"reference": expression.reference, "email": expression.email}

    answer = Client(enforce_csrf_checks=True).post("/interest/link/", form, HTTP_ORIGIN=origin)

    assert answer.status_code == status
    assert OutgoingEmail.objects.filter(kind="status_link").exists() == (status == 302)
