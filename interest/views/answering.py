"""The page behind a contact's link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from interest import actions, limits, links
from interest.forms import AnswerForm
from interest.views.kinds import later, mailed_link, show_or_act


@mailed_link
@show_or_act
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link may read the request and answer it, so it shows nothing that was not in the mail.

    An answer that came in before is shown too, to a second contact or a colleague: the office and the day, never a person.
    """
    if request.method == "POST" and "fresh" in request.POST:
        return send_fresh_link(request, token)
    asked = links.read_answer(token, grace=links.TIME_TO_WRITE if request.method == "POST" else links.NO_GRACE)
    referrals = list(asked.expression.referrals.asked_by(asked.email).with_answers())
    live = [referral for referral in referrals if referral.is_live]
    form = AnswerForm(request.POST if request.method == "POST" else None, referrals=live) if live else None
    was_too_late = request.method == "POST" and not live
    if form and form.is_valid():
        try:
            actions.answer(
                asked=asked,
                key=form.cleaned_data["key"],
                contents=form.contents(),
                shares_address=form.cleaned_data["shares_address"],
            )
        except actions.NothingToAnswerError:
            was_too_late = True
        except actions.TooManyAnswersError:
            form.add_error(None, _("Nothing was sent: this link was used for several answers today. Please send it tomorrow."))
        else:
            messages.success(request, _("Thank you. Your answer is recorded, and a mail tells the focal point."))
            return redirect(request.path)
    context = {"expression": asked.expression, "referrals": referrals, "live": live, "form": form, "was_too_late": was_too_late}
    return render(request, "interest/answer.html", context)


def send_fresh_link(request: HttpRequest, token: str) -> HttpResponse:
    """The answer is the same whether or not a mail was written."""
    asked, _is_over = links.read_answer_of_any_age(token)
    try:
        limits.take_form("links", limits.network_of(request))
    except limits.TooManyError as error:
        return later(request, error)
    actions.send_answer_link(asked=asked)
    return render(request, "interest/link_sent.html", {"days": links.answer_life().days})
