from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Prefetch, QuerySet
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from initiatives import views
from initiatives.admin.curation import CuratedAdmin, CuratedForm
from initiatives.admin.entries import EntryAdmin
from initiatives.admin.links import LinkInline, OrderedFormSet
from initiatives.admin.todo import ToDoFilter
from initiatives.admin.values import TermsField
from initiatives.models import Initiative, InitiativeContact, InitiativeOrganization, Term

# Staff saved who answers for this `initiative`, with this `request`: what waits for an answer is not known here.
answerers_changed = Signal()

# What a new import of the source may write, and therefore leaves alone once staff have edited it.
CURATED = (
    "title",
    "summary",
    *Initiative.SECTIONS,
    "sub_working_group",
    "organizations",
    "contacts",
    "terms",
    "stage",
    "scope",
    "languages",
    "countries",
    "superseded_by",
    "source_url",
    "source_date",
)


class InitiativeForm(CuratedForm):
    terms = TermsField(
        Term.objects.all(),
        required=False,
        label=_("Vocabulary terms"),
        help_text=_("The site says that this is the portal's own reading of the text."),
    )
    curated = CURATED

    class Meta:
        # The longest title has 351 characters, too many for one line.
        widgets = {"title": AdminTextareaWidget(attrs={"rows": 2})}

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class OrganizationInline(LinkInline):
    model = InitiativeOrganization
    formset = OrderedFormSet
    fetched = ("organization",)
    autocomplete_fields = ["organization"]
    fields = ["organization", "role", "basis", "words", "position"]
    verbose_name_plural = _("organizations")
    verbose_name = _("organization")


class ContactInline(LinkInline):
    model = InitiativeContact
    formset = OrderedFormSet
    fetched = ("contact__organization",)
    autocomplete_fields = ["contact"]
    fields = ["contact", "position"]
    verbose_name_plural = _("contacts (never shown in public; without one, the lead organization's default contact is asked)")
    verbose_name = _("contact")


@admin.register(Initiative)
class InitiativeAdmin(CuratedAdmin, EntryAdmin):
    form = InitiativeForm
    to_do = {
        "in_review": _("Initiatives in review"),
        "without_lead": _("Initiatives without a lead organization"),
        "not_in_search": _("Initiatives that the catalogue does not list until they are saved"),
    }
    list_display = ["code", "title", "group", "leads", "stage", "state", "updated"]
    list_display_links = ["code", "title"]
    list_filter = [
        ToDoFilter,
        "state",
        "sub_working_group",
        "stage",
        ("organizations", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["sub_working_group"]
    search_fields = ["code", "title", "organizations__name", "organizations__acronym", "organizations__aliases"]
    search_help_text = _("Code, words of the title, or an organization")
    autocomplete_fields = ["superseded_by"]
    inlines = [OrganizationInline, ContactInline]
    fieldsets = [
        (None, {"fields": ["code", "title", "sub_working_group", "state"]}),
        (
            _("Text, in the order of the page"),
            {"fields": ["summary", *Initiative.SECTIONS], "description": _("A section without text is left out of the page.")},
        ),
        (_("What it offers, whom it is for, what it is about, where"), {"fields": ["terms"]}),
        (_("Taking part"), {"fields": ["stage", "scope", "languages", "countries"]}),
        (
            _("Source and review"),
            {"fields": ["source_url", "source_date", "reviewed_on", "superseded_by", "curated_fields"]},
        ),
    ]

    def page(self, request: HttpRequest, entry: Initiative, **context: Any) -> HttpResponse:
        return views.render_initiative(request, entry, **context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Initiative]:
        links = InitiativeOrganization.objects.select_related("organization")
        return super().get_queryset(request).prefetch_related(Prefetch("organization_links", links))

    @admin.display(description=_("group"), ordering="sub_working_group__number")
    def group(self, initiative: Initiative) -> str:
        return initiative.sub_working_group.number

    @admin.display(description=_("led by"))
    def leads(self, initiative: Initiative) -> str:
        return ", ".join(str(organization) for organization in initiative.organizations_as(InitiativeOrganization.Role.LEAD))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "contacts" in self.changed_lists(formsets):
            answerers_changed.send(type(self), request=request, initiative=form.instance)

    def changed_lists(self, formsets: Any) -> set[str]:
        lists = {InitiativeOrganization: "organizations", InitiativeContact: "contacts"}
        return {lists[formset.model] for formset in formsets if formset.has_changed()}
