"""Guessing a password of staff (reliability C9)."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import F
from django.test import Client

from interest import limits
from interest.models import Use
from tests.interest.test_races import at_once

LOGIN = "/admin/login/"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def tries(monkeypatch):
    """Every password that was looked at."""
    looked_at = []

    def authenticate(self, request, username=None, password=None, **credentials):
        looked_at.append(password)
        return None if password != PASSWORD else get_user_model().objects.get(username="edith")

    monkeypatch.setattr(ModelBackend, "authenticate", authenticate)
    return looked_at


def sign_in(number, username="edith", client=None, **headers):
    return (client or Client()).post(LOGIN, {"username": username, "password": f"guess {number}"}, **headers)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_guesses_at_once_ten_are_looked_at(editor, tries):
    responses = at_once(50, lambda number: sign_in(number, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}"))

    assert len(tries) == 10
    assert sorted(response.status_code for response in responses) == [200] * 10 + [429] * 40


@pytest.mark.django_db
def test_a_guesser_is_told_when_to_come_back_and_may(editor, tries):
    for number in range(11):
        last = sign_in(number)

    assert (last.status_code, last.headers["Retry-After"]) == (429, "300")
    assert "Please try again in 5 minutes." in last.content.decode()
    Use.objects.update(at=F("at") - timedelta(minutes=5))
    assert Client().post(LOGIN, {"username": "edith", "password": PASSWORD}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", ["EDITH", " edith ", "ｅｄｉｔｈ"])
def test_another_spelling_of_a_name_is_the_same_name(editor, tries, spelling):
    for number in range(100):
        limits.take_login("edith", f"192.0.2.{number}/32")

    assert sign_in(1, spelling, REMOTE_ADDR="198.51.100.1").status_code == 429
    assert sign_in(2, "somebody else", REMOTE_ADDR="198.51.100.1").status_code == 200


@pytest.mark.django_db
def test_an_outsider_keeps_no_editor_out(editor, tries):
    for number in range(30):
        sign_in(number, REMOTE_ADDR=f"192.0.2.{number % 2}")

    response = Client().post(LOGIN, {"username": "edith", "password": PASSWORD}, REMOTE_ADDR="198.51.100.1")

    assert (len(tries), response.status_code) == (21, 302)


@pytest.mark.django_db
def test_one_network_guesses_ten_names(editor, tries):
    statuses = [sign_in(number, f"name{number}").status_code for number in range(12)]

    assert statuses == [200] * 10 + [429] * 2
    assert sign_in(13, "another", REMOTE_ADDR="192.0.2.1").status_code == 200
