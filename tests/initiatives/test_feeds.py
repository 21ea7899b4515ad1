"""Atom feeds: valid by RFC 4287, with identities that stay, and whole however long they are."""

import re
from xml.etree import ElementTree

import pytest

from initiatives import changes, feeds
from initiatives.models import Change, Initiative
from tests import factories
from tests.pages import words

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ADDRESSES = [
    "/initiatives/feed.atom",
    "/initiatives/feed.atom?search=precursor&topic=opioids",
    "/initiatives/feed.atom?code=1103",
    "/initiatives/changes/feed.atom",
    "/initiatives/1103/feed.atom",
    "/sub-working-groups/1.1/feed.atom",
    "/organizations/unodc/feed.atom",
]


@pytest.fixture
def entry():
    made = factories.initiative(
        "1103",
        lead=factories.organization("unodc"),
        title="Precursor <control> & more\x0b",
        terms=[factories.term("topic", "opioids")],
    )
    changes.record()
    made.stage = "ongoing"
    made.save()
    changes.record()
    return made


def feed(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def texts(parent, name):
    return [element.text for element in parent.findall(ATOM + name)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_feed_has_what_the_standard_wants(client, entry, address):
    """RFC 4287 §4.1.1 and §4.1.2: one id, title and updated each, an author, absolute links, no id twice."""
    root = feed(client, address)
    entries = root.findall(f"{ATOM}entry")

    assert root.tag == f"{ATOM}feed"
    assert len(entries) >= 1
    assert [len(texts(root, name)) for name in ("id", "title", "updated", "author")] == [1, 1, 1, 1]
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver{address}"
    assert client.get(links["alternate"].removeprefix("http://testserver")).status_code == 200
    for element in [root, *entries]:
        [identity], [moment] = texts(element, "id"), texts(element, "updated")
        assert identity.startswith("tag:testserver,2026:")
        assert MOMENT.fullmatch(moment)
    identities = [texts(element, "id")[0] for element in entries]
    assert len(set(identities)) == len(identities)
    for element in entries:
        [summary] = element.findall(f"{ATOM}summary")
        assert summary.get("type") == "text"
        [link] = element.findall(f"{ATOM}link")
        assert client.get(link.get("href").removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_feed_that_did_not_change_is_not_sent_again(client, entry, address):
    first = client.get(address)
    assert first.cookies == {}

    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    assert client.get(address, headers={"if-modified-since": first["Last-Modified"]}).status_code == 304
    assert client.get(address).content == first.content

    Initiative.objects.update(stage="completed")
    changes.record()
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200
    assert texts(ElementTree.fromstring(again.content), "id") == texts(ElementTree.fromstring(first.content), "id")


def test_entry_keeps_its_identity_when_it_changes(client, entry):
    def identities():
        return [texts(element, "id")[0] for element in feed(client, "/initiatives/feed.atom").findall(f"{ATOM}entry")]

    before = identities()
    Initiative.objects.update(title="Another")
    assert identities() == before == ["tag:testserver,2026:initiative/1103"]


def test_change_is_told_in_words(client, entry):
    [changed] = feed(client, "/initiatives/changes/feed.atom").findall(f"{ATOM}entry")
    assert texts(changed, "title") == ["Changed: 1103 Precursor <control> & more"]
    assert texts(changed, "summary") == ["Stage: Not stated → Ongoing"]


def test_feed_of_entries_tells_only_the_last_change_of_each(client, entry):
    other = factories.initiative("1104")
    changes.record()
    for stage in ("proposed", "completed"):
        entry.stage = other.stage = stage
        entry.save()
        other.save()
        changes.record()
    Change.objects.filter(entry="1103", new="completed").update(at="2026-05-01T10:00Z")
    Change.objects.filter(entry="1103").exclude(new="completed").update(at="2026-04-01T10:00Z")

    told = [
        texts(element, "summary")[0] for element in feed(client, "/initiatives/feed.atom?ordering=code").findall(f"{ATOM}entry")
    ]
    assert [text.rpartition(". ")[2] for text in told] == ["Stage: Proposed → Completed"] * 2
    assert "1 May 2026" in " ".join(told)


def test_pages_of_a_feed_have_every_entry_once(client, monkeypatch):
    monkeypatch.setattr(feeds, "PER_FEED", 2)
    for code in ("1101", "1102", "1103", "1104", "1105"):
        factories.initiative(code)
    found, address = [], "/initiatives/feed.atom?search=Title"
    while address:
        root = feed(client, address)
        found += [texts(element, "id")[0][-4:] for element in root.findall(f"{ATOM}entry")]
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        address = links.get("next", "").removeprefix("http://testserver")

    assert sorted(found) == ["1101", "1102", "1103", "1104", "1105"]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/initiatives/feed.atom", "/sub-working-groups/1.1/"),
        ("/initiatives/changes/feed.atom", "/initiatives/changes/?sub_working_group=1.1"),
    ],
)
def test_feed_of_a_filter_that_nobody_knows_is_refused_in_words(client, entry, address, page):
    response = client.get(f"{address}?sub_working_group=1.1&topic=opioid")
    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "Topic: We do not know “opioid”." in words(response)
    assert f'<a href="{page}">Choose filters</a>' in response.content.decode()


def test_feed_shows_nothing_that_is_not_published(client, entry):
    factories.initiative("1104", state="draft", title="Canary Birdsong")
    for address in ADDRESSES:
        assert "Birdsong" not in client.get(address).content.decode()
    Initiative.objects.update(state="archived")
    assert client.get("/initiatives/1103/feed.atom").status_code == 404


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("/", "/initiatives/changes/feed.atom"),
        ("/initiatives/?topic=opioids&page=2", "/initiatives/feed.atom?topic=opioids"),
        ("/initiatives/1103/", "/initiatives/1103/feed.atom"),
        ("/sub-working-groups/1.1/", "/sub-working-groups/1.1/feed.atom"),
        ("/organizations/unodc/", "/organizations/unodc/feed.atom"),
        ("/initiatives/changes/?code=1103", "/initiatives/changes/feed.atom?code=1103"),
    ],
)
def test_page_names_its_feed(client, entry, page, address):
    html = client.get(page).content.decode()
    [named] = re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]*" href="([^"]*)">', html)
    assert named == address
