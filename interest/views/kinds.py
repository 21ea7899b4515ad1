"""What the kinds of pages have in common."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods

from interest import links
from interest import shortlist as lists

View = Callable[[HttpRequest, str], HttpResponse]

show_or_act = require_http_methods(["GET", "HEAD", "POST"])
# The browser may keep what was typed for its Back button; caches on the way keep nothing.
for_one_visitor = cache_control(private=True, no_cache=True)


def mailed_link(view: View) -> View:
    """For pages behind mailed links: says why a link does not work; keeps it out of caches, referrers and search engines."""

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except links.LinkError as problem:
            codes = problem.expression.codes() if problem.expression else []
            context = {"problem": problem, "register_path": lists.path("register", codes)}
            response = render(request, "interest/link_problem.html", context, status=problem.status)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return page
