"""Mail scanners open every link, some in a real browser (T2b): nothing changes, and the reader's own click still counts."""

import http.client
import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client

from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative
from interest import actions
from interest.models import Answer, Referral
from tests.interest.conftest import answer_form, confirmed, registered, said, send_answer
from tests.interest.subscribing import ask, sleep, subscribed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PURPOSES = {"verify", "answer", "requests", "status", "confirm", "subscriptions", "unsubscribe"}
VISITS = [
    ("HEAD", {}),
    ("HEAD", {}),
    ("GET", {}),
    ("GET", {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}),
    ("GET", {"User-Agent": "Mozilla/5.0 (compatible; MSIE 9.0) BingPreview/1.0b", "X-Forwarded-For": "192.0.2.77"}),
    ("OPTIONS", {}),
    ("POST", {"Content-Type": "application/x-www-form-urlencoded"}),
]


def contents():
    """Every row of every table, as text."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT coalesce(string_agg(r::text, chr(10) ORDER BY r::text), '') FROM \"{table}\" AS r")
            rows[table] = cursor.fetchone()[0]
    return rows


def mailed_links(live_server):
    """Every address of this site in the mails."""
    texts = "\n".join(f"{email.text}\n{email.html}\n{email.unsubscribe_link}" for email in OutgoingEmail.objects.all())
    return sorted({live_server.url + path for path in re.findall(r"http://testserver([^\s\"'<>]*)", texts)})


def visit(link, method, headers):
    address = urlsplit(link)
    connected = http.client.HTTPConnection(address.netloc, timeout=30)
    connected.request(method, address.path + (f"?{address.query}" if address.query else ""), headers=headers)
    status = connected.getresponse().status
    connected.close()
    return status


@pytest.fixture
def requests(client, catalogue):
    """One request that waits for its confirmation, and one in which everything that can be mailed was mailed."""
    answered = confirmed(client, "1104", "2206A", email="dana@mvd.example")
    link = link_of(OutgoingEmail.objects.get(kind="contact", recipient="canary.default@unodc.example"))
    client.post(link, {"list": "1"})
    send_answer(client, {"1104": said("need_information", text="How many?")}, link)
    waiting = registered(client, "1103")
    with_digest(client)
    ask(client, "code=1103")
    ask(client)  # what is subscribed already: the link to the page of all
    return waiting, answered


def with_digest(client):
    subscribed(client)
    Initiative.objects.update(stage="ongoing")
    sleep()
    actions.send_digests()


def link_of(email):
    return re.search(r"http://testserver(/interest/(?:verify|answer|status)/\S+)", email.text)[1]


def test_nothing_changes_however_a_scanner_opens_the_links(requests, page, live_server):
    links = mailed_links(live_server)
    assert {re.search(r"/interest/(\w+)/", link)[1] for link in links if "/interest/" in link} == PURPOSES
    before = contents()

    for link in links:
        statuses = [visit(link, method, headers) for method, headers in VISITS]
        assert statuses[:5] == [200] * 5, link
        assert statuses[5] in (200, 405), link
        # What a mail program posts needs no token, but RFC 8058's own words.
        assert statuses[6] in ((400,) if "/unsubscribe/" in link else (403, 405)), link
        page.goto(link)
        page.mouse.move(100, 100)
        page.mouse.wheel(0, 2000)
        page.wait_for_timeout(700)  # for whatever a script might do on its own
        page.goto("about:blank")

    assert contents() == before
    assert page.complaints == []


def test_human_click_works_after_the_scanner_and_counts_once(requests, page, live_server):
    waiting, _answered = requests
    for link in mailed_links(live_server):
        visit(link, "GET", {})

    page.goto(live_server.url + link_of(OutgoingEmail.objects.get(key=f"verify:{waiting.reference}")))
    page.get_by_role("button", name="Confirm my address and send").click()
    page.wait_for_url("**/status/**")
    assert Referral.objects.live().filter(expression=waiting).count() == 1
    before = contents()
    visitor = Client(headers={"host": urlsplit(live_server.url).netloc})
    visitor.post(link_of(OutgoingEmail.objects.get(key=f"verify:{waiting.reference}")))
    assert contents() == before

    contact = OutgoingEmail.objects.get(key__startswith=f"contact:{waiting.reference}")
    form = answer_form({"1103": said("acknowledged")})
    for _ in range(2):
        visitor.post(link_of(contact), form)
    assert Answer.objects.filter(referral__expression=waiting).count() == 1
