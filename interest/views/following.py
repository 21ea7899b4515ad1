"""The focal point's own pages: what became of it, and what they can still do about it."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from interest import actions, limits, links
from interest.correspondence import correspondence, told_directly
from interest.forms import DetailsForm, ReplyForm, StatusLinkForm, WithdrawForm
from interest.models import ExpressionOfInterest, Referral
from interest.views.kinds import from_here_or_token, later, mailed_link, show_or_act


@mailed_link
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    expression = links.read_status(token)
    referrals = list(expression.referrals.with_correspondence())
    context = {
        "expression": expression,
        "token": token,
        "sent": [referral for referral in referrals if referral.is_live],
        "withdrawn": [referral for referral in referrals if referral.is_withdrawn],
        "left_out": [referral for referral in referrals if not referral.is_live and not referral.is_withdrawn],
        "is_asked": any(referral.status == Referral.Status.NEED_INFORMATION for referral in referrals),
        "correspondence": correspondence(expression, referrals),
        "direct": told_directly(referrals),
    }
    return render(request, "interest/status.html", context)


def questions(expression: ExpressionOfInterest) -> list[list[Referral]]:
    """What contacts want to know, by the address that asks."""
    asking = expression.referrals.live().filter(status=Referral.Status.NEED_INFORMATION).with_answers()
    groups: dict[int | None, list[Referral]] = {}
    for referral in asking:
        groups.setdefault(referral.email_id, []).append(referral)
    return list(groups.values())


@mailed_link
@show_or_act
def reply(request: HttpRequest, token: str) -> HttpResponse:
    expression = links.read_status(token)
    asking = questions(expression)
    form = ReplyForm(request.POST if request.method == "POST" else None, questions=asking)
    if request.method == "POST" and not asking:
        return redirect(links.status_path(expression))  # a second click, or they took their question back
    if form.is_valid():
        try:
            actions.reply(expression=expression, key=form.cleaned_data["key"], texts=form.texts())
        except actions.NothingToAnswerError:
            messages.warning(request, _("Nobody waits for this information any more. Nothing was sent."))
            return redirect(links.status_path(expression))
        except actions.TooManyRepliesError:
            form.add_error(None, _("You replied very often today, so this was not sent. Please send it again tomorrow."))
        else:
            messages.success(request, _("Your reply is recorded, and mailed to those who asked."))
            return redirect(links.status_path(expression))
    context = {"expression": expression, "token": token, "asking": asking, "form": form}
    return render(request, "interest/reply.html", context)


@mailed_link
@show_or_act
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    expression = links.read_status(token)
    live = list(expression.referrals.live().select_related("initiative"))
    codes = [referral.initiative.code for referral in live]
    named = [code for code in request.GET.getlist("initiative") if code in codes]
    if request.method == "POST" and not set(codes) & set(request.POST.getlist("initiatives", codes)):
        return redirect(links.status_path(expression))  # a second click
    form = WithdrawForm(request.POST if request.method == "POST" else None, live=live, ticked=named)
    if form.is_valid():
        actions.withdraw(expression=expression, codes=form.cleaned_data["initiatives"])
        messages.success(request, _("Withdrawn. Those who were asked already are told by mail."))
        return redirect(links.status_path(expression))
    return render(request, "interest/withdraw.html", {"expression": expression, "token": token, "live": live, "form": form})


@mailed_link
@show_or_act
def details(request: HttpRequest, token: str) -> HttpResponse:
    expression = links.read_status(token)
    form = DetailsForm(request.POST if request.method == "POST" else None, expression=expression)
    if form.is_valid():
        try:
            if actions.correct(expression=expression, **form.cleaned_data):
                messages.success(request, _("Your details are corrected, and those who were asked are told by mail."))
        except actions.TooManyCorrectionsError:
            form.add_error(None, _("You corrected your details several times today. Please wait until tomorrow."))
        else:
            return redirect(links.status_path(expression))
    return render(request, "interest/details.html", {"expression": expression, "token": token, "form": form})


@mailed_link
@show_or_act
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """The link says afterwards that the details are deleted, also to a second click."""
    expression = links.read_status(token)
    if request.method == "POST":
        actions.erase(expression=expression)
        return redirect("interest:erased")
    context = {
        "expression": expression,
        "token": token,
        "live": expression.referrals.live().select_related("initiative"),
        "others": others(expression),
    }
    return render(request, "interest/erase.html", context)


def others(expression: ExpressionOfInterest) -> QuerySet[ExpressionOfInterest]:
    """What else was confirmed from the same address, and is not erased."""
    kept = ExpressionOfInterest.objects.verified().kept().exclude(pk=expression.pk)
    return kept.filter(Exists(Referral.objects.filter(expression=OuterRef("pk"), address_key=expression.address_key)))


@never_cache
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """Its own address: the page before has nothing any more to show."""
    return render(request, "interest/erased.html")


@mailed_link
@show_or_act
def replace_links(request: HttpRequest, token: str) -> HttpResponse:
    """The new link is only mailed: whoever pressed the button may be somebody else."""
    expression = links.read_status(token)
    if request.method != "POST":
        return redirect(links.status_path(expression))  # the button is there
    try:
        actions.replace_links(expression=expression)
    except actions.ReplacedTodayError:
        words = _("Links were replaced today already. Please wait until tomorrow, or write to the Coalition at %(address)s.")
        messages.warning(request, words % {"address": settings.COALITION_EMAIL})
        return redirect(links.status_path(expression))
    return redirect("interest:links_replaced")


@never_cache
@require_safe
def links_replaced(request: HttpRequest) -> HttpResponse:
    """Its own address: the page before has none any more that opens."""
    return render(request, "interest/links_replaced.html")


@from_here_or_token
@never_cache
@show_or_act
def status_link(request: HttpRequest) -> HttpResponse:
    """For who lost the link. The answer is the same whether or not reference and address belong together."""
    form = StatusLinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            limits.take_form("links", limits.network_of(request))
        except limits.TooManyError as error:
            return later(request, error, "interest/status_link.html", form=form)
        actions.send_status_link(**form.cleaned_data)
        return redirect("interest:status_link_sent")
    return render(request, "interest/status_link.html", {"form": form})


@never_cache
@require_safe
def status_link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "interest/status_link_sent.html")
