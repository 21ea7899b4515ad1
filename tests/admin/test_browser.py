"""An editor's day in a real Chromium, under the same policy as the public pages: nothing is blocked, everything works."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from initiatives.models import Initiative
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(page, live_server):
    """Opens a page of the staff area by its name, after the editor has come in through the login page."""
    get_user_model().objects.create_superuser("edith", "edith@example.org", "edith-edith-edith")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + reverse("admin:index"))
    page.fill("#id_username", "edith")
    page.fill("#id_password", "edith-edith-edith")
    page.click("[type=submit]")
    page.wait_for_selector("#to-do")

    def go(name, *args):
        page.goto(live_server.url + reverse(f"admin:{name}", args=args))
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        return page

    return go


def choose(page, field, words):
    """Types into an autocomplete and takes the first thing that it offers."""
    page.click(f".select2-selection:has(#select2-id_{field}-container)")
    page.fill(".select2-search__field", words)
    page.click(f".select2-results__option--highlighted:has-text('{words}')")


def test_editor_finds_and_publishes(open_page):
    factories.initiative("1103", state="draft", lead=factories.organization("unodc"))
    factories.initiative("1104", state="review")
    page = open_page("initiatives_initiative_changelist")
    page.click("#changelist-filter a:has-text('Draft')")
    page.fill("#searchbar", "unodc")
    page.click("#changelist-search [type=submit]")
    page.check("#action-toggle")
    page.select_option("select[name=action]", "publish")
    page.click("button[name=index]")
    assert page.inner_text(".messagelist") == "1 entry is now: Published."
    assert [initiative.code for initiative in Initiative.objects.published()] == ["1103"]
    assert page.complaints == []


def test_editor_changes_an_initiative_with_every_widget(open_page):
    unodc = factories.organization("unodc")
    factories.contact(unodc, "Ana Contact")
    initiative, newer = factories.initiative("1103", summary="One.\n\n- Two"), factories.initiative("1104")
    term = factories.term("topic", "opioids")
    page = open_page("initiatives_initiative_change", initiative.pk)
    page.check(f"#id_terms input[value='{term.pk}']")
    page.check("#id_languages input[value=ru]")
    page.fill("#id_countries_input", "Kazakh")
    page.select_option("#id_countries_from", "KZ")
    page.click("#id_countries_add")
    page.click(".field-reviewed_on a:has-text('Today')")
    choose(page, "superseded_by", "1104")
    page.click("text=Add another Organization")
    choose(page, "organization_links-0-organization", "UNODC")
    page.click("text=Add another Contact")
    choose(page, "contact_links-0-contact", "Ana")
    page.click("input[name=_continue] >> nth=0")
    assert "was changed successfully" in page.inner_text(".messagelist")

    initiative.refresh_from_db()
    assert (initiative.languages, initiative.countries, initiative.superseded_by) == (["ru"], ["KZ"], newer)
    assert [str(linked) for linked in [*initiative.terms.all(), *initiative.organizations.all()]] == ["Opioids", "UNODC"]
    assert [contact.name for contact in initiative.contacts.all()] == ["Ana Contact"]
    assert initiative.reviewed_on is not None
    # Not the summary: nobody touched it.
    assert initiative.curated_fields == ["contacts", "countries", "languages", "organizations", "superseded_by", "terms"]
    assert page.complaints == []


def test_editor_adds_a_contact_in_the_window_that_opens(open_page):
    factories.organization("unodc")
    page = open_page("initiatives_initiative_change", factories.initiative().pk)
    page.click("text=Add another Contact")
    with page.expect_popup() as opened:
        page.click("#add_id_contact_links-0-contact")
    popup = opened.value
    popup.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    choose(popup, "organization", "UNODC")
    popup.fill("#id_name", "Ana Contact")
    popup.fill("#id_email", "ana@unodc.example.org")
    with popup.expect_event("close"):
        popup.click("input[name=_save]")
    assert page.inner_text("#select2-id_contact_links-0-contact-container").endswith("Ana Contact (UNODC)")
    assert page.complaints == []


def test_editor_sees_the_history_and_deletes(open_page):
    organization = factories.organization("unodc")
    page = open_page("initiatives_organization_change", organization.pk)
    page.fill("#id_name", "Another name")
    page.click("input[name=_continue]")
    page.click("text=History")
    assert "Changed Name." in page.inner_text("#change-history")
    page = open_page("initiatives_organization_change", organization.pk)
    page.click("a.deletelink")
    page.click("text=Yes, I’m sure")
    assert "was deleted successfully" in page.inner_text(".messagelist")
    assert page.complaints == []


def test_adding_a_training_fills_its_address(open_page):
    page = open_page("trainings_training_add")
    page.locator("#id_title").press_sequentially("Booster session, Tehran")
    assert page.input_value("#id_slug") == "booster-session-tehran"
    page.select_option("#id_kind", "workshop")
    page.select_option("#id_mode", "online")
    page.click("text=Add another Session")
    page.fill("#id_sessions-0-title", "Opening")
    page.click("input[name=_save] >> nth=0")
    assert re.search("training .* was added successfully", page.inner_text(".messagelist"))
    assert page.complaints == []
