"""In a real Chromium, with and without JavaScript: from a search to the digest of a change made in the admin, and out again."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from playwright.sync_api import expect

from coalition.mail import queue
from initiatives import changes
from interest import actions
from interest.models import Subscriber, Subscription
from tests import factories
from tests.interest.subscribing import sleep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "dana@health.example"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(browser, request):
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def site(live_server, settings):
    settings.SITE_URL = live_server.url
    for code in ("1103", "1104"):
        factories.initiative(code, title=f"Naloxone {code}")
    changes.record()
    return live_server.url


def newest_mail():
    queue.send_due()
    return mail.outbox[-1].message()


def text_of(message):
    """The plain words of a mail as it was sent."""
    return next(part.get_payload(decode=True).decode() for part in message.walk() if part.get_content_type() == "text/plain")


def link_in(message, purpose):
    [link] = [word for word in text_of(message).split() if f"/interest/{purpose}/" in word]
    return link


def subscribe_to_search(page, site):
    page.goto(f"{site}/initiatives/?search=naloxone")
    page.get_by_role("link", name="Get a mail").click()
    expect(page.get_by_text("Search: naloxone")).to_be_visible()
    page.get_by_label("Your e-mail address").fill(ADDRESS)
    page.get_by_label("Every day on which something changed").check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()


def confirm(page):
    page.goto(link_in(newest_mail(), "confirm"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Confirmed. From now on you get a mail when something changes.")).to_be_visible()
    expect(page.get_by_text("Search: naloxone")).to_be_visible()


def change_in_admin(browser, site):
    get_user_model().objects.create_superuser("editor", password="a long enough password")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/admin/initiatives/initiative/?q=1103")
        page.get_by_label("Username").fill("editor")
        page.get_by_label("Password").fill("a long enough password")
        page.get_by_role("button", name="Log in").click()
        page.locator("#result_list").get_by_role("link", name="1103").first.click()
        page.get_by_label("Stage:").select_option("ongoing")
        page.get_by_role("button", name="Save", exact=True).first.click()
        expect(page.locator(".messagelist .success")).to_be_visible()


def digest_of_the_next_day():
    sleep()
    assert actions.send_digests() == 1
    message = newest_mail()
    assert message["Subject"] == "What changed: 1 initiative you follow"
    return message


def click_in_mail_program(browser, page, message):
    """RFC 8058 §3.2: the program posts the fixed words, without a cookie and without a word about where it comes from."""
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = "".join(message["List-Unsubscribe"].split()).partition(">")[0].removeprefix("<")
    with browser.new_context() as program:
        answer = program.request.post(link, form={"List-Unsubscribe": "One-Click"})
        assert (answer.status, program.cookies()) == (200, [])


def stop_on_page(browser, page, message):
    page.goto(link_in(message, "subscriptions"))
    expect(page.get_by_text(ADDRESS)).to_be_visible()
    page.get_by_role("button", name="Stop all mails").click()
    expect(page.get_by_role("heading", name="You get no more mails")).to_be_visible()


@pytest.mark.parametrize("leave", [click_in_mail_program, stop_on_page])
def test_from_a_search_to_a_digest_and_out_again(browser, phone, site, leave):
    subscribe_to_search(phone, site)
    assert actions.send_digests() == 0
    confirm(phone)
    change_in_admin(browser, site)

    digest = digest_of_the_next_day()
    text = text_of(digest)
    for line in ("Search: naloxone", "1103  Naloxone 1103", "from: Not stated", "to: Ongoing"):
        assert line in text
    assert "1104" not in text
    leave(browser, phone, digest)

    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()
    phone.goto(link_in(digest, "subscriptions"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Nothing is subscribed with this link")
    sent = len(mail.outbox)
    sleep()
    actions.send_digests()
    queue.send_due()
    assert len(mail.outbox) == sent
