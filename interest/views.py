"""Shortlist, form, and the pages behind mailed links. GET and HEAD change nothing."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from initiatives.models import Initiative
from interest import actions, links
from interest import shortlist as lists
from interest.forms import RegisterForm

View = Callable[[HttpRequest, str], HttpResponse]

show_or_act = require_http_methods(["GET", "HEAD", "POST"])
# The browser may keep what was typed for its Back button; caches on the way keep nothing.
for_one_visitor = cache_control(private=True, no_cache=True)

REGISTERED_COOKIE = "registered"
REGISTERED_SECONDS = 10 * 60


@csrf_exempt
@for_one_visitor
@show_or_act
def shortlist(request: HttpRequest) -> HttpResponse:
    """The visitor's own list, or one that a colleague sent: `?initiative=1103&initiative=2206A`."""
    if request.method == "POST":
        return change_shortlist(request)
    sent = lists.codes_in(request.GET.getlist("initiative"))
    return show_shortlist(request, sent or lists.read(request), is_sent=bool(sent))


def show_shortlist(request: HttpRequest, codes: list[str], **context: object) -> HttpResponse:
    found = {initiative.code: initiative for initiative in Initiative.objects.published().filter(code__in=codes).with_lists()}
    offered_codes = [code for code in codes if code in found]
    context |= {
        "initiatives": [found[code] for code in offered_codes],
        "vanished": [code for code in codes if code not in found],
        "link": settings.SITE_URL + lists.path("shortlist", offered_codes),
        "register_path": lists.path("register", offered_codes),
        "limit": lists.LIMIT,
    }
    return render(request, "interest/shortlist.html", context, status=409 if context.get("is_full") else 200)


def change_shortlist(request: HttpRequest) -> HttpResponse:
    if not lists.comes_from_here(request):
        raise PermissionDenied("The browser did not say that a page of this site sent this.")
    codes = [] if "clear" in request.POST else lists.read(request)
    codes = lists.codes_in([*codes, *request.POST.getlist("add")])
    removed = set(request.POST.getlist("remove"))
    codes = [code for code in codes if code not in removed]
    if len(codes) > lists.LIMIT:
        return show_shortlist(request, lists.read(request), is_full=True)
    response = redirect(next_page(request))
    lists.write(request, response, codes)
    return response


def next_page(request: HttpRequest) -> str:
    """Back to the page with the button, if it is one of this site."""
    asked = request.POST.get("next", "")
    is_local = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_local else "interest:shortlist"


def offered(request: HttpRequest) -> QuerySet[Initiative]:
    """What the form lists: the initiatives that the address names, else the shortlist; and whatever was ticked in it."""
    named = lists.codes_in(request.GET.getlist("initiative")) or lists.read(request)
    ticked = lists.codes_in(request.POST.getlist("initiatives"))
    return Initiative.objects.published().filter(code__in={*named, *ticked})


@for_one_visitor
@show_or_act
def register(request: HttpRequest) -> HttpResponse:
    initiatives = offered(request)
    form = RegisterForm(request.POST if request.method == "POST" else None, offered=initiatives)
    if form.is_valid():
        if not form.is_spam:
            submit(form)
        return registered_answer(request, form)
    return render(request, "interest/register.html", {"form": form, "offered": initiatives})


def submit(form: RegisterForm) -> None:
    # The answer is always the same: it must not tell who has registered, or how often.
    with suppress(actions.TooManyUnverifiedError):
        actions.register(**form.answers(), language=get_language() or settings.LANGUAGE_CODE)


def registered_answer(request: HttpRequest, form: RegisterForm) -> HttpResponse:
    """The same for everybody who sent a complete form. What was registered leaves the shortlist."""
    response = redirect("interest:registered")
    sent = {initiative.code for initiative in form.cleaned_data["initiatives"]}
    lists.write(request, response, [code for code in lists.read(request) if code not in sent])
    response.set_signed_cookie(
        REGISTERED_COOKIE,
        form.cleaned_data["email"],
        max_age=REGISTERED_SECONDS,
        path=response.url,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@require_safe
def registered(request: HttpRequest) -> HttpResponse:
    """Check your mail. Repeats the address that was typed, because a mistyped one is the usual reason why nothing arrives."""
    context = {
        "address": request.get_signed_cookie(REGISTERED_COOKIE, default="", max_age=REGISTERED_SECONDS),
        "hours": links.VERIFICATION_LIFE.days * 24,
        "mail_folder": mail_folder() if settings.DEMONSTRATION else "",
    }
    return render(request, "interest/registered.html", context)


def mail_folder() -> str:
    folder = Path(settings.EMAIL_FILE_PATH)
    inside = folder.is_relative_to(settings.BASE_DIR)
    return f"{folder.relative_to(settings.BASE_DIR) if inside else folder}/"


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


@mailed_link
@show_or_act
def verify(request: HttpRequest, token: str) -> HttpResponse:
    expression = links.read_verification(token)
    if request.method == "POST":
        actions.verify(expression=expression)
        return redirect(links.status_path(expression))
    context = {
        "expression": expression,
        "referrals": expression.referrals.select_related("initiative"),
        "status_path": links.status_path(expression),
    }
    return render(request, "interest/verify.html", context)


@mailed_link
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    expression = links.read_status(token)
    referrals = list(expression.referrals.with_recipients())
    context = {
        "expression": expression,
        "sent": [referral for referral in referrals if referral.is_live],
        "left_out": [referral for referral in referrals if not referral.is_live],
    }
    return render(request, "interest/status.html", context)
