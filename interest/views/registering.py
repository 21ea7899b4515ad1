"""The form, and the link that confirms the address."""

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from initiatives.models import Initiative
from initiatives.models.initiatives import codes_in
from interest import actions, limits, links
from interest import shortlist as lists
from interest.forms import RegisterForm
from interest.views.kinds import for_one_visitor, from_here_or_token, later, mailed_link, show_or_act

REGISTERED_COOKIE = "registered"
REGISTERED_SECONDS = 10 * 60


def offered(request: HttpRequest) -> QuerySet[Initiative]:
    """What the form lists: the initiatives that the address names, else the shortlist; and whatever was ticked in it."""
    named = lists.typed(request.GET.getlist("initiative")) or lists.read(request)
    ticked = codes_in(request.POST.getlist("initiatives"))
    return Initiative.objects.published().filter(code__in={*named, *ticked})


@from_here_or_token
@for_one_visitor
@show_or_act
def register(request: HttpRequest) -> HttpResponse:
    initiatives = offered(request)
    form = RegisterForm(request.POST if request.method == "POST" else None, offered=initiatives)
    if form.is_valid():
        try:
            return submit(request, form)
        except limits.TooManyError as error:
            return later(request, error, "interest/register.html", form=form, offered=initiatives)
    return render(request, "interest/register.html", {"form": form, "offered": initiatives})


def submit(request: HttpRequest, form: RegisterForm) -> HttpResponse:
    """The answer is always the same: it must not tell who has registered, or how often. Raises limits.TooManyError."""
    language = get_language() or settings.LANGUAGE_CODE
    actions.register(**form.answers(), language=language, network=limits.network_of(request))
    return registered_answer(request, form)


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
