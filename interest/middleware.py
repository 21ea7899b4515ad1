import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_vary_headers

Handler = Callable[[HttpRequest], HttpResponseBase]

MAILED = re.compile(r"/interest/(verify|status|answer|requests|confirm|subscriptions|unsubscribe)/.")


def guard_mailed_links(get_response: Handler) -> Handler:
    """Keeps pages behind mailed links out of caches, referrers and search engines; their error pages and redirects too.

    So it stands first: what another middleware answers passes it as well.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if MAILED.search(request.path):
            add_never_cache_headers(response)
            response["Referrer-Policy"] = "same-origin"
            response["X-Robots-Tag"] = "noindex"
        return response

    return middleware


def vary_on_shortlist(get_response: Handler) -> Handler:
    """Tells caches that a page differs with the visitor's cookie, if it showed the shortlist."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "shortlist_was_read", False):
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware
