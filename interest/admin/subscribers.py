from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from interest import actions
from interest.models import Subscriber, Subscription


class SubscriptionInline(admin.TabularInline):
    model = Subscription
    fields = ["reference", "what", "frequency", "created_at", "confirmed_at", "looked_on"]
    readonly_fields = ["reference", "what", "frequency", "created_at", "confirmed_at", "looked_on"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("what"))
    def what(self, subscription: Subscription) -> str:
        return subscription.followed.label


@admin.register(Subscriber)
class SubscriberAdmin(admin.ModelAdmin):
    """Who gets mails about what changes. Staff stop them for whoever asks by mail; nothing else is theirs to change."""

    list_display = ["reference", "email", "confirmed", "language", "created_at", "digested_on"]
    search_fields = ["email", "reference", "subscriptions__reference"]
    search_help_text = _("Address or reference")
    fields = ["reference", "email", "language", "created_at", "digested_on"]
    inlines = [SubscriptionInline]
    actions = ["stop"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("interest.change_subscriber")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        number = Count("subscriptions", filter=Q(subscriptions__confirmed_at__isnull=False))
        counted: QuerySet[Subscriber] = super().get_queryset(request).annotate(confirmed_count=number)
        return counted

    @admin.display(description=_("confirmed subscriptions"))
    def confirmed(self, subscriber: Any) -> int:
        return int(subscriber.confirmed_count)

    @admin.action(description=_("Stop all mails, and delete the address"), permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        stopped = [actions.unsubscribe(subscriber=subscriber, staff=request.user) for subscriber in queryset]  # type: ignore[arg-type]
        words = ngettext("%(n)s subscriber gets no more mails.", "%(n)s subscribers get no more mails.", len(stopped))
        self.message_user(request, words % {"n": len(stopped)}, messages.SUCCESS)
