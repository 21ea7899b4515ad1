"""What strangers can make the portal do and tell: foreign hosts in mails, who has registered, mailed links in caches."""

import json
import re
import uuid

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import links
from interest.models import ExpressionOfInterest
from tests.interest.conftest import (
    answer_link,
    answers,
    confirmed,
    link_in,
    mail_of,
    registered,
    said,
    send_answer,
    status_link,
)
from tests.site.addresses import names

pytestmark = pytest.mark.django_db

# -- Foreign hosts (C15) -------------------------------------------------------------------------------------------------------

POISON = {
    "HTTP_HOST": "localhost",  # allowed, but not how the site is reached
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_HOST": "evil.example",
    "HTTP_FORWARDED": "host=evil.example;proto=https",
    "HTTP_X_ORIGINAL_URL": "http://evil.example/",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_ORIGIN": "http://evil.example",
}


def test_no_request_puts_a_foreign_host_into_a_mail(catalogue):
    client = Client(**POISON)
    confirmed(client, "1103", "2206A", email="aigul@mvd.example")
    reference = ExpressionOfInterest.objects.get().reference
    send_answer(client, {"1103": said("need_information", text="Who?")})
    queue.send_due()  # a contact who was not asked yet would not be told of a withdrawal
    status = status_link().rstrip("/")
    requests = [
        (f"{status}/reply/", {"key": str(uuid.uuid4()), "text-1103": "We."}),
        (f"{status}/details/", {"name": "New", "job_title": "J", "institution": "I", "phone": ""}),
        (answer_link(), {"fresh": "1"}),
        ("/interest/link/", {"reference": reference, "email": "aigul@mvd.example"}),
        (f"{status}/withdraw/", {"initiatives": ["1103", "2206A"]}),
    ]
    for path, form in requests:
        assert client.post(path, form).status_code in {200, 302}, path

    mails = list(OutgoingEmail.objects.all())
    assert {mail.kind for mail in mails} >= {
        *("verification", "contact", "receipt", "answer", "reply", "correction", "answer_link", "status_link", "withdrawal"),
    }
    for mail in mails:
        whole = json.dumps([mail.subject, mail.text, mail.html, mail.reply_to])
        assert "evil" not in whole, mail.kind
        assert "localhost" not in whole, mail.kind
        hosts = re.findall(r"https?://[^\s\"'<>\\/]+", whole)
        assert set(hosts) == {"http://testserver"}, mail.kind


def test_a_host_that_is_not_ours_is_refused_before_anything_is_written(client, catalogue):
    assert client.post("/interest/register/", answers("1103"), HTTP_HOST="evil.example").status_code == 400
    assert not ExpressionOfInterest.objects.exists()


# -- Who has registered (C8) ---------------------------------------------------------------------------------------------------


def test_asking_for_a_link_is_answered_the_same_whatever_is_known(catalogue):
    known = confirmed(Client(), "1103").reference
    unverified = registered(Client(), "1103", email="unverified@mvd.example").reference
    asked = [(known, "aigul@mvd.example")] * 2  # the second gets no mail
    asked += [(known, "other@mvd.example"), ("EOI-2026-ACDEFG", "aigul@mvd.example"), (unverified, "unverified@mvd.example")]

    def seen(reference, email):
        response = Client().post("/interest/link/", {"reference": reference, "email": email})
        following = Client().get(response.url)
        headers = dict(response.items()) | {"Expires": "the second of the answer"}
        return response.status_code, headers, response.content, following.content

    first, *others = [seen(*pair) for pair in asked]

    assert others == [first] * 4
    assert OutgoingEmail.objects.filter(kind="status_link").count() == 1


# -- Mailed links stay where they are (C4) -------------------------------------------------------------------------------------


def token_pages():
    found = [name for name, pattern in names(get_resolver().url_patterns) if "token" in pattern.pattern.converters]
    assert {"interest:verify", "interest:status", "interest:answer", "interest:withdraw"} <= set(found)
    return found


