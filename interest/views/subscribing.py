"""Mails about what changes: ask for them, confirm it, see, change and stop them. Who only opens a link changes nothing."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from initiatives.following import Followed
from interest import actions, limits, links
from interest.forms import LinkForm, SubscribeForm, SubscriptionsForm
from interest.views.kinds import explain, for_one_visitor, from_here_or_token, later, mailed_link, show_or_act
from interest.views.registering import mail_folder

ONE_CLICK = ("List-Unsubscribe", "One-Click")


@from_here_or_token
@for_one_visitor
@show_or_act
def subscribe(request: HttpRequest) -> HttpResponse:
    """The address says what is followed. The answer is the same whether or not the mail address is known."""
    followed = Followed.read(request.GET)
    form = SubscribeForm(request.POST if request.method == "POST" else None, followed=followed)
    if form.is_valid():
        try:
            actions.subscribe(
                **form.cleaned_data,
                query=followed.query,
                language=get_language() or settings.LANGUAGE_CODE,
                network=limits.network_of(request),
            )
        except limits.TooManyError as error:
            return later(request, error, "interest/subscribe.html", form=form, followed=followed)
        return redirect("interest:subscribe_sent")
    return render(request, "interest/subscribe.html", {"form": form, "followed": followed})


@never_cache
@require_safe
def subscribe_sent(request: HttpRequest) -> HttpResponse:
    context = {
        "hours": links.VERIFICATION_LIFE.days * 24,
        "mail_folder": mail_folder() if settings.DEMONSTRATION else "",
    }
    return render(request, "interest/subscribe_sent.html", context)


@mailed_link
@show_or_act
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    subscription = links.read_confirmation(token)
    if request.method == "POST":
        confirmed = actions.confirm(subscription=subscription)
        messages.success(request, _("Confirmed. From now on you get a mail when something changes."))
        return redirect(links.subscriber_path("subscriptions", confirmed.subscriber))
    # The link of an unconfirmed address opens nothing else.
    path = links.subscriber_path("subscriptions", subscription.subscriber) if subscription.confirmed_at else ""
    return render(request, "interest/confirm.html", {"subscription": subscription, "subscriptions_path": path})


@mailed_link
@show_or_act
def subscriptions(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = links.read_subscriber("subscriptions", token)
    confirmed = list(subscriber.subscriptions.confirmed())
    form = SubscriptionsForm(request.POST if request.method == "POST" else None, subscriptions=confirmed)
    if request.method == "POST" and "everything" in request.POST:
        actions.unsubscribe(subscriber=subscriber)
        return render(request, "interest/unsubscribed.html")
    if form.is_valid():
        for subscription, frequency in form.frequencies():
            actions.change_frequency(subscription=subscription, frequency=frequency)
        actions.unsubscribe(subscriber=subscriber, references=form.stopped())
        if len(form.stopped()) == len(confirmed):
            return render(request, "interest/unsubscribed.html")
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return render(request, "interest/subscriptions.html", {"subscriber": subscriber, "form": form})


@csrf_exempt
@show_or_act
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail program posts to when its user says: unsubscribe (RFC 8058). It has no cookie, and its user sees no answer.

    GET only shows a button that posts the same. A POST without RFC 8058's words does nothing: programs that try addresses out.
    """
    is_click = request.method == "POST" and request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
    try:
        subscriber = links.read_subscriber("unsubscribe", token)
    except links.LinkError as problem:
        is_second = is_click and isinstance(problem, links.StoppedLinkError)
        return render(request, "interest/unsubscribed.html") if is_second else explain(request, problem)
    if is_click:
        actions.unsubscribe(subscriber=subscriber)
        return render(request, "interest/unsubscribed.html")
    status = HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
    context = {"one_click": ONE_CLICK, "subscriptions": subscriber.subscriptions.confirmed()}
    return render(request, "interest/unsubscribe.html", context, status=status)


@from_here_or_token
@never_cache
@show_or_act
def link(request: HttpRequest) -> HttpResponse:
    """For who lost the link. The answer is the same whether or not the address is known."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            limits.take_form("links", limits.network_of(request))
        except limits.TooManyError as error:
            return later(request, error, "interest/subscriptions_link.html", form=form)
        actions.send_subscriptions_link(**form.cleaned_data)
        return redirect("interest:subscriptions_link_sent")
    return render(request, "interest/subscriptions_link.html", {"form": form})


@never_cache
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "interest/subscriptions_link_sent.html")
