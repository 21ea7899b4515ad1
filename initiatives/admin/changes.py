from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from initiatives.models import PUBLICATION, Change
from initiatives.telling import Teller


@admin.register(Change)
class ChangeAdmin(admin.ModelAdmin):
    """What the portal found. Staff can take out what should never have been public; nothing else can be done to it."""

    list_display = ["at", "entry", "told_field", "told_old", "told_new"]
    list_select_related = ["entry"]
    search_fields = ["entry__code", "entry__title"]
    search_help_text = _("Code or words of the title")
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    fields = ["at", "entry", "told_field", "old", "new"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("field"))
    def told_field(self, change: Change) -> str:
        return str(_("publication")) if change.field == PUBLICATION else Teller().tell(change.field, None, None).label

    @admin.display(description=_("before"))
    def told_old(self, change: Change) -> str:
        return str(change.old or "")[:200]

    @admin.display(description=_("now"))
    def told_new(self, change: Change) -> str:
        return str(change.new or "")[:200]
