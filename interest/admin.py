"""The staff's view of interest: who asked for what, whom it was sent to, what became of it. Only actions change it."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from coalition.mail.admin import ReadOnlyAdmin
from coalition.mail.models import OutgoingEmail
from initiatives.admin.todo import ToDoFilter
from interest.models import ExpressionOfInterest, Referral


def read_link(email: OutgoingEmail | None, words: Any) -> SafeString | str:
    """To the page that shows a mail as its reader sees it."""
    if email is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("admin:mail_outgoingemail_read", args=[email.pk]), words)


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


class ReferralInline(ReferralColumns, admin.TabularInline):
    model = Referral
    fk_name = "expression"
    fields = ["initiative", "state", "asked", "mail", "earlier"]
    readonly_fields = ["initiative", "state", "asked", "mail", "earlier"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        return Referral.objects.with_recipients().select_related("expression")


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
                "fields": ["reference", "created_at", "verified_at", "withdrawn_at", "mails"],
                "description": _(
                    "One form that a focal point sent in. Nothing is sent to organizations before the address is confirmed. "
                    "An expression of interest is not a guarantee of participation and is never counted as participation."
                ),
            },
        ),
        (_("Who asks"), {"fields": ["name", "job_title", "institution", "country", "email", "phone", "message", "language"]}),
    ]
    readonly_fields = ["created_at", "mails"]

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


@admin.register(Referral)
class ReferralAdmin(ReferralColumns, ReadOnlyAdmin):
    to_do = {"with_the_coalition": _("Interest in initiatives without a contact: the Coalition’s mailbox was asked")}
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
                "fields": ["initiative", "expression", "state", "is_live", "asked", "mail", "earlier"],
                "description": _("One initiative within an expression of interest, with its own status."),
            },
        )
    ]
    readonly_fields = ["state", "asked", "mail", "earlier"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        return Referral.objects.with_recipients().select_related("expression")

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
