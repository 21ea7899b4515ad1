"""Settings from the environment. Each helper refuses nonsense and says how to fix it."""

import os
from collections.abc import Collection
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why}")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; write on or off.")
    return value in TRUE


def number(name: str, default: int, *, minimum: int = 0, why: str = "") -> int:
    """`why` says what would break below the minimum."""
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number of at least {minimum}. {why}".strip())
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas: `a.example,b.example`."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str = "") -> list[str]:
    """Addresses and networks with commas between: `10.0.0.5,172.16.0.0/12`."""
    found = words(name, default)
    for word in found:
        try:
            ip_network(word)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} has {word!r}; write addresses or networks such as 10.0.0.0/8.") from error
    return found


def dates(name: str) -> list[date]:
    """Days with commas between: `2026-12-25,2027-01-01`."""
    try:
        return [date.fromisoformat(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {text(name)!r}; write days such as 2026-12-25, with commas between.") from error


def choice(name: str, allowed: Collection[str]) -> str:
    """One of these words, or nothing."""
    value = text(name).lower()
    if value and value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; write {' or '.join(allowed)}, or nothing.")
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def database(url: str) -> dict[str, Any]:
    """Django's database settings for a URL such as `postgresql://user:secret@host:5432/name`.

    The host may stand in the query instead (`postgresql:///name?host=/run/postgresql`), as libpq allows for Unix sockets.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"DATABASE_URL must begin with postgresql://, not {parts.scheme or 'nothing'!r}.")
    query = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://user:password@host:5432/NAME")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {"connect_timeout": 5} | query,
    }
