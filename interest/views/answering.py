"""The page behind a contact's link."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from initiatives.templatetags.wording import with_commas
from interest import actions, limits, links
from interest.actions.repeating import is_repeated
from interest.forms import AnswerForm
from interest.models import Referral
from interest.views.kinds import later, mailed_link, show_or_act


@mailed_link
@show_or_act
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link may read the request and answer it, so it shows nothing that was not in the mail.

    An answer that came in before is shown too, to a second contact or a colleague: the office and the day, never a person.
    """
    if "fresh" in request.POST or "list" in request.POST:
        return send_link(request, token)
    asked = links.read_answer(token, grace=links.TIME_TO_WRITE if request.method == "POST" else links.NO_GRACE)
    referrals = list(asked.expression.referrals.asked_by(asked.email).with_answers())
    live = [referral for referral in referrals if referral.is_live]
    form = AnswerForm(referrals=live)
    if request.method == "POST":
        if not (about := shown(request, referrals)):
            return too_late(request)
        form = AnswerForm(request.POST, referrals=about)
        if response := record(request, asked, form):
            return response
    is_listed = asked.email.kind in links.LISTING
    context = {
        "expression": asked.expression,
        "referrals": referrals,
        "live": live,
        "form": form,
        "said": [referral for referral in live if referral.answers.all()],
        "is_informed": any(referral.is_informed for referral in live),
        "list_path": links.list_path(asked.email.key) if is_listed else "",
        "more_waits": not is_listed and actions.waiting_for(asked.email).exclude(expression=asked.expression).exists(),
    }
    return render(request, "interest/answer.html", context)


def shown(request: HttpRequest, referrals: Iterable[Referral]) -> list[Referral]:
    """What the sent form was about: what is live, and what it has fields for though it was withdrawn since."""
    return [referral for referral in referrals if referral.is_live or f"{referral.initiative.code}-text" in request.POST]


def record(request: HttpRequest, asked: links.Asked, form: AnswerForm) -> HttpResponse | None:
    """Nothing if the form must be shown once more."""
    if not form.is_valid():
        return None if any(referral.is_live for referral in form.referrals) else too_late(request)
    contents = form.contents()
    shares_address = form.cleaned_data["shares_address"]
    key = form.cleaned_data["key"]
    sent: dict[str, Any] = {"asked": asked, "key": key, "contents": contents, "shares_address": shares_address}
    if is_repeated(referrals=form.referrals, **sent):
        messages.info(request, _("This was your answer already; nothing new was sent."))
        return redirect(request.path)
    try:
        actions.answer(**sent)
    except actions.NothingToAnswerError:
        return too_late(request)
    except actions.TooManyAnswersError:
        form.add_error(None, _("Nothing was sent: this request was answered several times today. Please send it tomorrow."))
        return None
    tell(request, [referral for referral in form.referrals if referral.initiative.code in contents])
    return redirect(request.path)


def tell(request: HttpRequest, answered: list[Referral]) -> None:
    """The same to whoever sends the form twice."""
    late = [referral.initiative.code for referral in answered if not referral.is_live]
    if len(late) < len(answered):
        messages.success(request, _("Thank you. Your answer is recorded, and a mail tells the focal point."))
    if late:
        words = ngettext(
            "The focal point withdrew %(codes)s before your answer came, so they get no mail about it. "
            "Nothing more is needed: your answer is kept, and stands on their page and in the Coalition’s record.",
            "The focal point withdrew these before your answer came, so they get no mail about them: %(codes)s. "
            "Nothing more is needed: your answer is kept, and stands on their page and in the Coalition’s record.",
            len(late),
        )
        messages.warning(request, words % {"codes": with_commas(late)})


def too_late(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Your answer was not sent: meanwhile this was withdrawn, or is asked of somebody else."))
    return redirect(request.path)


def send_link(request: HttpRequest, token: str) -> HttpResponse:
    """To the address that had this one: a new one to the same request, or one to a list of all. The answer is the same whether
    or not a mail was written.
    """
    asked, _is_over = links.read_answer_of_any_age(token)
    try:
        limits.take_form("links", limits.network_of(request))
    except limits.TooManyError as error:
        return later(request, error)
    if "list" in request.POST:
        actions.send_list(email=asked.email)
        return redirect("interest:list_sent")
    actions.send_answer_link(asked=asked)
    return redirect("interest:link_sent")


@never_cache
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "interest/link_sent.html", {"days": links.answer_life().days})
