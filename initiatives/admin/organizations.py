from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from initiatives.admin.curation import CuratedAdmin, CuratedForm
from initiatives.admin.todo import ToDoFilter
from initiatives.admin.values import FORM_FIELDS
from initiatives.admin.versions import VersionedAdmin
from initiatives.models import Organization, PointOfContact

# Staff saved these `contacts` with this `request`: what was asked of them is not known here.
contacts_changed = Signal()


class OrganizationForm(CuratedForm):
    curated = ("is_participating",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "default_contact" in self.fields:
            own = PointOfContact.objects.filter(organization=self.instance.pk).select_related("organization")
            field: Any = self.fields["default_contact"]
            field.queryset = own


class ContactInline(admin.StackedInline):
    model = PointOfContact
    extra = 0
    show_change_link = True
    fields = [("name", "title"), "section", ("email", "phone"), ("is_active", "confirmed_on")]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organization")


@admin.register(Organization)
class OrganizationAdmin(CuratedAdmin):
    form = OrganizationForm
    formfield_overrides = FORM_FIELDS
    to_do = {"leading_without_contact": gettext_lazy("Lead organizations without a default contact")}
    list_display = ["name", "acronym", "kind", "is_participating", "contact", "led", "partnered"]
    list_filter = [ToDoFilter, "is_participating", "kind"]
    list_select_related = ["default_contact"]
    # Counting per row drops the order of the model.
    ordering = ["name"]
    search_fields = ["name", "acronym", "aliases", "slug"]
    search_help_text = gettext_lazy("Name, acronym or another name")
    prepopulated_fields = {"slug": ["acronym"]}
    inlines = [ContactInline]
    fieldsets = [
        (None, {"fields": ["name", "acronym", "slug", "aliases", "kind", "website", "is_participating", "curated_fields"]}),
        (
            gettext_lazy("Who is asked"),
            {
                "fields": ["default_contact"],
                "description": gettext_lazy("One of the contacts below. Save a new contact first, then choose it here."),
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        organizations: Any = super().get_queryset(request)
        counted: QuerySet[Organization] = organizations.with_public_counts()
        return counted

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        contacts = [contact for contact, _fields in formset.changed_objects]
        contacts_changed.send(type(self), request=request, contacts=contacts)

    @admin.display(description=gettext_lazy("default contact"), ordering="default_contact__name")
    def contact(self, organization: Organization) -> str:
        return organization.default_contact.name if organization.default_contact else ""

    @admin.display(description=gettext_lazy("leads"), ordering="led")
    def led(self, organization: Any) -> int:
        return int(organization.led)

    @admin.display(description=gettext_lazy("partner in"), ordering="partnered")
    def partnered(self, organization: Any) -> int:
        return int(organization.partnered)


@admin.register(PointOfContact)
class PointOfContactAdmin(VersionedAdmin):
    to_do = {"to_confirm": gettext_lazy("Contacts who have not confirmed for a year")}
    list_display = ["name", "organization", "section", "email", "is_active", "confirmed_on", "fictional"]
    list_filter = [ToDoFilter, "is_active", "is_demonstration", ("organization", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "email", "section", "organization__name", "organization__acronym"]
    search_help_text = gettext_lazy("Name, e-mail, section or organization")
    autocomplete_fields = ["organization"]
    actions = ["confirm", "deactivate"]
    readonly_fields = ["is_demonstration"]
    fieldsets = [
        (None, {"fields": ["organization", "name", "title", "section", "email", "phone"]}),
        (gettext_lazy("Still the right person?"), {"fields": ["is_active", "confirmed_on", "is_demonstration"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PointOfContact]:
        # Here and not in `list_select_related`, because the autocompletes name the organization too.
        return super().get_queryset(request).select_related("organization")

    def save_model(self, request: HttpRequest, obj: PointOfContact, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        contacts_changed.send(type(self), request=request, contacts=[obj])

    @admin.display(description=gettext_lazy("mark"), ordering="is_demonstration")
    def fictional(self, contact: PointOfContact) -> str:
        return _("demo") if contact.is_demonstration else ""

    @admin.action(description=gettext_lazy("Confirmed today: still the right person"), permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[PointOfContact]) -> None:
        for contact in queryset:
            contact.confirm()
            self.log_change(request, contact, _("Confirmed."))
        message = ngettext("%(count)d contact confirmed.", "%(count)d contacts confirmed.", len(queryset))
        self.message_user(request, message % {"count": len(queryset)})

    @admin.action(description=gettext_lazy("Deactivate: no longer answers"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[PointOfContact]) -> None:
        for contact in queryset:
            contact.is_active = False
            contact.save(update_fields=["is_active"])
            self.log_change(request, contact, _("Deactivated."))
        message = ngettext("%(count)d contact deactivated.", "%(count)d contacts deactivated.", len(queryset))
        self.message_user(request, message % {"count": len(queryset)})
        contacts_changed.send(type(self), request=request, contacts=list(queryset))
