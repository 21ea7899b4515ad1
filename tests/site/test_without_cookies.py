"""Somebody whose browser keeps no cookies at all: no page says what is not true, and they can still register."""

import json
import shutil

import pytest
from playwright.sync_api import expect

from coalition.mail.models import OutgoingEmail
from interest.models import Referral
from tests.conftest import FLAGS
from tests.interest.conftest import link_in
from tests.interest.test_browser import fill_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BLOCK = {"profile": {"default_content_setting_values": {"cookies": 2}}}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def stranger(browser, request, tmp_path):
    """A page of a Chromium whose settings block every cookie."""
    settings = tmp_path / "Default" / "Preferences"
    settings.parent.mkdir()
    settings.write_text(json.dumps(BLOCK))
    launch = browser.browser_type.launch_persistent_context
    context = launch(tmp_path, executable_path=CHROMIUM, args=FLAGS, java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def test_shortlist_that_is_not_kept_is_not_claimed_and_registering_works_without_it(stranger, live_server, settings, catalogue):
    settings.SITE_URL = live_server.url
    stranger.goto(live_server.url + "/initiatives/1103/")
    stranger.locator("main button[name=add]:visible").first.click()

    expect(stranger.get_by_role("heading", level=1)).to_have_text("Your browser does not keep the shortlist")
    expect(stranger.locator(".gc-header [data-shortlist-count]")).to_have_text("0")
    stranger.get_by_label("Other codes").fill("2206a, 1104")
    stranger.get_by_role("button", name="Open the form for all of them").click()
    expect(stranger.locator("input[name=initiatives]:checked")).to_have_count(3)
    fill_in(stranger)
    stranger.locator("main button[type=submit]").click()
    expect(stranger.get_by_role("heading", name="Check your mail")).to_be_visible()
    text = OutgoingEmail.objects.get(kind="verification").text.replace(live_server.url, "http://testserver")
    stranger.goto(live_server.url + link_in(text, "verify"))
    stranger.get_by_role("button", name="Confirm my address and send").click()

    expect(stranger.get_by_text("Being sent")).to_have_count(3)
    assert sorted(Referral.objects.live().values_list("initiative__code", flat=True)) == ["1103", "1104", "2206A"]
    assert stranger.context.cookies() == []
