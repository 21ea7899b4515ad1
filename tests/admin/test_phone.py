"""What an editor reads on a phone: nothing stands outside the window."""

import pytest
from playwright.sync_api import expect

from tests.admin.test_browser import open_page  # noqa: F401  # a fixture
from tests.interest.conftest import catalogue, confirmed, unodc, who  # noqa: F401  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
OUTSIDE = (
    "[...document.querySelectorAll('.staff-wide :is(th, td)')].filter(c => c.getBoundingClientRect().right > innerWidth).length"
)


def label_of(cell):
    return cell.evaluate("cell => getComputedStyle(cell, '::before').content")


@pytest.mark.parametrize("by", ["initiative", "organization", "country"])
def test_every_number_of_a_report_stands_in_the_window_after_its_label(client, open_page, catalogue, by):  # noqa: F811
    confirmed(client, "1103", "3111")
    page = open_page("interest_referral_report", by)
    page.set_viewport_size(PHONE)

    cell = page.locator("td[data-label='Waiting for an answer'] >> visible=true").first
    expect(cell).to_be_visible()

    assert label_of(cell) == '"Waiting for an answer"'
    assert page.evaluate(OUTSIDE) == 0
    expect(page.locator("td.staff-zero").first).to_be_hidden()
    expect(page.get_by_role("region")).to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator("td.staff-zero").first).to_be_visible()


def test_page_of_a_mail_fits_the_window(client, open_page, catalogue):  # noqa: F811
    confirmed(client, "1103")
    page = open_page("mail_outgoingemail_changelist")
    page.locator("#result_list a[href*='/read/']").first.click()
    page.set_viewport_size(PHONE)

    expect(page.get_by_role("heading", name="Plain text")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
