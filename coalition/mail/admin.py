"""The staff's view of the queue: what was written to whom, what became of it, and each mail as its reader sees it."""

from email.header import decode_header, make_header
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from coalition.mail import actions, masking
from coalition.mail.messages import build, parse
from coalition.mail.models import OutgoingEmail


def headers_of(email: OutgoingEmail) -> list[tuple[str, str]]:
    """As sent, or as they will be sent. Encoded words (RFC 2047) are made readable."""
    raw = bytes(email.frozen) if email.frozen else build(email)
    return [(name, str(make_header(decode_header(value)))) for name, value in parse(raw).items()]


class ReadOnlyAdmin(admin.ModelAdmin):
    """For records that only the portal itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ToDoFilter(admin.SimpleListFilter):
    title = _("to do")
    parameter_name = "to_do"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(model_admin.to_do.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.undelivered() if self.value() == "undelivered" else queryset  # type: ignore[attr-defined]


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    to_do = {"undelivered": _("Mails that could not be delivered")}
    list_display = ["state_in_words", "kind", "recipient", "subject", "created_at", "attempts", "read_link"]
    list_display_links = ["subject"]
    list_filter = [ToDoFilter, "state", "kind", "created_at"]
    search_fields = ["recipient", "subject", "key", "message_id"]
    search_help_text = _("An address, words of the subject, a reference such as EOI-2026-K7M3QX.")
    show_full_result_count = False
    actions = ["hold", "release"]
    # Never `text`, `html` or `frozen`: they hold working links. The reading page masks those.
    fields = [
        "read_link",
        "state_in_words",
        "kind",
        "recipient",
        "reply_to",
        "subject",
        "attempts",
        "next_attempt_at",
        "accepted_at",
        "failing_since",
        "last_code",
        "last_text",
        "created_at",
        "message_id",
        "key",
    ]
    readonly_fields = ["read_link", "state_in_words", "created_at"]

    def has_hold_permission(self, request: HttpRequest) -> bool:
        """For the two actions, which the right to change mails allows though nobody changes their text."""
        return request.user.has_perm("mail.change_outgoingemail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        return super().get_queryset(request).defer("text", "html", "frozen")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/read/", view(require_safe(self.read)), name="mail_outgoingemail_read"),
            path("<int:pk>/read/html/", view(require_safe(self.read_html)), name="mail_outgoingemail_read_html"),
            *super().get_urls(),
        ]

    @admin.display(description=_("state"), ordering="state")
    def state_in_words(self, email: OutgoingEmail) -> str:
        return email.get_state_display()

    @admin.display(description=_("as its reader sees it"))
    def read_link(self, email: OutgoingEmail) -> str:
        address = reverse("admin:mail_outgoingemail_read", args=[email.pk])
        return format_html('<a href="{}">{}</a>', address, _("Read"))

    @admin.action(description=_("Hold: do not send until released"), permissions=["hold"])
    def hold(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        count = actions.hold(ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, ngettext("%(n)s mail is held.", "%(n)s mails are held.", count) % {"n": count})

    @admin.action(description=_("Release what is held"), permissions=["hold"])
    def release(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        count = actions.release(ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, ngettext("%(n)s mail is released.", "%(n)s mails are released.", count) % {"n": count})

    def readable(self, request: HttpRequest, pk: int) -> OutgoingEmail:
        email = get_object_or_404(OutgoingEmail, pk=pk)
        if not self.has_view_permission(request, email):
            raise PermissionDenied
        return email

    def read(self, request: HttpRequest, pk: int) -> HttpResponse:
        email = self.readable(request, pk)
        context = self.admin_site.each_context(request) | {
            "title": email.subject,
            "opts": self.opts,
            "email": email,
            "headers": headers_of(email),
            "text": email.text if settings.DEMONSTRATION else masking.mask_text(email.text),
        }
        return TemplateResponse(request, "admin/mail/outgoingemail/read.html", context)

    def read_html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The HTML part by itself, for the frame in `read`. There its links open outside the frame, or are masked."""
        html = self.readable(request, pk).html
        if settings.DEMONSTRATION:
            return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
        return HttpResponse(masking.mask_html(html))
