"""Texts as they come from where they were copied: every form of an entry holds them, and every program can read it."""

from xml.etree import ElementTree

import pytest
from openpyxl.utils.escape import unescape

from tests import factories
from tests.exports import reading
from tests.exports.test_combinations import in_briefing
from tests.pages import Structure, words

pytestmark = pytest.mark.django_db
LONG = "A text of many words, with 😀 in it. " * 1000
ODD = {
    "a formula": "=HYPERLINK(0)",
    "a number with a sign": "+41 22 345",
    "a tab": "before\tafter",
    "a tab first": "\tafter",
    "lines": "one\ntwo\r\nthree\rfour",
    "marks of direction": "\u200fالمبادرة\u200e (EN) \u202bعربي\u202c",
    "control signs": "a\x01b\x0bc\x1fd\x7fe\x85f",
    "no characters": "a\ufffeb\uffffc",
    "escapes of Excel": "_x000D_ and _x0041_",
    "markup": 'Tom & Jerry <script>alert("1")</script> &amp; &#x41;',
    "emojis": "👩🏽‍⚕️ 🇰🇿 👍",
    "quotes": "\"double\", 'single', “curly”; semicolons; | bars",
    "spaces": "\u00a0begins and ends\u2003",
    "one long word": "x" * 400,
    "long": LONG,
}


@pytest.fixture(params=ODD, ids=[name.replace(" ", "-") for name in ODD])
def entry(request):
    text = ODD[request.param]
    lead = factories.organization("unodc", name=text[:200])
    return factories.initiative("1103", title=text[:400], summary=text, background=text, lead=lead)


def test_lists_hold_what_the_api_holds(client, entry):
    api = client.get("/api/v1/initiatives/1103/").json()
    assert (api["title"], api["summary"]) == (entry.title, entry.summary)
    [in_csv] = reading.csv_rows(client.get("/initiatives/export.csv?code=1103"))
    [in_xlsx] = reading.xlsx_rows(client.get("/initiatives/export.xlsx?code=1103"))
    for name in ("title", "summary", "background"):
        assert reading.unmarked(in_csv[name]) == api[name]
        if name == "title" or entry.summary != LONG:
            # openpyxl leaves escaped what XML cannot hold; Excel reads it.
            assert reading.unmarked(unescape(in_xlsx[name])) == api[name]


def test_pages_and_feeds_can_be_read(client, entry):
    feed = client.get("/initiatives/feed.atom?code=1103")
    assert ElementTree.fromstring(feed.content) is not None
    for path in ("?view=table", "briefing/?code=1103", "compare/?code=1103", "1103/"):
        response = client.get(f"/initiatives/{path}")
        assert Structure(response.content.decode()).faults == []
        assert "<script>alert" not in response.content.decode()
    [(code, title)] = in_briefing(client.get("/initiatives/briefing/?code=1103").content.decode())
    assert (code, reading.letters(title)) == ("1103", reading.letters(entry.title))


def test_pdf_is_made(client, entry):
    document = reading.pdf(client.get("/initiatives/briefing.pdf?code=1103"))
    assert 1 <= len(document.pages) < 60
    assert "1103" in words(client.get("/initiatives/briefing/?code=1103"))
