"""What a button leads to is a page of its own, opened by GET: Back and Refresh of the browser work after it."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.html import escape

from coalition.mail.models import OutgoingEmail
from interest import actions, links
from interest.models import ExpressionOfInterest
from tests.interest.conftest import answer_link, confirmed, mail_of, said, send_answer, status_link
from tests.interest.test_following import page_of, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["fresh", "list"])
def test_button_that_mails_a_link_leads_to_a_page_of_its_own(client, catalogue, name):
    confirmed(client, "1103")

    done = client.post(answer_link(), {name: "1"})

    assert done.url == reverse(f"interest:{'link' if name == 'fresh' else name}_sent")
    assert "Check your mail" in text_of(client.get(done.url))


def test_replacing_the_links_leads_to_a_page_of_its_own_also_twice(client, catalogue):
    confirmed(client, "1103")
    path = page_of("replace_links")

    assert client.post(path).url == reverse("interest:links_replaced")
    assert client.post(path).status_code == 302
    assert "All links are replaced" in text_of(client.get(reverse("interest:links_replaced")))


@pytest.mark.parametrize("page", ["answer", "status", "reply", "withdraw", "details", "erase", "verify"])
def test_sending_to_a_dead_link_leads_to_the_page_that_says_so(client, catalogue, page):
    expression = confirmed(client, "1103")
    path = answer_link() if page == "answer" else status_link().replace("/status/", "/verify/")
    path = path if page in ("answer", "verify") else page_of(page)
    expression.link_version += 1
    expression.save()

    done = client.post(path, {"1103-kind": "noted", "initiatives": "1103", "name": "Aigul"})

    if page == "status":  # takes no form
        assert done.status_code == 405
    else:
        assert (done.status_code, done.url) == (302, path)
    assert client.get(path).status_code in (404, 410)


def test_expired_page_offers_each_the_right_thing(client, catalogue):
    confirmed(client, "1103")
    link = answer_link()
    for path, offers_status in [(link[:-3] + "/", False), (status_link()[:-3] + "/", True)]:
        page = text_of(client.get(path))
        assert "This link does not work" in page
        assert ("Get the link to your page again" in page) is offers_status


@pytest.mark.parametrize("page", ["answer", "reply", "requests"])
def test_text_that_comes_by_a_dead_link_is_shown_once_more(client, catalogue, page):
    expression = confirmed(client, "1103")
    send_answer(client, {"1103": said("need_information", text="Who?")})
    confirmed(client, "1104", email="other@mvd.example")
    typed = "Thirty <b>officers</b>,\nin two groups."
    path, name = {
        "answer": (answer_link(), "1103-text"),
        "reply": (links.status_path(expression) + "reply/", "text-1103"),
        "requests": (
            links.list_path(actions.send_list(email=mail_of("contact", key__contains=expression.reference)).key),
            "text",
        ),
    }[page]
    ExpressionOfInterest.objects.update(link_version=2)
    OutgoingEmail.objects.update(created_at=Now() - timedelta(days=90), accepted_at=None)

    done = client.post(path, {name: typed, "kind": "noted"})

    assert done.status_code == 410
    assert "What you wrote was not sent." in text_of(done)
    assert "readonly" in text_of(done)
    assert escape(typed) in done.content.decode()
    assert "What you wrote" not in text_of(client.get(path))
    assert client.post(path, {name: " "}).status_code == 302
