"""What waits for staff: a list's filter here, the counts on the first page in `coalition.admin`.

An admin names its kinds of work in `to_do`: the QuerySet method that finds the rows, and what the first page calls them.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ToDoFilter(admin.SimpleListFilter):
    title = _("to do")
    parameter_name = "to_do"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[Any]:
        yield from model_admin.to_do.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return getattr(queryset, chosen)() if chosen in dict(self.lookup_choices) else queryset
