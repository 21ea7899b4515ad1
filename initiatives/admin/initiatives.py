from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from initiatives import views
from initiatives.admin.entries import EntryAdmin, EntryForm
from initiatives.admin.links import LinkInline, OrderedFormSet
from initiatives.admin.todo import ToDoFilter
from initiatives.admin.values import TermsField
from initiatives.models import Initiative, InitiativeContact, InitiativeOrganization, Term

# What a new import of the source may write, and therefore leaves alone once staff have edited it.
CURATED = [
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
]


def label(name: str) -> str:
    field: Any = Initiative._meta.get_field(name)  # noqa: SLF001
    return str(capfirst(field.verbose_name))


class InitiativeForm(EntryForm):
    terms = TermsField(
        Term.objects.all(),
        required=False,
        label=_("Vocabulary terms"),
        help_text=_("The site says that this is the portal's own reading of the text."),
    )
    curated_fields = forms.MultipleChoiceField(
        choices=lambda: [(name, label(name)) for name in CURATED],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Fields that staff have edited"),
        help_text=_(
            "A new import of the source leaves these alone and reports the difference. What you change here is ticked when you"
            " save; untick a field to hand it back to the import."
        ),
    )

    class Meta:
        # The longest title has 351 characters, too many for one line.
        widgets = {"title": AdminTextareaWidget(attrs={"rows": 2})}

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def kept(self, saved: Any) -> dict[str, list[str]]:
        # The other editor's marks belong to what stays of the other's text.
        return super().kept(saved) | {"curated_fields": saved.curated_fields}


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
class InitiativeAdmin(EntryAdmin):
    form = InitiativeForm
    to_do = {
        "in_review": _("Initiatives in review"),
        "without_lead": _("Initiatives without a lead organization"),
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
        (None, {"fields": ["version", "code", "title", "sub_working_group", "state"]}),
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
        """Marks what staff changed, last, because only here both the fields and the lists are known."""
        super().save_related(request, form, formsets, change)
        lists = {InitiativeOrganization: "organizations", InitiativeContact: "contacts"}
        changed = set(form.changed_data) | {lists[formset.model] for formset in formsets if formset.has_changed()}
        if changed & set(CURATED):
            form.instance.curate(changed & set(CURATED))
            form.instance.save(update_fields=["curated_fields"])