@pytest.fixture
def opened(client, catalogue):
    """Every page behind a mailed link, with a token that opens it."""
    confirmed(client, "1103")
    status = status_link().removeprefix("/interest/status/").strip("/")
    tokens = {"interest:verify": link_in(mail_of("verification").text, "verify"), "interest:answer": answer_link()}
    tokens = {name: path.rstrip("/").rpartition("/")[2] for name, path in tokens.items()}
    return {name: reverse(name, args=[tokens.get(name, status)]) for name in token_pages()}


def unprotected(responses):
    """Status and page of answers that a cache may keep, or that tell the next site where the visitor was."""
    return [
        (response.status_code, response.request["PATH_INFO"])
        for response in responses
        if "no-store" not in response.headers.get("Cache-Control", "")
        or response.headers.get("Referrer-Policy") != "same-origin"
        or response.headers.get("X-Robots-Tag") != "noindex"
    ]


def test_pages_behind_mailed_links_are_kept_nowhere_whatever_they_answer(client, opened, settings):
    strict = Client(enforce_csrf_checks=True)
    odd = "application/x-www-form-urlencoded; charset=utf-7"
    responses = []
    for path in opened.values():
        responses += [
            client.get(path),
            client.head(path),
            client.delete(path),
            client.get(path.rstrip("/")),
            client.get(path, HTTP_HOST="evil.example"),
            client.get(f"{path}more/"),
            client.get(path.replace("EOI-", "EOJ-")),
            client.generic("POST", path, b"a=b", content_type=odd),
            client.generic("POST", path, b"a", content_type="multipart/form-data"),
            strict.post(path),
        ]
    ExpressionOfInterest.objects.update(link_version=7)
    responses += [client.get(path) for path in opened.values()]

    assert unprotected(responses) == []
    assert {response.status_code for response in responses} == {200, 301, 302, 400, 403, 404, 405, 410}


def test_pages_behind_mailed_links_are_kept_nowhere_when_they_fail(client, opened, settings, monkeypatch):
    def fail(*arguments, **values):
        raise RuntimeError("Broken on purpose.")

    settings.FORMS_PER_HOUR = 1
    responses = [client.post(opened["interest:answer"], {"fresh": "1"}) for _ in range(2)][1:]
    assert responses[0].status_code == 429
    client.raise_request_exception = False
    monkeypatch.setattr(links, "signer", fail)
    responses += [client.get(path) for path in opened.values()]

    assert unprotected(responses) == []
    assert {response.status_code for response in responses[1:]} == {500}


# -- Forms that cannot be sent -------------------------------------------------------------------------------------------------


def test_a_form_without_a_cookie_says_how_to_come_back_with_the_words(catalogue):
    response = Client(enforce_csrf_checks=True).post("/interest/register/", answers("1103"))
    page = response.content.decode()

    assert response.status_code == 403
    for said_so in ("it keeps no cookies", "Back button", "Copy a long text", "Allow cookies"):
        assert said_so in page


def test_a_form_whose_only_initiative_left_the_catalogue_keeps_the_words(client, catalogue):
    catalogue["1103"].state = "archived"
    catalogue["1103"].save()

    page = client.post("/interest/register/?initiative=1103", answers("1103", message="Typed words")).content.decode()

    assert "1103 is no longer in the catalogue" in page
    assert "Typed words" in page
    assert "aigul@mvd.example" in page


def test_an_expired_status_link_does_not_say_that_nothing_was_sent(client, catalogue, monkeypatch):
    confirmed(client, "1103")
    monkeypatch.setattr(links, "STATUS_LIFE", links.NO_GRACE)

    response = client.get(status_link())
    page = response.content.decode()

    assert response.status_code == 410
    assert "Your page could be opened for two years." in page
    assert "Nothing was sent" not in page


def test_a_program_gets_json_where_the_api_has_no_page(client):
    for path in ("/api/", "/api/v2/", "/api/v1/nonsense/", "/api/v1/initiatives/0000/"):
        response = client.get(path)
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/json"), path
        assert "detail" in response.json()
    refused = client.get("/api/v1/initiatives/", HTTP_HOST="evil.example")
    assert (refused.status_code, refused.json()) == (400, {"detail": "Bad Request."})
