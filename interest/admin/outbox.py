"""The queue of mails, with what only interest knows: which request a mail is about, and where its recipient is repaired."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from coalition.mail.admin import OutgoingEmailAdmin
from coalition.mail.models import OutgoingEmail
from interest.admin.columns import repair_address
from interest.models import ExpressionOfInterest, Inquiry, Referral
from interest.models.expressions import MAILED


def reference_of(email: OutgoingEmail) -> str:
    """Of the expression that its key names. Mails that remind, and those to staff, name none."""
    kind, *more = email.key.split(":")
    return more[0] if kind in MAILED and more else ""


@dataclass(frozen=True)
class About:
    """One request that a mail is about, with those of its initiatives that the mail asks about, or all."""

    expression: ExpressionOfInterest
    referrals: list[Referral]


def about(email: OutgoingEmail) -> Iterator[About]:
    asked: dict[ExpressionOfInterest, list[Referral]] = {}
    for inquiry in email.inquiries.select_related("referral__expression", "referral__initiative"):
        asked.setdefault(inquiry.referral.expression, []).append(inquiry.referral)
    named = ExpressionOfInterest.objects.filter(reference=reference_of(email)).exclude(pk__in=[each.pk for each in asked])
    for expression in named:
        asked[expression] = list(expression.referrals.select_related("initiative"))
    for expression, referrals in asked.items():
        yield About(expression, referrals)


def to_repair(email: OutgoingEmail) -> str:
    """Where somebody else is asked instead of whom this mail did not reach, or who does not answer it. Empty if nothing waits."""
    waiting = email.inquiries.open().filter(referral__in=Referral.objects.unsettled())
    return repair_address(waiting.latest("pk").pk) if waiting else ""


admin.site.unregister(OutgoingEmail)


@admin.register(OutgoingEmail)
class OutboxAdmin(OutgoingEmailAdmin):
    list_display = ["state_in_words", "reason", "recipient", "read_subject", "about", "kind", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        asked = Inquiry.objects.select_related("referral__expression")
        return super().get_queryset(request).prefetch_related(Prefetch("inquiries", asked))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """A reference finds every mail about the request, also those whose key does not name it, such as reminders."""
        reference = search_term.strip().upper()
        if reference and (expression := ExpressionOfInterest.objects.filter(reference=reference).first()):
            return queryset.filter(pk__in=expression.mails().order_by().values("pk")), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("about"))
    def about(self, email: Any) -> SafeString:
        """Leads to what happened to each request. Uses what the list fetched."""
        asked = {inquiry.referral.expression.reference for inquiry in email.inquiries.all()}
        references = sorted(asked | {reference_of(email)} - {""})
        lists = reverse("admin:interest_referral_changelist")
        return format_html_join(" ", '<a href="{}?q={}">{}</a>', ((lists, each, each) for each in references))

    def more_about(self, request: HttpRequest, email: OutgoingEmail) -> dict[str, Any]:
        may_repair = request.user.has_perm("interest.change_referral")
        sees = request.user.has_perm("interest.view_referral")
        return {"about": list(about(email)) if sees else [], "repair": to_repair(email) if may_repair else ""}
