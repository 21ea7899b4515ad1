"""What the kinds of pages have in common."""

import math
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from interest import limits, links
from interest import shortlist as lists

View = Callable[[HttpRequest, str], HttpResponse]

show_or_act = require_http_methods(["GET", "HEAD", "POST"])
# The browser may keep what was typed for its Back button; caches on the way keep nothing.
for_one_visitor = cache_control(private=True, no_cache=True)


def mailed_link(view: View) -> View:
    """For pages behind mailed links: says why a link does not work. A middleware keeps them out of caches and referrers."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except links.LinkError as problem:
            codes = problem.expression.codes() if problem.expression else []
            context = {"problem": problem, "register_path": lists.path("register", codes)}
            return render(request, "interest/link_problem.html", context, status=problem.status)

    return page


def later(request: HttpRequest, error: limits.TooManyError, template: str = "429.html", **context: Any) -> HttpResponse:
    """Says when to try again (RFC 6585 §4). A form is shown once more, with every word that was typed."""
    limits.alarm(error)
    minutes = math.ceil(error.wait / timedelta(minutes=1))
    words = ngettext("Please try again in a minute.", "Please try again in %(minutes)s minutes.", minutes)
    context |= {"later": words % {"minutes": minutes}}
    response = render(request, template, context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(minutes * 60)
    return response
