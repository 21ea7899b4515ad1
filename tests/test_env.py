"""Settings refuse nonsense and say how to put it right."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from coalition import env
from coalition.local.place import BASE_DIR
from interest import limits, links

PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "s" * 60,
    "ALLOWED_HOSTS": "portal.example.org,www.example.org",
    "COALITION_EMAIL": "coalition@example.org",
    "EMAIL_HOST": "mail.example.org",
    "REDIS_URL": "redis://redis.example.org/0",
    "DATABASE_URL": "postgresql://coalition@database.example.org/coalition",
}


def settings_with(tmp_path, **changes):
    """The last line on stderr, or what was printed, of a process that only loads the settings."""
    code = (
        "from coalition import settings as s; print(s.SITE_URL, s.DEBUG, s.DEMONSTRATION, s.SECURE_SSL_REDIRECT, s.EMAIL_BACKEND)"
    )
    environment = {
        name: value for name, value in (PRODUCTION | {"DATA_DIR": str(tmp_path)} | changes).items() if value is not None
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    return (done.stderr or done.stdout).splitlines()[-1].removeprefix("django.core.exceptions.ImproperlyConfigured: ")


def test_production_settings_load_with_what_the_readme_names(tmp_path):
    expected = "https://portal.example.org False False True coalition.mail.backends.DeadlineBackend"
    assert settings_with(tmp_path) == expected


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", None, "SECRET_KEY is not set. Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"),
        ("ALLOWED_HOSTS", None, "ALLOWED_HOSTS must name the site's host names, with commas between them, and not '*'."),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the site's host names, with commas between them, and not '*'."),
        (
            "COALITION_EMAIL",
            " ",
            "COALITION_EMAIL is not set. It is the Coalition's public mailbox, asked when no contact is known.",
        ),
        ("EMAIL_HOST", None, "EMAIL_HOST is not set. It is the SMTP server that sends the portal's mail."),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT is 'smtp'; write a whole number of at least 1."),
        ("EMAIL_PROVIDER", "pigeon", "EMAIL_PROVIDER is 'pigeon'; write brevo or mailgun, or nothing."),
        (
            "EMAIL_PROVIDER",
            "Brevo",
            "ANYMAIL_WEBHOOK_SECRET is not set. It is events:SECRET for https://events:SECRET@your.site/mail/events/",
        ),
        ("REDIS_URL", None, "REDIS_URL is not set. Celery needs a Redis: redis://host:6379/0"),
        (
            "SECRET_KEY",
            "short",
            (
                "SECRET_KEY is too short to keep anything secret. "
                "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
            ),
        ),
        ("DATABASE_URL", None, "DATABASE_URL is not set. For example postgresql://user:password@host:5432/name"),
        ("DATABASE_URL", "sqlite:///x", "DATABASE_URL must begin with postgresql://, not 'sqlite'."),
        ("DEBUG", "maybe", "DEBUG is 'maybe'; write on or off."),
        ("DEBUG", "on", "DEBUG=on shows the inside of the site to everybody; it needs DEMONSTRATION=on."),
        (
            "ALLOWED_HOSTS",
            ".example.org",
            "SITE_URL is not set, and ALLOWED_HOSTS begins with a whole domain: say how the site is reached.",
        ),
    ],
)
def test_production_refuses_to_start_and_says_why(tmp_path, name, value, sentence):
    assert settings_with(tmp_path, **{name: value}) == sentence


@pytest.mark.parametrize("command", ["migrate", "check", "send_mail"])
def test_manage_py_says_what_is_missing_in_one_sentence(tmp_path, command):
    environment = PRODUCTION | {"DATA_DIR": str(tmp_path), "EMAIL_HOST": ""}
    done = subprocess.run(
        [sys.executable, "manage.py", command], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "EMAIL_HOST is not set. It is the SMTP server that sends the portal's mail.\n"


def test_without_a_database_url_the_one_of_make_run_is_used(tmp_path):
    demonstration = {"DEMONSTRATION": "on", "DATABASE_URL": None, "REDIS_URL": None}
    assert settings_with(tmp_path, **demonstration).startswith("DATABASE_URL is not set. Start `make run` once")
    (tmp_path / "database-url").write_text("postgresql://coalition@/coalition?host=/run/x\n")
    assert settings_with(tmp_path, **demonstration).endswith("coalition.mail.backends.FolderBackend")


@pytest.mark.parametrize("text", ["1", "true", "Yes", "ON"])
def test_flag_is_on(monkeypatch, text):
    monkeypatch.setenv("SOME_FLAG", text)
    assert env.flag("SOME_FLAG") is True


@pytest.mark.parametrize("text", ["0", "False", "no", "off"])
def test_flag_is_off(monkeypatch, text):
    monkeypatch.setenv("SOME_FLAG", text)
    assert env.flag("SOME_FLAG", default=True) is False


def test_flag_that_is_empty_takes_its_default(monkeypatch):
    monkeypatch.setenv("SOME_FLAG", " ")
    assert (env.flag("SOME_FLAG"), env.flag("SOME_FLAG", default=True)) == (False, True)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "ten", "0x10"])
def test_number_below_its_minimum_is_refused(monkeypatch, text):
    monkeypatch.setenv("SOME_NUMBER", text)
    with pytest.raises(ImproperlyConfigured, match="write a whole number of at least 1"):
        env.number("SOME_NUMBER", 0, minimum=1)


def test_unconfirmed_form_is_kept_as_long_as_its_link_may_work(tmp_path):
    """The mail waits for its turn up to LONGEST_WAIT; longer ones are held for staff."""
    refused = settings_with(tmp_path, KEEP_UNVERIFIED_DAYS="4")

    assert timedelta(days=4) < limits.LONGEST_WAIT + links.VERIFICATION_LIFE <= timedelta(days=5)
    assert "KEEP_UNVERIFIED_DAYS is '4'; write a whole number of at least 5. The mail with the link may wait" in refused
    assert settings_with(tmp_path, KEEP_UNVERIFIED_DAYS="5").startswith("https://")


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("SOME_WORDS", " a.example, b.example ,")
    assert env.words("SOME_WORDS") == ["a.example", "b.example"]


def test_folder_is_absolute(monkeypatch):
    monkeypatch.setenv("SOME_FOLDER", "~/x/../y")
    assert env.folder("SOME_FOLDER", Path()) == Path.home() / "y"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://me:s%2Fcret@db.example.org:5433/portal?sslmode=require",
            ("portal", "me", "s/cret", "db.example.org", "5433", {"connect_timeout": 5, "sslmode": "require"}),
        ),
        ("postgresql://coalition@/portal?host=/run/a%20b", ("portal", "coalition", "", "/run/a b", "", {"connect_timeout": 5})),
        ("postgres:///portal?user=me&password=x&port=5433", ("portal", "me", "x", "", "5433", {"connect_timeout": 5})),
    ],
)
def test_database_url(url, expected):
    database = env.database(url)
    assert tuple(database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected


def test_database_url_without_a_name_is_refused():
    with pytest.raises(ImproperlyConfigured, match=re.escape("postgresql://user:password@host:5432/NAME")):
        env.database("postgresql://host/")


def test_webhook_of_a_mail_provider_needs_its_secrets(tmp_path):
    secret = "events:" + "s" * 20
    short = settings_with(tmp_path, EMAIL_PROVIDER="brevo", ANYMAIL_WEBHOOK_SECRET=secret[:-1])
    assert short.startswith("ANYMAIL_WEBHOOK_SECRET must be events:SECRET, with a SECRET of 20 signs or more")
    unsigned = settings_with(tmp_path, EMAIL_PROVIDER="mailgun", ANYMAIL_WEBHOOK_SECRET=secret)
    assert unsigned == "MAILGUN_WEBHOOK_SIGNING_KEY is not set. Mailgun shows it beside the API keys."
    assert settings_with(tmp_path, EMAIL_PROVIDER="brevo", ANYMAIL_WEBHOOK_SECRET=secret).startswith("https://portal.example.org")


def test_networks_are_addresses_or_networks_and_nothing_else(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.5, fc00::/7")
    assert env.networks("TRUSTED_PROXIES") == ["10.0.0.5", "fc00::/7"]

    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.5/8")
    with pytest.raises(ImproperlyConfigured, match="write addresses or networks such as"):
        env.networks("TRUSTED_PROXIES")
