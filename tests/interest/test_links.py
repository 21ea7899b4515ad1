"""Mailed links: bound to purpose, row and version; their life is read from the row."""

import io
import logging
from datetime import timedelta

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions, links
from interest.models import ExpressionOfInterest
from tests.interest.conftest import answer_link, confirmed, registered

pytestmark = pytest.mark.django_db


def token_of(path):
    return path.rstrip("/").rpartition("/")[2]


def grow_older(hours):
    ExpressionOfInterest.objects.update(created_at=F("created_at") - timedelta(hours=hours))


@pytest.fixture
def expression(client, catalogue):
    return registered(client, "1103", "1104")


def test_link_names_no_counting_number(expression):
    token = token_of(links.verification_link(expression))

    assert token.startswith(f"{expression.reference}.1.")


def test_link_works_again_after_the_key_was_rotated(expression, settings):
    token = token_of(links.verification_link(expression))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert links.read_verification(token) == expression


def test_link_of_another_key_is_bad(expression, settings):
    token = token_of(links.verification_link(expression))
    settings.SECRET_KEY = "another"

    with pytest.raises(links.BadLinkError):
        links.read_verification(token)


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: "x", lambda token: token.replace(".1.", ".2.", 1)])
def test_damaged_link_is_bad(expression, spoil):
    with pytest.raises(links.BadLinkError):
        links.read_verification(spoil(token_of(links.verification_link(expression))))


def test_link_of_one_purpose_is_bad_for_another(expression):
    with pytest.raises(links.BadLinkError):
        links.read_status(token_of(links.verification_link(expression)))


def test_link_of_a_row_that_is_gone_is_bad(expression):
    token = token_of(links.status_link(expression))
    expression.delete()

    with pytest.raises(links.BadLinkError):
        links.read_status(token)


def test_link_is_revoked_by_a_new_version(expression):
    token = token_of(links.status_link(expression))
    ExpressionOfInterest.objects.update(link_version=2)

    with pytest.raises(links.RevokedLinkError):
        links.read_status(token)


def test_verification_link_lives_72_hours_from_when_it_is_sent(expression):
    """The mail waited for its turn for a day and a half."""
    token = token_of(links.verification_link(expression))
    grow_older(36)
    queue.send_due()
    for hours in (36, 35):
        grow_older(hours)
        OutgoingEmail.objects.update(accepted_at=F("accepted_at") - timedelta(hours=hours))
        assert links.read_verification(token) == expression

    grow_older(2)
    OutgoingEmail.objects.update(accepted_at=F("accepted_at") - timedelta(hours=2))
    with pytest.raises(links.ExpiredLinkError):
        links.read_verification(token)


def test_verification_link_lives_72_hours(expression):
    token = token_of(links.verification_link(expression))
    grow_older(71)
    assert links.read_verification(token) == expression

    grow_older(2)
    with pytest.raises(links.ExpiredLinkError):
        links.read_verification(token)


@pytest.mark.parametrize("jump", [-1, 1])
def test_life_of_a_link_is_told_by_the_clock_of_the_database(expression, jump):
    token = token_of(links.verification_link(expression))
    with time_machine.travel(timezone.now() + timedelta(days=jump)):
        grow_older(71)
        assert links.read_verification(token) == expression

        grow_older(2)
        with pytest.raises(links.ExpiredLinkError):
            links.read_verification(token)


def test_verification_link_that_was_used_goes_on_explaining_itself_for_its_life(expression):
    token = token_of(links.verification_link(expression))
    actions.verify(expression=expression)
    grow_older(71)
    assert links.read_verification(token) == expression

    grow_older(2)
    with pytest.raises(links.UsedLinkError):
        links.read_verification(token)


def test_status_link_lives_two_years(expression):
    token = token_of(links.status_link(expression))
    grow_older(24 * 729)
    assert links.read_status(token) == expression

    grow_older(24 * 2)
    with pytest.raises(links.ExpiredLinkError):
        links.read_status(token)


@pytest.mark.parametrize("purpose", ["verify", "status"])
def test_page_of_a_bad_link_says_what_to_do(client, expression, purpose):
    response = client.get(reverse(f"interest:{purpose}", args=["EOI-2026-AAAAAA.1.forged"]))

    assert response.status_code == 404
    assert "Copy the whole link from the mail" in response.content.decode()


def test_page_of_an_expired_link_offers_to_register_again(client, expression):
    grow_older(73)
    path = links.path("verify", expression)

    for response in (client.get(path), client.post(path, follow=True)):
        assert response.status_code == 410
        assert "/interest/register/?initiative=1103&amp;initiative=1104" in response.content.decode()
    expression.refresh_from_db()
    assert not expression.is_verified


def test_page_of_a_revoked_link_points_to_the_newest_mail(client, expression):
    path = links.path("status", expression)
    ExpressionOfInterest.objects.update(link_version=2)

    response = client.get(path)

    assert response.status_code == 410
    assert "newest mail" in response.content.decode()


@pytest.mark.parametrize("purpose", ["verify", "status"])
def test_pages_of_links_stay_out_of_caches_and_search_engines(client, catalogue, purpose):
    response = client.get(links.path(purpose, confirmed(client, "1103")))

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("purpose", ["verify", "status", "answer"])
def test_tokens_stay_out_of_the_log(client, catalogue, monkeypatch, purpose):
    [console] = [handler for handler in logging.getLogger().handlers if handler.get_name() == "console"]
    monkeypatch.setattr(console, "stream", written := io.StringIO())
    expression = confirmed(client, "1103")
    path = answer_link() if purpose == "answer" else links.path(purpose, expression)

    Client(enforce_csrf_checks=True).post(path)
    client.get(path.replace(".1.", ".1.x"))
    client.put(path)

    assert [line.partition(": ")[2] for line in written.getvalue().splitlines()] == [
        f"Forbidden (CSRF cookie not set.): /interest/{purpose}/…/",
        f"Not Found: /interest/{purpose}/…/",
        f"Method Not Allowed (PUT): /interest/{purpose}/…/",
    ]
