"""The staff's view of the queue: what was written to whom, what became of it, and each mail as its reader sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from email.header import decode_header, make_header
from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST, require_safe

from coalition.mail import actions, masking, words
from coalition.mail.messages import build, parse
from coalition.mail.models import OutgoingEmail, Pause

State = OutgoingEmail.State


def headers_of(email: OutgoingEmail) -> list[tuple[str, str]]:
    """As sent, or as they will be sent. Encoded words (RFC 2047) are made readable; a link in one acts for the mail's reader."""
    raw = bytes(email.frozen) if email.frozen else build(email)
    readable = [(name, str(make_header(decode_header(value)))) for name, value in parse(raw).items()]
    return readable if settings.DEMONSTRATION else [(name, masking.mask_text(value)) for name, value in readable]


def may_go(email: OutgoingEmail) -> bool:
    return bool(email.text) and email.superseded_at is None


@dataclass(frozen=True)
class Deed:
    """Something staff can do with mails: an action of the list and a button on the reading page."""

    act: Callable[..., list[OutgoingEmail]]
    description: str | Promise
    button: str | Promise
    fits: Callable[[OutgoingEmail], bool]
    done: Any
    entry: str


DEEDS = {
    "hold": Deed(
        act=actions.hold,
        description=_("Hold: do not send until released"),
        button=_("Hold"),
        fits=lambda email: email.state in (State.QUEUED, State.RETRY),
        done=ngettext_lazy("%(n)s mail is held.", "%(n)s mails are held.", "n"),
        entry="Held.",
    ),
    "release": Deed(
        act=actions.release,
        description=_("Release what is held"),
        button=_("Release"),
        fits=lambda email: may_go(email) and email.state == State.HELD,
        done=ngettext_lazy("%(n)s mail is released.", "%(n)s mails are released.", "n"),
        entry="Released.",
    ),
    "cancel": Deed(
        act=actions.cancel,
        description=_("Cancel: never send what waits or is held"),
        button=_("Cancel"),
        fits=lambda email: email.state in (State.QUEUED, State.RETRY, State.HELD),
        done=ngettext_lazy("%(n)s mail is canceled.", "%(n)s mails are canceled.", "n"),
        entry="Canceled.",
    ),
    "send_again": Deed(
        act=actions.send_again,
        description=_("Send again what was not accepted"),
        button=_("Send again"),
        fits=lambda email: may_go(email) and email.state in OutgoingEmail.NEVER_ACCEPTED,
        done=ngettext_lazy("%(n)s mail is sent again.", "%(n)s mails are sent again.", "n"),
        entry="Sent again, as the same mail.",
    ),
    "send_copy": Deed(
        act=actions.send_copy,
        description=_("Send a second copy of what was accepted"),
        button=_("Send again, as a second copy"),
        fits=lambda email: may_go(email) and email.state == State.SENT and not hasattr(email, "copy"),
        done=ngettext_lazy("%(n)s second copy is sent.", "%(n)s second copies are sent.", "n"),
        entry="Written as a second copy.",
    ),
}


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
        chosen = self.value()
        return getattr(queryset, chosen)() if chosen in dict(self.lookup_choices) else queryset


# Mail programs need styles in the tags. This frame alone may have them; what people typed is escaped in it.
styled = csp_update({"style-src-attr": [UNSAFE_INLINE]})
NOTHING = _("Nothing was changed: the mail is in another state by now, or this was done already.")

LEFT = ngettext_lazy(
    "%(n)s other mail that you chose stayed as it was: this does not fit its state, or it is out of date.",
    "%(n)s other mails that you chose stayed as they were: this does not fit their state, or they are out of date.",
    "n",
)
OUT_OF_DATE = _(
    "Not sent: it is out of date. Somebody else is asked instead, its reader did what it asks for, or their details were erased."
)


