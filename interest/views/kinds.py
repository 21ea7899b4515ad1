"""What the kinds of pages have in common."""

import math
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from interest import limits, links
from interest import shortlist as lists

View = Callable[[HttpRequest, str], HttpResponse]

# Pages of those who are asked; the others are the focal points'.
OF_CONTACTS = {"answer", "requests"}

show_or_act = require_http_methods(["GET", "HEAD", "POST"])
# The browser may keep what was typed for its Back button; caches on the way keep nothing.
for_one_visitor = cache_control(private=True, no_cache=True)


def from_here_or_token(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Forms of the public work without cookies: a browser that says that a page of this site sent it needs no CSRF token."""
    with_token = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, **parameters: str) -> HttpResponse:
        return (view if lists.comes_from_here(request) else with_token)(request, **parameters)

    return page


def mailed_link(view: View) -> View:
    """For pages behind mailed links: says why a link does not work. A middleware keeps them out of caches and referrers."""

    @from_here_or_token
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except links.LinkError as problem:
            if request.method == "POST" and not (typed_texts(request) and problem.status == HTTPStatus.GONE):
                return redirect(request.path)  # the same words by GET, for the browser's Back button
            return explain(request, problem)

    return page


def typed_texts(request: HttpRequest) -> list[str]:
    """What somebody wrote into the form, who must not lose it with the link: texts for all, or for one code."""
    texts = [text for name in request.POST if "text" in name.split("-") for text in request.POST.getlist(name)]
    return [text for text in dict.fromkeys(texts) if text.strip()]


def explain(request: HttpRequest, problem: links.LinkError) -> HttpResponse:
    """Why a link does not work, and what to do."""
    codes = problem.expression.codes() if problem.expression else []
    is_asked = request.resolver_match is not None and request.resolver_match.url_name in OF_CONTACTS
    context = {
        "problem": problem,
        "register_path": lists.path("register", codes),
        "is_asked": is_asked,
        "texts": typed_texts(request),
    }
    return render(request, "interest/link_problem.html", context, status=problem.status)


def later(request: HttpRequest, error: limits.TooManyError, template: str = "429.html", **context: Any) -> HttpResponse:
    """Says when to try again (RFC 6585 §4). A form is shown once more, with every word that was typed."""
    limits.alarm(error)
    minutes = math.ceil(error.wait / timedelta(minutes=1))
    words = ngettext("Please try again in a minute.", "Please try again in %(minutes)s minutes.", minutes)
    context |= {"later": words % {"minutes": minutes}}
    response = render(request, template, context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(minutes * 60)
    return response
