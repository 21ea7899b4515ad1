"""The catalogue in a real browser: refreshed in place with JavaScript, the same without, and nothing lost in between."""

import re
import time

import pytest
from django.http import QueryDict
from playwright.sync_api import Page, expect

from initiatives import views
from initiatives.catalogue import Catalogue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CATALOGUE = "/initiatives/"


@pytest.fixture
def site(live_server, settings, catalogue) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def desk(page: Page, site: str) -> Page:
    """The catalogue on a wide screen; a mark on the window tells whether the page was loaded anew."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site + CATALOGUE)
    page.evaluate("window.sameDocument = true")
    return page


@pytest.fixture
def slow(monkeypatch):
    """Answers to a narrowed catalogue take their time: those for the first tick longer than those for the next."""
    show = views.Catalogue

    def slowly(query):
        time.sleep({0: 0, 1: 3}.get(len(query.getlist("support")), 1.5))
        return show(query)

    monkeypatch.setattr(views, "Catalogue", slowly)


def tick(page: Page, name: str, value: str) -> None:
    page.locator(f"label[for=filter-{name}-{value}]").click()


def results(page: Page):
    return page.locator("#results")


def count_beside(page: Page, name: str, value: str) -> str:
    return page.locator(f"#count-{name}-{value}").inner_text()


def found(query: str) -> int:
    return Catalogue(QueryDict(query)).paginator.count


def is_same_document(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def test_a_tick_refreshes_in_place_and_says_the_number(desk):
    promised = count_beside(desk, "support", "training")
    tick(desk, "support", "training")
    expect(results(desk)).to_have_text(f"{promised} initiatives")
    expect(desk).to_have_url(re.compile(r"/initiatives/\?support=training$"))
    expect(desk).to_have_title(re.compile(f"^{promised} initiatives: Training"))
    expect(desk.locator("#gc-status")).to_have_text(f"{promised} initiatives")
    expect(desk.locator("#filter-support-training")).to_be_focused()
    assert is_same_document(desk)

    promised = count_beside(desk, "support", "equipment")
    tick(desk, "support", "equipment")
    expect(results(desk)).to_have_text(f"{promised} initiatives")
    assert is_same_document(desk)
    assert desk.complaints == []


def test_what_was_opened_and_typed_outlives_a_refresh(desk):
    desk.locator("#facet-stage summary").click()
    desk.fill("#search", "labo")
    desk.locator("#search").press("Tab")
    tick(desk, "support", "training")
    expect(desk.locator(".gc-chip")).to_have_count(2)
    expect(desk.locator("#facet-stage")).to_have_attribute("open", "")
    expect(desk.locator("#search")).to_have_value("labo")


def test_links_go_to_the_results_and_the_search_field_follows(desk, site):
    desk.goto(site + CATALOGUE + "?search=laboratory&support=training")
    desk.evaluate("window.sameDocument = true")
    desk.locator(".gc-chip").first.click()
    expect(desk).to_have_url(re.compile(r"/initiatives/\?support=training$"))
    expect(results(desk)).to_be_focused()
    expect(desk.locator("#search")).to_have_value("")
    desk.get_by_role("link", name="Table", exact=True).click()
    expect(desk.get_by_role("table")).to_be_visible()
    desk.get_by_role("link", name="Next").click()
    expect(desk).to_have_url(re.compile(r"support=training&view=table&page=2$"))
    assert is_same_document(desk)


def test_back_shows_what_was_there_before(desk):
    everything = results(desk).inner_text()
    tick(desk, "support", "training")
    expect(desk.locator(".gc-chip")).to_have_count(1)
    training = results(desk).inner_text()
    desk.locator(".gc-card__title a").first.click()
    expect(desk).to_have_url(re.compile(r"/initiatives/\w+/$"))
    desk.go_back()
    expect(results(desk)).to_have_text(training)
    expect(desk.locator("#filter-support-training")).to_be_checked()
    desk.go_back()
    expect(results(desk)).to_have_text(everything)
    expect(desk.locator("#filter-support-training")).not_to_be_checked()


def test_address_opened_by_a_colleague_shows_the_same(desk, browser):
    tick(desk, "support", "training")
    expect(desk.locator(".gc-chip")).to_have_count(1)
    desk.select_option("#filter-country", "KZ")
    expect(desk.locator(".gc-chip")).to_have_count(2)
    with browser.new_context(java_script_enabled=False) as colleague:
        other = colleague.new_page()
        other.goto(desk.url)
        expect(results(other)).to_have_text(results(desk).inner_text())
        assert other.locator(".gc-card").count() == desk.locator(".gc-card").count()
        assert colleague.cookies() == []


def test_without_javascript_the_button_does_it(browser, site):
    with browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(site + CATALOGUE)
        promised = count_beside(page, "support", "guidance")
        tick(page, "support", "guidance")
        page.get_by_role("button", name="Show results").click()
        expect(results(page)).to_have_text(f"{promised} initiatives")
        page.get_by_role("link", name="Table", exact=True).click()
        expect(page.locator(".gc-listing")).to_be_visible()


def test_the_last_of_quick_clicks_wins_and_a_late_answer_is_told(desk, slow):
    tick(desk, "support", "training")
    expect(desk.locator("[data-refresh=slow]")).to_be_visible()
    expect(desk.locator("#gc-status")).to_have_text("Refreshing the results …")
    tick(desk, "support", "guidance")
    expect(desk.locator(".gc-chip")).to_have_count(2)
    expect(desk.locator("[data-refresh=slow]")).to_be_hidden()
    expect(desk).to_have_url(re.compile(r"support=training&support=guidance$"))
    expect(results(desk)).to_have_text(f"{found('support=training&support=guidance')} initiatives")
    assert is_same_document(desk)


@pytest.mark.parametrize("fault", ["no line", "error of the server"])
def test_a_failure_keeps_the_page_and_says_what_to_do(desk, fault):
    before = results(desk).inner_text()
    desk.route(
        "**/initiatives/?support=training",
        lambda route: route.abort() if fault == "no line" else route.fulfill(status=503, body="no"),
        times=1,
    )
    tick(desk, "support", "training")
    expect(desk.get_by_role("alert")).to_contain_text("The results could not be refreshed.")
    assert results(desk).inner_text() == before
    desk.get_by_role("link", name="Try again").click()
    expect(desk.locator(".gc-chip")).to_have_count(1)
    expect(desk).to_have_url(re.compile(r"support=training$"))


def test_keyboard_alone_narrows_and_comes_back(desk):
    desk.locator("#filter-support-training").focus()
    desk.keyboard.press("Space")
    expect(desk.locator(".gc-chip")).to_have_count(1)
    expect(desk.locator("#filter-support-training")).to_be_focused()
    desk.locator(".gc-card__title a").first.focus()
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(r"/initiatives/\w+/$"))
    desk.go_back()
    expect(desk.locator("#filter-support-training")).to_be_checked()


def test_on_a_phone_the_button_closes_the_filters_and_leads_to_the_results(page, site):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site + CATALOGUE)
    page.locator("#facets > summary").click()
    tick(page, "support", "training")
    expect(page.locator("#facets")).to_have_attribute("open", "")
    page.get_by_role("button", name="Show results").click()
    expect(page.locator("#facets")).not_to_have_attribute("open", "")
    expect(results(page)).to_be_focused()


def test_head_of_the_table_stays_in_sight_and_tells_the_order(desk, site):
    desk.goto(site + CATALOGUE + "?view=table")
    code = desk.get_by_role("columnheader", name="Code")
    expect(code).to_have_attribute("aria-sort", "ascending")
    desk.get_by_role("columnheader", name="Title").get_by_role("link").click()
    expect(desk.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "ascending")
    desk.locator(".gc-listing tbody tr").nth(9).scroll_into_view_if_needed()
    desk.mouse.wheel(0, 600)
    expect(desk.get_by_role("columnheader", name="Title")).to_be_in_viewport()


def test_a_link_to_what_stands_apart_opens_it(page, site):
    page.goto(f"{site}{CATALOGUE}?country=EC")
    expect(page.locator("#apart")).not_to_have_attribute("open", "")
    page.locator(".gc-take a[href$='#apart']").click()
    expect(page.locator("#apart")).to_have_attribute("open", "")
    page.goto(f"{site}/countries/ec/")
    page.locator(".gc-take a[href$='#apart']").click()
    expect(page).to_have_url(f"{site}{CATALOGUE}?country=EC#apart")
    expect(page.locator("#apart")).to_have_attribute("open", "")