def listed(model_admin: Any, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
    """Every action of the list. Which one it is stands in the form."""
    model_admin.do(request, request.POST["action"], list(queryset.values_list("pk", flat=True)))


def paused() -> str:
    pause = Pause.objects.first()
    return words.all_paused(pause) if pause else ""


def buttons(email: OutgoingEmail) -> dict[str, str | Promise]:
    return {name: deed.button for name, deed in DEEDS.items() if deed.fits(email)}


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    # By the names of QuerySet methods.
    to_do = {"kept_back": words.KEPT_BACK, "undelivered": words.UNDELIVERED}
    change_list_template = "admin/mail/outgoingemail/change_list.html"
    list_display = ["state_in_words", "reason", "recipient", "read_subject", "kind", "created_at"]
    list_display_links = None
    list_filter = [ToDoFilter, "state", "kind", "created_at"]
    search_fields = ["recipient", "subject", "key", "message_id"]
    search_help_text = _("An address, words of the subject, a reference such as EOI-2026-K7M3QX.")
    show_full_result_count = False
    # Never `text`, `html` or `frozen`: they hold working links. The reading page masks those.
    fields = [
        "read_link",
        "state_in_words",
        "reason",
        "kind",
        "recipient",
        "reply_to",
        "subject",
        "attempts",
        "next_attempt_at",
        "accepted_at",
        "delivered_at",
        "returned_at",
        "returned_text",
        "complained_at",
        "failing_since",
        "superseded_at",
        "last_stage",
        "last_code",
        "last_text",
        "created_at",
        "message_id",
        "again_of",
        "key",
    ]
    readonly_fields = ["read_link", "state_in_words", "reason", "created_at"]

    def may_act(self, request: HttpRequest) -> bool:
        """The right to change mails allows the deeds, though nobody changes a mail's text."""
        return request.user.has_perm("mail.change_outgoingemail")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if not self.may_act(request):
            return {}
        return {name: (listed, name, deed.description) for name, deed in DEEDS.items()}

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        return super().get_queryset(request).defer("text", "html", "frozen")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/act/<slug:name>/", view(require_POST(self.act)), name="mail_outgoingemail_act"),
            path("<int:pk>/read/", view(require_safe(self.read)), name="mail_outgoingemail_read"),
            path("<int:pk>/read/html/", view(styled(require_safe(self.read_html))), name="mail_outgoingemail_read_html"),  # type: ignore[arg-type]
            *super().get_urls(),
        ]

    @admin.display(description=_("state"), ordering="state")
    def state_in_words(self, email: OutgoingEmail) -> str:
        return words.state(email)

    @admin.display(description=_("subject"), ordering="subject")
    def read_subject(self, email: OutgoingEmail) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:mail_outgoingemail_read", args=[email.pk]), email.subject)

    @admin.display(description=_("as its reader sees it"))
    def read_link(self, email: OutgoingEmail) -> str:
        address = reverse("admin:mail_outgoingemail_read", args=[email.pk])
        return format_html('<a href="{}">{}</a>', address, _("Read"))

    @admin.display(description=_("why"))
    def reason(self, email: OutgoingEmail) -> str:
        return words.reason(email)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"paused": paused()} | (extra_context or {}))

    def do(self, request: HttpRequest, name: str, ids: list[int]) -> list[OutgoingEmail]:
        """Writes into each mail's history who did it."""
        deed = DEEDS[name]
        with transaction.atomic():
            emails = deed.act(ids=ids)
            for email in emails:
                self.log_change(request, email, deed.entry)
                if email.again_of:
                    self.log_change(request, email.again_of, deed.entry)
        self.tell(request, deed.done % {"n": len(emails)} if emails else "", ids)
        if emails and (left := len(ids) - len(emails)):
            self.message_user(request, LEFT % {"n": left}, messages.WARNING)
        return emails

    def tell(self, request: HttpRequest, done: str, ids: list[int]) -> None:
        """What was done; if nothing, why not."""
        is_old = OutgoingEmail.objects.filter(pk__in=ids, superseded_at__isnull=False).exists()
        self.message_user(request, done or (OUT_OF_DATE if is_old else NOTHING), messages.SUCCESS if done else messages.WARNING)

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        email = self.readable(request, pk)
        if not self.may_act(request):
            raise PermissionDenied
        if name not in DEEDS:
            raise Http404
        changed = self.do(request, name, [email.pk])
        return redirect("admin:mail_outgoingemail_read", changed[0].pk if changed else email.pk)

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
            "state": words.state(email),
            "headers": headers_of(email),
            "reason": words.reason(email),
            "paused": paused(),
            "buttons": buttons(email) if self.may_act(request) else {},
            "text": email.text if settings.DEMONSTRATION else masking.mask_text(email.text),
            **self.more_about(request, email),
        }
        return TemplateResponse(request, "admin/mail/outgoingemail/read.html", context)

    def more_about(self, request: HttpRequest, email: OutgoingEmail) -> dict[str, Any]:
        """What the page shows besides, in an admin of an application that knows what the mail is about."""
        return {}

    def read_html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The HTML part by itself, for the frame in `read`. There its links open outside the frame, or are masked."""
        html = self.readable(request, pk).html
        if settings.DEMONSTRATION:
            return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
        return HttpResponse(masking.mask_html(html))
