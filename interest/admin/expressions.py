"""The forms that focal points sent in."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from coalition.mail import words
from coalition.mail.admin import ReadOnlyAdmin
from interest.admin.columns import CountryFilter, ReferralColumns, read_link
from interest.admin.erasing import erase_selected
from interest.models import Event, ExpressionOfInterest, Referral
from interest.story import actor_of


def told(events: Iterable[Event]) -> SafeString:
    lines = ((words.moment(event.created_at), event.get_what_display(), actor_of(event), event.why) for event in events)
    return format_html_join("", "<p>{} · {} · {} {}</p>", lines)


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
    fields = ["story", "state", "asked", "mail", "earlier"]
    readonly_fields = ["story", "state", "asked", "mail", "earlier"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        return Referral.objects.with_recipients().select_related("expression")

    @admin.display(description=_("initiative"))
    def story(self, referral: Referral) -> SafeString:
        """Leads to all that happened to the request, and to what can be done."""
        address = reverse("admin:interest_referral_change", args=[referral.pk])
        return format_html('<a href="{}">{}</a>', address, referral.initiative)


@admin.register(ExpressionOfInterest)
class ExpressionOfInterestAdmin(ReadOnlyAdmin):
    list_display = ["reference", "country", "institution", "name", "count", "created_at", "is_confirmed"]
    list_filter = [("verified_at", admin.EmptyFieldListFilter), "created_at", CountryFilter]
    search_fields = ["reference", "name", "institution", "email"]
    search_help_text = _("A reference such as EOI-2026-K7M3QX, a name, an institution or an address.")
    ordering = ["-created_at", "-pk"]  # counting per row drops the order of the model
    show_full_result_count = False
    inlines = [ReferralInline]
    actions = [erase_selected]
    fieldsets = [
        (
            None,
            {
                "fields": ["reference", "created_at", "verified_at", "withdrawn_at", "erased_at", "mails", "events"],
                "description": _(
                    "One form that a focal point sent in. Nothing is sent to organizations before the address is confirmed. "
                    "An expression of interest is not a guarantee of participation and is never counted as participation."
                ),
            },
        ),
        (_("Who asks"), {"fields": ["name", "job_title", "institution", "country", "email", "phone", "message", "language"]}),
    ]
    readonly_fields = ["created_at", "erased_at", "mails", "events"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExpressionOfInterest]:
        return ExpressionOfInterest.objects.annotate(count=Count("referrals"))

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Nobody deletes the row itself, because it is counted."""
        return request.user.has_perm("interest.delete_expressionofinterest")

    def render_change_form(self, request: HttpRequest, context: Any, *positions: Any, **more: Any) -> HttpResponse:
        expression = more.get("obj")
        may_erase = expression is not None and not expression.is_erased and self.has_erase_permission(request)
        return super().render_change_form(request, context | {"may_erase": may_erase}, *positions, **more)

    @admin.display(description=_("initiatives"), ordering="count")
    def count(self, expression: Any) -> int:
        return int(expression.count)

    @admin.display(description=_("address confirmed"), boolean=True, ordering="verified_at")
    def is_confirmed(self, expression: ExpressionOfInterest) -> bool:
        return expression.is_verified

    @admin.display(description=_("mails about it"))
    def mails(self, expression: ExpressionOfInterest) -> SafeString:
        lines = (
            (read_link(email, email.subject), email.recipient, words.state(email))
            for email in expression.mails().defer("text", "html", "frozen")
        )
        return format_html_join("", "<p>{} → {} ({})</p>", lines)

    @admin.display(description=_("what happened"))
    def events(self, expression: ExpressionOfInterest) -> SafeString:
        return told(expression.events())
