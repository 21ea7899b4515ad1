"""The visitor's shortlist."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.csrf import csrf_exempt

from initiatives.models import Initiative
from initiatives.models.initiatives import codes_in
from interest import shortlist as lists
from interest.views.kinds import for_one_visitor, show_or_act


@csrf_exempt
@for_one_visitor
@show_or_act
def shortlist(request: HttpRequest) -> HttpResponse:
    """The visitor's own list, or one that a colleague sent: `?initiative=1103.2206A`."""
    if request.method == "POST":
        return change_shortlist(request)
    if added := codes_in(request.GET.getlist("kept")):
        return show_what_was_kept(request, added)
    sent = lists.sent(request.GET.getlist("initiative"))
    return show_shortlist(request, sent or lists.read(request), is_sent=bool(sent))


def show_shortlist(request: HttpRequest, codes: list[str], **context: object) -> HttpResponse:
    found = {initiative.code: initiative for initiative in Initiative.objects.published().filter(code__in=codes).with_lists()}
    offered_codes = [code for code in codes if code in found]
    context |= {
        "initiatives": [found[code] for code in offered_codes],
        "vanished": [code for code in codes if code not in found],
        "link": settings.SITE_URL + lists.link(offered_codes),
        "register_path": lists.path("register", offered_codes),
        "take_along": urlencode([("code", code) for code in offered_codes]),
        "limit": lists.LIMIT,
    }
    return render(request, "interest/shortlist.html", context, status=409 if context.get("is_full") else 200)


def change_shortlist(request: HttpRequest) -> HttpResponse:
    if not lists.comes_from_here(request):
        raise PermissionDenied("The browser did not say that a page of this site sent this.")
    codes = [] if "clear" in request.POST else lists.read(request)
    codes = codes_in([*codes, *request.POST.getlist("add")])
    removed = set(request.POST.getlist("remove"))
    codes = [code for code in codes if code not in removed]
    if len(codes) > lists.LIMIT:
        return show_shortlist(request, lists.read(request), is_full=True)
    response = redirect(next_page(request.POST) if lists.read(request) or not codes else checked(request, codes))
    lists.write(request, response, codes)
    return response


def next_page(values: QueryDict) -> str:
    """Back to the page with the button, if it is one of this site."""
    asked = values.get("next", "")
    is_local = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_local else reverse("interest:shortlist")


def checked(request: HttpRequest, codes: list[str]) -> str:
    """No list came with the first press, so nobody knows whether this browser keeps one: the next request tells."""
    query = [*(("kept", code) for code in codes), ("next", next_page(request.POST))]
    return reverse("interest:shortlist", query=query)


def show_what_was_kept(request: HttpRequest, added: list[str]) -> HttpResponse:
    """Goes on where the button was pressed. If the cookie did not come back: what works without cookies."""
    if lists.read(request):
        return redirect(next_page(request.GET))
    offered = Initiative.objects.published().filter(code__in=added)
    context = {"initiatives": offered, "register_path": lists.path("register", added), "back": next_page(request.GET)}
    return render(request, "interest/not_kept.html", context)
