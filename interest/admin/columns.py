"""What pages about interest have in common: links, columns, filters."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from coalition.mail.models import OutgoingEmail
from interest.inbox import STATUS, status_of
from interest.models import Referral

# What somebody still has to do something about. Staff, if it was sent to the wrong person.
WAITS = (*Referral.UNANSWERED, Referral.Status.WRONG_PERSON)


def read_link(email: OutgoingEmail | None, words: Any) -> SafeString | str:
    """To the page that shows a mail as its reader sees it."""
    if email is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("admin:mail_outgoingemail_read", args=[email.pk]), words)


def repair_address(inquiry_id: int) -> str:
    return reverse("admin:interest_referral_repair", args=[inquiry_id])


class CountryFilter(admin.SimpleListFilter):
    """Only countries that somebody wrote from, by their names. `field` is where the model finds the country."""

    title = _("country")
    parameter_name = "country"
    field = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = model_admin.model.objects.order_by().values_list(self.field, flat=True).distinct()
        return sorted(((code, countries.name(code)) for code in codes), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class ReferralCountryFilter(CountryFilter):
    field = "expression__country"


class StateFilter(admin.SimpleListFilter):
    """The named queries of the inbox. On the first page they are counted under the same names."""

    title = _("inbox")
    parameter_name = "to_do"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[Any]:
        yield from model_admin.states.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return getattr(queryset, chosen)() if chosen in dict(self.lookup_choices) else queryset


class StatusFilter(admin.SimpleListFilter):
    """In the words that staff read everywhere else."""

    title = _("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATUS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(status=self.value()) if self.value() in STATUS else queryset


class ReferralColumns:
    """What a list of referrals shows, from what `with_recipients` fetched."""

    @admin.display(description=_("status"), ordering="status")
    def state(self, referral: Referral) -> str:
        return status_of(referral) if referral.is_live else ""

    @admin.display(description=_("asked"))
    def asked(self, referral: Referral) -> str:
        return str(referral.contact) if referral.contact else referral.asked if referral.is_live else ""

    @admin.display(description=_("what became of the mail"))
    def mail(self, referral: Referral) -> SafeString | str:
        return read_link(referral.email, referral.delivery.label) or str(referral.delivery.label)

    @admin.display(description=_("registered before in"))
    def earlier(self, referral: Referral) -> str:
        return referral.already_live.expression.reference if referral.already_live else ""

    @admin.display(description=_("calendar days waiting"), ordering="waiting_since")
    def days(self, referral: Referral) -> str:
        return str(referral.days_waiting) if referral.is_live and referral.status in WAITS else ""
