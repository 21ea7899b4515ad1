from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ManyToManyField, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from initiatives.admin.entries import EntryAdmin
from initiatives.admin.links import LinkInline, OrderedFormSet
from initiatives.admin.todo import ToDoFilter
from initiatives.admin.values import FORM_FIELDS
from trainings import views
from trainings.models import Session, Training, TrainingInitiative, TrainingOrganization


class OrganizationInline(LinkInline):
    model = TrainingOrganization
    formset = OrderedFormSet
    fetched = ("organization",)
    autocomplete_fields = ["organization"]
    fields = ["organization", "name", "role", "position"]
    verbose_name_plural = _("organizations")
    verbose_name = _("organization")


class InitiativeInline(LinkInline):
    model = TrainingInitiative
    fetched = ("initiative",)
    autocomplete_fields = ["initiative"]
    fields = ["initiative", "basis", "words"]
    verbose_name_plural = _("initiatives")
    verbose_name = _("initiative")


class SessionInline(admin.StackedInline):
    model = Session
    formset = OrderedFormSet
    formfield_overrides = FORM_FIELDS
    extra = 0
    fields = ["position", "title", "description", "facilitators"]


@admin.register(Training)
class TrainingAdmin(EntryAdmin):
    to_do = {"in_review": _("Trainings in review")}
    list_display = ["title", "kind", "starts_on", "city", "country", "organizers", "state"]
    list_filter = [ToDoFilter, "state", "kind", "mode", ("organizations", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["title", "city", "organizations__name", "organizations__acronym", "organization_links__name"]
    search_help_text = _("Words of the title, a city, or an organization")
    date_hierarchy = "starts_on"
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["follow_up_of"]
    inlines = [OrganizationInline, SessionInline, InitiativeInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "state"]}),
        (
            _("When and where"),
            {"fields": ["kind", "mode", "starts_on", "ends_on", "date_precision", "city", "country", "languages"]},
        ),
        (_("Story"), {"fields": ["story"]}),
        (_("What about, for whom, with what result"), {"fields": ["topics", "audience", "participants", "indicators"]}),
        (_("Series and source"), {"fields": ["follow_up_of", "source_title", "source_url", "source_date"]}),
    ]

    def page(self, request: HttpRequest, entry: Training, **context: Any) -> HttpResponse:
        return views.render_training(request, entry, **context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Training]:
        links = TrainingOrganization.objects.select_related("organization")
        return super().get_queryset(request).prefetch_related(Prefetch("organization_links", links))

    @admin.display(description=_("organizers"))
    def organizers(self, training: Training) -> str:
        links = training.organizations_as(TrainingOrganization.Role.ORGANIZER)
        return ", ".join(link.name or str(link.organization) for link in links)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in {"topics", "audience"}:
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)
