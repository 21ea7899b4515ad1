"""Promises that every public address keeps (design §7)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages import Structure
from tests.site import addresses
from tests.site.conftest import CANARIES

pytestmark = pytest.mark.django_db

# Forms need a CSRF token, and its cookie comes with it; nothing else sets one.
FORMS = [
    "verify",
    "answer",
    "requests",
    "status",
    "withdraw",
    "details",
    "erase",
    "status_link",
    "subscribe",
    "subscriptions_link",
    "confirm",
    "subscriptions",
]
MAY_SET_CSRF = {f"interest:{name}" for name in FORMS} | {"filled-form"}
# A search with several filters needs the most: its words, their spelling, results, snippets, three kinds of counts.
MOST_QUERIES = 16
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
# `rel="alternate"` names other languages by their whole address; nothing is loaded from there.
ELSEWHERE = re.compile(r'<(?:script|link(?! rel="alternate")|img|iframe)[^>]+(?:src|href)="(?:https?:)?//', re.IGNORECASE)


@pytest.fixture
def public(expression):
    found = addresses.public()
    # A sweep that found nothing would prove nothing.
    mailed = {"interest:status", "interest:answer"}
    assert {"home", "about", "initiatives:initiative", "trainings:training", "api:docs", *mailed} <= set(found)
    return found


def test_every_address_opens(client, public):
    assert {name: client.get(address).status_code for name, address in public.items()} == dict.fromkeys(public, 200)


def test_no_address_shows_a_contact(client, public):
    leaks = [
        (name, canary)
        for name, address in public.items()
        for canary in [*CANARIES, *CANARIES[1].split("@")]
        if canary in client.get(address).content.decode()
    ]
    assert leaks == []


def test_every_answer_carries_the_strict_policy(client, public):
    for name, address in public.items():
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name


def test_every_page_is_sound_html_with_nothing_inline_or_from_elsewhere(client, public):
    for name, address in addresses.pages().items():
        html = client.get(address).content.decode()
        assert Structure(html).faults == [], name
        assert INLINE.findall(html) == [], name
        assert ELSEWHERE.findall(html) == [], name


def test_public_pages_set_no_cookie(client, public):
    set_by = {name: set(client.get(address).cookies) for name, address in public.items()}
    assert {name: found for name, found in set_by.items() if found} == {name: {"csrftoken"} for name in MAY_SET_CSRF}


def test_no_page_needs_more_than_sixteen_queries(client, public):
    counted = {}
    for name, address in public.items():
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counted[name] = len(queries)
    assert {name: number for name, number in counted.items() if number > MOST_QUERIES} == {}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_reading_changes_no_row(client, public, method):
    before = checksum()
    for address in public.values():
        getattr(client, method)(address)
    assert checksum() == before


def checksum() -> dict[str, str]:
    """A digest of every table."""
    digests = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM \"{table}\" t")
            digests[table] = cursor.fetchone()[0]
    return digests
