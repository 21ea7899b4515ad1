from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from initiatives.admin.values import FORM_FIELDS
from initiatives.admin.versions import VersionedAdmin
from initiatives.models import Synonym, Term


@admin.register(Term)
class TermAdmin(VersionedAdmin):
    formfield_overrides = FORM_FIELDS
    list_display = ["name", "facet", "slug", "other_words", "position", "entries"]
    list_filter = ["facet"]
    search_fields = ["name", "slug", "synonyms"]
    search_help_text = _("Name, slug or another word for it")
    prepopulated_fields = {"slug": ["name"]}
    fields = ["facet", "name", "slug", "synonyms", "position", "countries"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        counted: QuerySet = super().get_queryset(request).annotate(entries=Count("initiatives"))
        return counted

    @admin.display(description=_("other words for it"))
    def other_words(self, term: Term) -> str:
        return ", ".join(term.synonyms)

    @admin.display(description=_("initiatives"), ordering="entries")
    def entries(self, term: Any) -> int:
        return int(term.entries)


@admin.register(Synonym)
class SynonymAdmin(VersionedAdmin):
    formfield_overrides = FORM_FIELDS
    list_display = ["word", "language", "other_words", "found_words", "is_filler", "is_place"]
    list_filter = ["language", "is_filler", "is_place"]
    search_fields = ["word", "others", "finds"]
    search_help_text = _("What people type, or what it finds")
    fields = ["language", "word", "others", "finds", "is_filler", "is_place"]

    @admin.display(description=_("others with the same meaning"))
    def other_words(self, synonym: Synonym) -> str:
        return ", ".join(synonym.others)

    @admin.display(description=_("finds"))
    def found_words(self, synonym: Synonym) -> str:
        return ", ".join(synonym.finds)
