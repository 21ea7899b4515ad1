"""The staff's inbox: a list with named queries, and one page for each referral that tells its whole story."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from coalition.mail.admin import ReadOnlyAdmin
from interest import actions, inbox
from interest.admin.columns import WAITS, ReferralColumns, ReferralCountryFilter, StateFilter, StatusFilter
from interest.admin.repairs import Repairs
from interest.admin.reports import Reports
from interest.forms import NoteForm, StaffAnswerForm
from interest.links import LinkError
from interest.models import Referral
from interest.story import addresses_asked, story


def nothing_saved(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the login leads whose session ended before they pressed a button."""
    messages.warning(request, _("Nothing was saved: you had been signed out. Please do it again."))
    return redirect("admin:interest_referral_change", pk)


@admin.register(Referral)
class ReferralAdmin(Repairs, Reports, ReferralColumns, ReadOnlyAdmin):
    change_list_template = "admin/interest/referral/change_list.html"
    # Every state of the inbox. The first page counts those of `to_do` as work, the others as numbers.
    states = {
        "new": _("New in the last 7 days"),
        "waiting": _("Waiting for an answer"),
        "answered": _("Answered"),
        "overdue": _("Overdue: no full answer in time"),
        "undeliverable": _("Not delivered to whom it asks"),
        "to_pass_on": _("Sent to the wrong person"),
        "asked_in_vain": _("Sent to a contact who changed since"),
        "with_the_coalition": _("With the Coalition: no contact is known"),
        "live": _("All that is live"),
        "counted": _("All, also those whose details are deleted"),
    }
    to_do = {name: work.label for name, work in inbox.WORK.items()}
    list_display = ["code", "title", "reference", "country", "state", "days", "asked", "mail"]
    list_display_links = ["code", "title"]
    list_filter = [
        StateFilter,
        "is_live",
        StatusFilter,
        "email__state",
        "initiative__sub_working_group",
        ("contact__organization", admin.RelatedOnlyFieldListFilter),
        ReferralCountryFilter,
    ]
    search_fields = ["initiative__code", "initiative__title", "expression__reference", "expression__institution"]
    search_help_text = _("A code, words of a title, a reference or an institution.")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        return Referral.objects.with_recipients().select_related("expression")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Work begins with what waits longest; everything else with what came last."""
        sign = "" if StateFilter.parameter_name in request.GET and request.GET["to_do"] != "new" else "-"
        return [f"{sign}expression__verified_at", f"{sign}expression__created_at", "initiative__code"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/answer/", view(self.answer_for), name="interest_referral_answer"),
            path("<int:pk>/note/", view(self.note), name="interest_referral_note"),
            path("<int:pk>/links/", view(self.replace_links), name="interest_referral_links"),
            *self.repair_urls(),
            *self.report_urls(),
            *super().get_urls(),
        ]

    def may_act(self, request: HttpRequest) -> bool:
        """Who may change referrals may write down answers and notes and pass on, though nobody changes a referral by hand."""
        return request.user.has_perm("interest.change_referral")

    def change_view(self, request: HttpRequest, object_id: str, *_more: Any, **_context: Any) -> HttpResponse:
        return require_safe(self.story)(request, object_id)

    def story(self, request: HttpRequest, object_id: str, form: NoteForm | None = None) -> HttpResponse:
        """Who asks, whom, what was mailed, answered, noted and decided, and what can be done next."""
        referral: Any = self.get_object(request, object_id)
        if referral is None:
            raise Http404
        if not self.has_view_permission(request, referral):
            raise PermissionDenied
        referral = Referral.objects.with_correspondence().select_related("expression").get(pk=referral.pk)
        context = self.admin_site.each_context(request) | {
            "title": str(referral),
            "opts": self.opts,
            "referral": referral,
            "status": inbox.status_of(referral),
            "is_waiting": referral.is_live and referral.status in WAITS,
            "is_settled": referral.status in Referral.SETTLED,
            "story": story(referral),
            "asked": addresses_asked(referral),
            "form": form or NoteForm(),
            "may_act": self.may_act(request),
            "may_see_mails": request.user.has_perm("mail.view_outgoingemail"),
            "may_replace": self.may_act(request) and referral.expression.is_verified and not referral.expression.is_erased,
            "may_answer": self.may_act(request) and referral.is_live and not referral.expression.is_erased,
        }
        return TemplateResponse(request, "admin/interest/referral/story.html", context)

    def note(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.may_act(request):
            raise PermissionDenied
        referral = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return nothing_saved(request, pk)
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self.story(request, str(pk), form)
        actions.note(referral=referral, by=request.user, text=form.cleaned_data["text"])  # type: ignore[arg-type]
        messages.success(request, _("The note is written."))
        return redirect("admin:interest_referral_change", pk)

    def replace_links(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For a link that leaked. The new ones are mailed, and shown to nobody."""
        if not self.may_act(request):
            raise PermissionDenied
        referral = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST":
            return nothing_saved(request, pk)
        try:
            written = actions.replace_links(expression=referral.expression, staff=request.user)  # type: ignore[arg-type]
        except actions.ReplacedTodayError:
            messages.error(request, _("The links were replaced today already. Please wait until tomorrow."))
        except LinkError:
            messages.error(request, _("There is no link to replace."))
        else:
            messages.success(request, _("All links are replaced. New ones are mailed: %(n)s.") % {"n": len(written)})
        return redirect("admin:interest_referral_change", pk)

    def answer_for(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form with which staff write down what a silent contact said elsewhere."""
        if not self.may_act(request):
            raise PermissionDenied
        referral = get_object_or_404(self.get_queryset(request).live(), pk=pk)  # type: ignore[attr-defined]
        form = StaffAnswerForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            self.write_down(request, referral, form)
            return redirect("admin:interest_referral_change", pk)
        context = self.admin_site.each_context(request) | {
            "title": _("Answer for %(office)s") % {"office": referral.asked},
            "referral": referral,
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/interest/referral/answer.html", context)

    def write_down(self, request: HttpRequest, referral: Referral, form: StaffAnswerForm) -> None:
        key, why = form.cleaned_data["key"], form.cleaned_data["why"]
        try:
            actions.answer_for(referral=referral, staff=request.user, key=key, content=form.content(), why=why)  # type: ignore[arg-type]
        except actions.NothingToAnswerError:
            messages.error(request, _("Nothing was written down: it was withdrawn in the meantime."))
        else:
            messages.success(request, _("The answer is written down, and a mail tells the focal point."))

    @admin.display(description=_("code"), ordering="initiative__code")
    def code(self, referral: Referral) -> str:
        return referral.initiative.code

    @admin.display(description=_("initiative"), ordering="initiative__title")
    def title(self, referral: Referral) -> str:
        return referral.initiative.title

    @admin.display(description=_("expression of interest"), ordering="expression__reference")
    def reference(self, referral: Referral) -> SafeString:
        address = reverse("admin:interest_expressionofinterest_change", args=[referral.expression_id])
        return format_html('<a href="{}">{}</a>', address, referral.expression.reference)

    @admin.display(description=_("country"), ordering="expression__country")
    def country(self, referral: Referral) -> str:
        return referral.expression.get_country_display()
