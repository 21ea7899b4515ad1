from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from initiatives.admin.curation import CuratedAdmin, CuratedForm
from initiatives.admin.versions import VersionedAdmin
from initiatives.models import SubWorkingGroup, WorkingGroup


class SubWorkingGroupForm(CuratedForm):
    curated = ("title",)


@admin.register(SubWorkingGroup)
class SubWorkingGroupAdmin(CuratedAdmin):
    form = SubWorkingGroupForm
    list_display = ["number", "title", "working_group", "entries"]
    list_display_links = ["number", "title"]
    list_filter = ["working_group"]
    list_select_related = ["working_group"]
    search_fields = ["number", "title"]
    fields = ["number", "title", "working_group", "curated_fields"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubWorkingGroup]:
        counted: QuerySet = super().get_queryset(request).annotate(entries=Count("initiatives"))
        return counted

    @admin.display(description=_("initiatives"), ordering="entries")
    def entries(self, group: Any) -> int:
        return int(group.entries)


@admin.register(WorkingGroup)
class WorkingGroupAdmin(VersionedAdmin):
    list_display = ["number", "title"]
    list_display_links = ["number", "title"]
    search_fields = ["title"]
    fields = ["number", "title"]
