from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers


def vary_on_shortlist(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tells caches that a page differs with the visitor's cookie, if it showed the shortlist."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "shortlist_was_read", False):
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware
