"""Whoever goes back in the browser finds no tick at a row that stood elsewhere before, and loses no word."""

import pytest
from playwright.sync_api import expect

from coalition.mail.models import OutgoingEmail
from interest import links
from tests.interest.conftest import answer_link, confirmed, mail_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two(client, catalogue):
    return [confirmed(client, "1103", "1104", country=country, email=f"{country}@mvd.example") for country in ("KZ", "FR")]


def test_list_has_no_tick_after_back_and_keeps_the_text(client, page, live_server, two):
    client.post(answer_link(), {"list": "1"})
    page.goto(live_server.url + links.list_path(OutgoingEmail.objects.get(kind="list").key))
    page.locator("input[name=requests]").first.check()
    page.get_by_label("Acknowledged").check()
    page.locator("textarea").fill("We have it.")
    page.get_by_role("link", name="Read and answer").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request from")

    page.go_back()

    expect(page.locator("textarea")).to_have_value("We have it.")
    expect(page.locator("input:checked")).to_have_count(0)


def test_withdraw_page_has_no_tick_after_back(client, page, live_server, two):
    page.goto(live_server.url + links.status_path(two[0]))
    page.get_by_role("link", name="Withdraw your interest").click()
    expect(page.locator("input[type=checkbox]")).to_have_count(2)
    expect(page.locator("input:checked")).to_have_count(0)
    page.locator("input[type=checkbox]").first.check()
    page.get_by_role("button", name="Withdraw what is ticked").click()
    expect(page.get_by_text("Those who were asked already are told by mail.")).to_be_visible()

    page.go_back()

    expect(page.get_by_role("button", name="Withdraw", exact=True)).to_be_visible()
    expect(page.locator("input:checked")).to_have_count(0)


def test_answer_page_has_no_choice_after_back_and_keeps_the_text(client, page, live_server, two):
    page.goto(live_server.url + links.answer_path(two[0], mail_of("contact", key__contains=two[0].reference).key))
    page.get_by_label("Acknowledged").first.check()
    page.get_by_label("The focal point may write to me directly").check()
    page.locator("textarea").first.fill("We have it.")
    page.get_by_role("link", name="Precursor control").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Precursor control")

    page.go_back()

    expect(page.locator("textarea").first).to_have_value("We have it.")
    expect(page.locator("input:checked")).to_have_count(0)
