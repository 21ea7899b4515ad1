"""Where interest stands, by initiative, organization and country: counts that lead to the lists they count."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_countries import countries

from initiatives.models import Initiative, Organization
from interest.models import Referral


@dataclass(frozen=True)
class Dimension:
    """By what is counted: the column, the list's filter for one of its values, and their names."""

    label: str | Promise
    column: str
    parameter: str
    names: Callable[[set[Any]], dict[Any, str]]


def names_of_initiatives(ids: set[Any]) -> dict[Any, str]:
    return {initiative.pk: str(initiative) for initiative in Initiative.objects.filter(pk__in=ids).only("code", "title")}


def names_of_organizations(ids: set[Any]) -> dict[Any, str]:
    return {organization.pk: organization.name for organization in Organization.objects.filter(pk__in=ids)}


def names_of_countries(codes: set[Any]) -> dict[Any, str]:
    return {code: countries.name(code) for code in codes}


DIMENSIONS = {
    "initiative": Dimension(gettext_lazy("Initiative"), "initiative", "initiative__id__exact", names_of_initiatives),
    "organization": Dimension(
        gettext_lazy("Organization asked"),
        "contact__organization",
        "contact__organization__id__exact",
        names_of_organizations,
    ),
    "country": Dimension(gettext_lazy("Country"), "expression__country", "country", names_of_countries),
}


@dataclass(frozen=True)
class Cell:
    label: str | Promise
    count: int
    address: str


@dataclass(frozen=True)
class Row:
    name: str
    cells: list[Cell]


def counts(dimension: Dimension, states: Iterable[str]) -> dict[Any, list[int]]:
    """How many referrals are in each state of the inbox, by value: one query, made of the same named queries as the lists."""
    found = {state: getattr(Referral.objects.all(), state)().order_by().values("pk") for state in states}
    counted = {f"in_{state}": Count("pk", filter=Q(pk__in=referrals)) for state, referrals in found.items()}
    return {
        value: numbers
        for value, *numbers in Referral.objects.counted().order_by().values_list(dimension.column).annotate(**counted)
    }


def rows(dimension: Dimension, states: dict[str, Any]) -> Iterator[Row]:
    """One for each value with something to count, by name; initiatives by their codes. The Coalition's mailbox is last."""
    counted = counts(dimension, states)
    names = dimension.names(set(counted) - {None})
    inbox = reverse("admin:interest_referral_changelist")
    for value in sorted(counted, key=lambda value: (value is None, names.get(value, ""))):
        where = {"contact__isnull": "True"} if value is None else {dimension.parameter: value}
        cells = [
            Cell(label, number, f"{inbox}?{urlencode({'to_do': state} | where)}")
            for (state, label), number in zip(states.items(), counted[value], strict=True)
        ]
        yield Row(names.get(value, _("The Coalition’s own mailbox")), cells)


class Reports:
    """The page of an admin that counts its states."""

    admin_site: Any
    opts: Any
    states: dict[str, Any]
    has_view_permission: Any

    def report_urls(self) -> list[URLPattern]:
        report = self.admin_site.admin_view(require_safe(self.report))
        return [path("report/<slug:by>/", report, name="interest_referral_report")]

    def report(self, request: HttpRequest, by: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if by not in DIMENSIONS:
            raise Http404
        dimension = DIMENSIONS[by]
        found = list(rows(dimension, self.states))
        totals = (sum(row.cells[number].count for row in found) for number in range(len(self.states)))
        context = self.admin_site.each_context(request) | {
            "title": _("Interest by %(dimension)s") % {"dimension": str(dimension.label).lower()},
            "opts": self.opts,
            "dimension": dimension,
            "dimensions": {name: each.label for name, each in DIMENSIONS.items()},
            "by": by,
            "rows": found,
            "totals": list(zip(self.states.values(), totals, strict=True)),
        }
        return TemplateResponse(request, "admin/interest/referral/report.html", context)
