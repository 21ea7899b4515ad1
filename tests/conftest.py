"""The cast of the tests, and what every test gets."""

import os
import shutil

import pytest
from django.utils import translation
from playwright.sync_api import expect, sync_playwright

from tests import copies

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=30_000)  # a busy machine is no reason to fail


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages name static files without their hash, so no test needs collectstatic."""
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it


@pytest.fixture(autouse=True)
def own_language():
    """A request leaves its language behind in the thread; the next test begins in that of the site."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def copied_catalogue() -> copies.Copies:
    return {}


@pytest.fixture
def catalogue(db, copied_catalogue):
    """The real 118 entries and the trainings, as `make run` loads them."""
    copies.load(copied_catalogue)


@pytest.fixture(scope="module")
def browser():
    # Playwright's loop lives in this thread, and Django refuses queries where it sees one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
