"""The visitor's shortlist: a cookie that holds codes, `1103.2206A`. It says nothing about who they are."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from initiatives.models.initiatives import codes_in

COOKIE = "shortlist"
LIMIT = 50
YEAR = 365 * 24 * 60 * 60


def typed(values: Iterable[str]) -> list[str]:
    """Like `codes_in`, of what people write: several in one field, small letters."""
    return codes_in(" ".join(values).replace(",", " ").upper().split())


def read(request: HttpRequest) -> list[str]:
    """Marks the request: what is answered now depends on a cookie (see interest.middleware)."""
    request.shortlist_was_read = True  # type: ignore[attr-defined]
    return codes_in(request.COOKIES.get(COOKIE, "").split("."))[:LIMIT]


def write(request: HttpRequest, response: HttpResponse, codes: list[str]) -> None:
    if codes:
        response.set_cookie(COOKIE, ".".join(codes), max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
    elif COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")


def link(codes: Iterable[str]) -> str:
    """The address that carries a list to a colleague: short, because mail programs break long lines."""
    return reverse("interest:shortlist", query={"initiative": ".".join(codes)})


def sent(values: Iterable[str]) -> list[str]:
    """The codes in such an address, also in one that has a parameter for each."""
    return codes_in(".".join(values).upper().split("."))


def path(view: str, codes: Iterable[str]) -> str:
    """The address of a page of interest with a parameter for each code."""
    return reverse(f"interest:{view}", query=[("initiative", code) for code in codes])


def comes_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site made it send this. Takes the place of a CSRF token on public pages.

    A browser that sends no Origin (before 2020) is asked for Sec-Fetch-Site, then for Referer; one that says nothing is refused.
    """
    own = [f"{request.scheme}://{request.get_host()}", settings.SITE_URL]
    if origin := request.headers.get("Origin"):
        return origin in own
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    referer = request.headers.get("Referer", "")
    return any(referer.startswith(f"{place}/") for place in own)
