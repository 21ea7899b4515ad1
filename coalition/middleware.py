from collections.abc import Callable
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse


def only_utf8(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Refuses a request in any other encoding, before something reads it and fails: Python knows codecs that make no text.

    No browser asks for one; form data is UTF-8 (WHATWG URL §5.1).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.encoding and request.encoding.lower().replace("_", "-") not in {"utf-8", "utf8"}:
            request.encoding = "utf-8"  # so that the page that says so can be made
            raise BadRequest("A form must be sent in UTF-8.")
        return get_response(request)

    return middleware


def no_nul_for_staff(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Refuses a NUL in the query of a page for staff: Django's filters hand it to PostgreSQL, which knows no such text."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(reverse("admin:index")) and "\0" in unquote(request.META.get("QUERY_STRING", "")):
            raise BadRequest("An address cannot hold a NUL.")
        return get_response(request)

    return middleware
