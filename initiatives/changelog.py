"""The page that says what changed in the catalogue since a day, field by field."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from initiatives import feeds
from initiatives.following import Followed
from initiatives.models import Snapshot
from initiatives.pagination import Paginator
from initiatives.telling import Revision

PER_PAGE = 50
CHOSEN_HERE = {"sub_working_group", "organization"}


class Day(NamedTuple):
    date: date
    revisions: list[Revision]


class SinceForm(forms.Form):
    since = forms.DateField(
        label=_("Since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day as year-month-day, for example 2026-05-01.")},
    )


def by_day(revisions: Iterable[Revision]) -> list[Day]:
    return [Day(day, list(same)) for day, same in groupby(revisions, lambda revision: revision.first.at.astimezone(UTC).date())]


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    followed = Followed.read(request.GET)
    form = SinceForm(request.GET)
    since: date | None = form.cleaned_data.get("since") if form.is_valid() else None
    found = followed.changes()
    if since:
        found = found.filter(at__gte=datetime(since.year, since.month, since.day, tzinfo=UTC))
    page = Paginator(feeds.moments(found), PER_PAGE).get_page(request.GET.get("page"))
    choices = followed.catalogue.filterset.choices
    context: dict[str, Any] = {
        "followed": followed,
        "form": form,
        "since": since,
        "page": page,
        "days": by_day(feeds.revisions_at(page)),
        "known_since": Snapshot.objects.aggregate(first=Min("first_at"))["first"],
        "groups": choices["sub_working_group"],
        "organizations": choices["organization"],
        # What was searched and filtered for stays while somebody chooses a day.
        "carried": [(name, value) for name, values in followed.values.lists() if name not in CHOSEN_HERE for value in values],
    }
    return render(request, "initiatives/changes.html", context)
