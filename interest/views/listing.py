"""The list of all that one address is asked (docs/adr/0009)."""

from itertools import groupby
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coalition.mail.models import OutgoingEmail
from initiatives.templatetags.wording import with_commas
from interest import actions, limits, links
from interest.forms import ListForm
from interest.models import Answer, ExpressionOfInterest, Referral
from interest.views.kinds import later, mailed_link, show_or_act

# More than anybody answers at once; the next ones move up.
MOST = 50


class Row(NamedTuple):
    """One request; `value` is what its tick stands for."""

    expression: ExpressionOfInterest
    referrals: list[Referral]
    days: int
    path: str
    value: str


@mailed_link
@show_or_act
def requests(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link may read and answer all that is asked of one address, so it lives for days only."""
    if "fresh" in request.POST:
        return send_list(request, token)
    email = links.read_list(token, grace=links.TIME_TO_WRITE if request.method == "POST" else links.NO_GRACE)
    form = ListForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and record(request, email, form):
        return redirect(request.path)
    rows = listed(email)
    context = {
        "form": form,
        "rows": rows[:MOST],
        "more": len(rows[MOST:]),
        "ticked": form["requests"].value() or [],
        "days": links.LIST_LIFE.days,
    }
    return render(request, "interest/requests.html", context)


def listed(email: OutgoingEmail) -> list[Row]:
    """One row for each request, the longest waiting first."""
    rows: list[Row] = []
    for expression, group in groupby(actions.waiting_for(email), key=lambda referral: referral.expression):
        referrals = list(group)
        codes = [referral.initiative.code for referral in referrals]
        days = max(referral.days_waiting for referral in referrals)
        path = links.answer_path(expression, email.key)
        rows.append(Row(expression, referrals, days, path, " ".join([expression.reference, *codes])))
    return sorted(rows, key=lambda row: -row.days)


def record(request: HttpRequest, email: OutgoingEmail, form: ListForm) -> bool:
    """Whether the form is done with."""
    chosen = form.chosen()
    try:
        answers = actions.answer_together(email=email, key=form.cleaned_data["key"], chosen=chosen, content=form.content())
    except actions.NothingToAnswerError:
        messages.warning(request, _("Nothing was sent: meanwhile all of this was answered, or is asked of somebody else."))
    except actions.TooManyAnswersError:
        form.add_error(None, _("Nothing was sent: one of these was answered several times today. Please send it tomorrow."))
        return False
    else:
        tell(request, answers)
    return True


def tell(request: HttpRequest, answers: list[Answer]) -> None:
    told = {answer.referral.expression_id for answer in answers if answer.referral.is_live}
    late = sorted({str(answer.referral) for answer in answers if not answer.referral.is_live})
    if told or not answers:  # nothing is recorded the second time that the same form comes
        words = ngettext(
            "Thank you. Your answer is recorded, and a mail tells the focal point.",
            "Thank you. Your answer to %(n)s requests is recorded, and a mail tells each focal point.",
            len(told) or 1,
        )
        messages.success(request, words % {"n": len(told)})
    if late:
        words = ngettext(
            "This was withdrawn before your answer came, so nobody gets a mail about it: %(late)s. Your words are kept.",
            "These were withdrawn before your answer came, so nobody gets a mail about them: %(late)s. Your words are kept.",
            len(late),
        )
        messages.warning(request, words % {"late": with_commas(late)})


def send_list(request: HttpRequest, token: str) -> HttpResponse:
    """To the address that had the old one. The answer is the same whether or not a mail was written."""
    email, _is_over = links.read_list_of_any_age(token)
    try:
        limits.take_form("links", limits.network_of(request))
    except limits.TooManyError as error:
        return later(request, error)
    actions.send_list(email=email)
    return redirect("interest:list_sent")


@never_cache
@require_safe
def list_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "interest/list_sent.html", {"days": links.LIST_LIFE.days})
