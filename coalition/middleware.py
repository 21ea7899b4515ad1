from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase


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
