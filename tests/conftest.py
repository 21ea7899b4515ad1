"""The cast of the tests, and what every test gets."""

import pytest


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages name static files without their hash, so no test needs collectstatic."""
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it
