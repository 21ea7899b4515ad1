"""The staff's view of interest: who asked for what, whom it was sent to, what became of it. Only actions change it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from coalition.mail.admin import ReadOnlyAdmin
from coalition.mail.models import OutgoingEmail
from initiatives.admin.todo import ToDoFilter
from interest import actions
from interest.forms import StaffAnswerForm
from interest.models import Answer, Event, ExpressionOfInterest, Referral


def read_link(email: OutgoingEmail | None, words: Any) -> SafeString | str:
    """To the page that shows a mail as its reader sees it."""
    if email is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("admin:mail_outgoingemail_read", args=[email.pk]), words)


def told(events: Iterable[Event]) -> SafeString:
    lines = (
        (event.created_at.strftime("%Y-%m-%d %H:%M"), event.get_what_display(), event.get_actor_display(), event.by, event.why)
        for event in events
    )
    return format_html_join("", "<p>{} · {} · {} {} {}</p>", lines)


class ReferralColumns:
    """What a list of referrals shows, from what `with_recipients` fetched."""

    @admin.display(description=_("status"), ordering="status")
    def state(self, referral: Referral) -> str:
        return referral.get_status_display() if referral.is_live else ""

    @admin.display(description=_("asked"))
    def asked(self, referral: Referral) -> str:
        return str(referral.contact) if referral.contact else referral.asked if referral.is_live else ""

    @admin.display(description=_("what became of the mail"))
    def mail(self, referral: Referral) -> SafeString | str:
        return read_link(referral.email, referral.delivery.label) or str(referral.delivery.label)

    @admin.display(description=_("registered before in"))
    def earlier(self, referral: Referral) -> str:
        return referral.already_live.expression.reference if referral.already_live else ""


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReferralInline(ReferralColumns, ReadOnlyInline):
    model = Referral
    fk_name = "expression"
    fields = ["initiative", "state", "asked", "mail", "earlier"]
    readonly_fields = ["initiative", "state", "asked", "mail", "earlier"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        return Referral.objects.with_recipients().select_related("expression")


class AnswerInline(ReadOnlyInline):
    model = Answer
    fields = ["created_at", "author", "contact", "kind", "period", "text", "instead", "direct_email"]
    readonly_fields = ["created_at", "instead"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        return Answer.objects.select_related("contact__organization")

    @admin.display(description=_("ask instead"))
    def instead(self, answer: Answer) -> str:
        return f"{answer.proposed_name} {answer.proposed_email}".strip()


@admin.register(ExpressionOfInterest)
class ExpressionOfInterestAdmin(ReadOnlyAdmin):
    list_display = ["reference", "country", "institution", "name", "count", "created_at", "is_confirmed"]
    list_filter = [("verified_at", admin.EmptyFieldListFilter), "created_at", "country"]
    search_fields = ["reference", "name", "institution", "email"]
    search_help_text = _("A reference such as EOI-2026-K7M3QX, a name, an institution or an address.")
    ordering = ["-created_at", "-pk"]  # counting per row drops the order of the model
    show_full_result_count = False
    inlines = [ReferralInline]
    fieldsets = [
        (
            None,
            {
                "fields": ["reference", "created_at", "verified_at", "withdrawn_at", "mails", "events"],
                "description": _(
                    "One form that a focal point sent in. Nothing is sent to organizations before the address is confirmed. "
                    "An expression of interest is not a guarantee of participation and is never counted as participation."
                ),
            },
        ),
        (_("Who asks"), {"fields": ["name", "job_title", "institution", "country", "email", "phone", "message", "language"]}),
    ]
    readonly_fields = ["created_at", "mails", "events"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExpressionOfInterest]:
        return ExpressionOfInterest.objects.annotate(count=Count("referrals"))

    @admin.display(description=_("initiatives"), ordering="count")
    def count(self, expression: Any) -> int:
        return int(expression.count)

    @admin.display(description=_("address confirmed"), boolean=True, ordering="verified_at")
    def is_confirmed(self, expression: ExpressionOfInterest) -> bool:
        return expression.is_verified

    @admin.display(description=_("mails about it"))
    def mails(self, expression: ExpressionOfInterest) -> SafeString:
        lines = (
            (read_link(email, email.subject), email.recipient, email.get_state_display())
            for email in expression.mails().defer("text", "html", "frozen")
        )
        return format_html_join("", "<p>{} → {} ({})</p>", lines)

    @admin.display(description=_("what happened"))
    def events(self, expression: ExpressionOfInterest) -> SafeString:
        return told(expression.events())


@admin.register(Referral)
class ReferralAdmin(ReferralColumns, ReadOnlyAdmin):
    to_do = {
        "with_the_coalition": _("Interest in initiatives without a contact: the Coalition’s mailbox was asked"),
        "to_pass_on": _("Interest that was sent to the wrong person: find out who should be asked"),
    }
    inlines = [AnswerInline]
    list_display = ["code", "title", "reference", "country", "state", "asked", "mail"]
    list_filter = [
        ToDoFilter,
        "is_live",
        "status",
        "email__state",
        "initiative__sub_working_group",
        ("contact__organization", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["initiative__code", "initiative__title", "expression__reference", "expression__institution"]
    search_help_text = _("A code, words of a title, a reference or an institution.")
    ordering = ["-expression__created_at", "initiative__code"]
    show_full_result_count = False
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "initiative",
                    "expression",
                    "state",
                    "is_live",
                    "asked",
                    "mail",
                    "earlier",
                    "proposal",
                    "events",
                    "answer",
                ],
                "description": _("One initiative within an expression of interest, with its own status."),
            },
        )
    ]
    readonly_fields = ["state", "asked", "mail", "earlier", "proposal", "events", "answer"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        return Referral.objects.with_recipients().select_related("expression")

    def get_urls(self) -> list[URLPattern]:
        answer = self.admin_site.admin_view(self.answer_for)
        return [path("<int:pk>/answer/", answer, name="interest_referral_answer"), *super().get_urls()]

    def has_answer_permission(self, request: HttpRequest) -> bool:
        """Who may change referrals may write down answers, though nobody changes a referral by hand."""
        return request.user.has_perm("interest.change_referral")

    def answer_for(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form with which staff write down what a silent contact said elsewhere."""
        if not self.has_answer_permission(request):
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

    @admin.display(description=_("answer"))
    def answer(self, referral: Referral) -> SafeString | str:
        if not referral.is_live:
            return ""
        address = reverse("admin:interest_referral_answer", args=[referral.pk])
        return format_html('<a href="{}">{}</a>', address, _("Write down an answer that came in another way"))

    @admin.display(description=_("what happened"))
    def events(self, referral: Referral) -> SafeString:
        return told(event for event in referral.expression.events() if referral.initiative.code in event.codes or not event.codes)

    @admin.display(description=_("ask instead"))
    def proposal(self, referral: Referral) -> str:
        """Whom the contact proposed, while that waits for staff."""
        if referral.status != Referral.Status.WRONG_PERSON:
            return ""
        last = referral.answers.last()
        return f"{last.proposed_name} {last.proposed_email}".strip() if last else ""

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
