"""Staff delete the details of whoever asked the Coalition for it. One page asks first: it cannot be undone."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from interest import actions
from interest.models import ExpressionOfInterest


@admin.action(description=_("Delete the personal details for good"), permissions=["erase"])
def erase_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[ExpressionOfInterest]) -> HttpResponse | None:
    chosen = queryset.filter(erased_at__isnull=True).order_by("pk")
    if "confirmed" not in request.POST:
        context = model_admin.admin_site.each_context(request) | {
            "title": _("Delete the personal details for good"),
            "opts": model_admin.opts,
            "chosen": chosen,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/interest/expressionofinterest/erase.html", context)
    erased = sum(actions.erase(expression=expression, staff=request.user) for expression in chosen)  # type: ignore[arg-type]
    words = ngettext("The details of %(n)s registration are deleted.", "The details of %(n)s registrations are deleted.", erased)
    model_admin.message_user(request, words % {"n": erased}, messages.SUCCESS if erased else messages.WARNING)
    return None
