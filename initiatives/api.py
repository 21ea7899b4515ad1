"""The read-only JSON API of the catalogue (design §6). Names do not change once published.

Every serializer says `read_only_fields = fields`: so the schema promises that each answer has them all.
"""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from initiatives.filters import InitiativeFilter
from initiatives.models import (
    Initiative,
    InitiativeOrganization,
    Organization,
    SearchDocument,
    SubWorkingGroup,
    Term,
    WorkingGroup,
)
from initiatives.models.groups import GROUP_NUMBER
from initiatives.models.initiatives import CODE

# What Django takes for a slug: NUL and other signs are no part of an address, and PostgreSQL would refuse them with a fault.
SLUG = "[-a-zA-Z0-9_]+"


class HasPage(serializers.Serializer):
    url = serializers.SerializerMethodField(help_text="Address of its page on this site")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, row: Any) -> str:
        return f"{settings.SITE_URL}{row.get_absolute_url()}"


class OrganizationLinkSerializer(serializers.ModelSerializer):
    slug = serializers.CharField(source="organization.slug")
    acronym = serializers.CharField(source="organization.acronym")
    name = serializers.CharField(source="organization.name")

    class Meta:
        model = InitiativeOrganization
        fields = ["slug", "acronym", "name", "role", "basis"]
        read_only_fields = fields
        extra_kwargs = {
            "role": {"help_text": "Lead and partner carry it out; mentioned: the text only names the organization"},
            "basis": {"help_text": "How we know: the text says it, it was read from the text, or staff have confirmed it"},
        }


def slugs_of(facet: Term.Facet, help_text: str) -> serializers.SerializerMethodField:
    return serializers.SerializerMethodField(method_name=f"get_{facet.value}", help_text=help_text)


class InitiativeSerializer(HasPage, serializers.ModelSerializer):
    """The public fields of an initiative. Texts are Markdown in the language they were written in (English)."""

    sub_working_group = serializers.CharField(source="sub_working_group.number", help_text="For example 1.1")
    organizations = OrganizationLinkSerializer(source="organization_links", many=True)
    support = slugs_of(Term.Facet.SUPPORT, "Kinds of support (slugs; the portal's own reading)")
    audience = slugs_of(Term.Facet.AUDIENCE, "Whom it is for (slugs; the portal's own reading)")
    topic = slugs_of(Term.Facet.TOPIC, "What it is about (slugs; the portal's own reading)")
    region = slugs_of(Term.Facet.REGION, "Where it works (slugs; the portal's own reading)")
    languages = serializers.ListField(
        child=serializers.CharField(), help_text="Delivery languages stated in the source, ISO 639-1"
    )
    countries = serializers.ListField(child=serializers.CharField(), help_text="Countries taking part, ISO 3166-1 alpha-2")
    superseded_by = serializers.SerializerMethodField(help_text="Code of the entry that replaces this one, or null")
    source_url = serializers.CharField(help_text="Address where the text was published, or empty")

    class Meta:
        model = Initiative
        fields = [
            "code",
            "title",
            "url",
            "sub_working_group",
            "summary",
            *Initiative.SECTIONS,
            "organizations",
            "stage",
            "scope",
            "support",
            "audience",
            "topic",
            "region",
            "languages",
            "countries",
            "superseded_by",
            "source_url",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {name: {"help_text": "Markdown, or empty"} for name in Initiative.SECTIONS} | {
            "code": {"help_text": "The number in the Coalition's catalogue"},
            "title": {"help_text": "As on the Coalition's website"},
            "summary": {"help_text": "Markdown, as on the Coalition's website"},
            "stage": {"help_text": "How far it is (the portal's own reading)"},
            "scope": {"help_text": "Global means that every country may ask (the portal's own reading)"},
            "updated_at": {"help_text": "When it was last changed here"},
        }

    def get_support(self, initiative: Initiative) -> list[str]:
        return [term.slug for term in initiative.terms_of(Term.Facet.SUPPORT)]

    def get_audience(self, initiative: Initiative) -> list[str]:
        return [term.slug for term in initiative.terms_of(Term.Facet.AUDIENCE)]

    def get_topic(self, initiative: Initiative) -> list[str]:
        return [term.slug for term in initiative.terms_of(Term.Facet.TOPIC)]

    def get_region(self, initiative: Initiative) -> list[str]:
        return [term.slug for term in initiative.terms_of(Term.Facet.REGION)]

    @extend_schema_field({"type": ["string", "null"]})
    def get_superseded_by(self, initiative: Initiative) -> str | None:
        other = initiative.superseded_by
        return other.code if other and other.is_published else None


class SubWorkingGroupSerializer(HasPage, serializers.ModelSerializer):
    working_group = serializers.IntegerField(source="working_group.number")

    class Meta:
        model = SubWorkingGroup
        fields = ["number", "title", "url", "working_group"]
        read_only_fields = fields


class WorkingGroupSerializer(serializers.ModelSerializer):
    sub_working_groups: serializers.SlugRelatedField = serializers.SlugRelatedField("number", many=True, read_only=True)

    class Meta:
        model = WorkingGroup
        fields = ["number", "title", "sub_working_groups"]
        read_only_fields = fields


class OrganizationSerializer(HasPage, serializers.ModelSerializer):
    website = serializers.CharField(help_text="Address of its own site, or empty")

    class Meta:
        model = Organization
        fields = ["slug", "acronym", "name", "url", "kind", "website", "is_participating"]
        read_only_fields = fields
        extra_kwargs = {
            "slug": {"help_text": "Part of its address on this site"},
            "name": {"help_text": "Full name"},
        }


class InitiativeViewSet(viewsets.ReadOnlyModelViewSet):
    """Published initiatives. Repeated values of one filter mean OR, filters combine with AND."""

    queryset = Initiative.objects.published().with_lists().order_by("code")
    serializer_class = InitiativeSerializer
    lookup_field = "code"
    lookup_value_regex = CODE.pattern

    def get_queryset(self) -> QuerySet[Any]:
        return SearchDocument.objects.published() if self.action == "list" else super().get_queryset()

    @property
    def filterset_class(self) -> type[InitiativeFilter] | None:
        # Filters belong to the list; one entry is asked for by its code alone.
        return InitiativeFilter if self.action == "list" else None


class WorkingGroupViewSet(viewsets.ReadOnlyModelViewSet):
    """The three working groups."""

    queryset = WorkingGroup.objects.prefetch_related("sub_working_groups").order_by("number")
    serializer_class = WorkingGroupSerializer
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,4}"


class SubWorkingGroupViewSet(viewsets.ReadOnlyModelViewSet):
    """The seven sub-working groups."""

    queryset = SubWorkingGroup.objects.select_related("working_group").order_by("number")
    serializer_class = SubWorkingGroupSerializer
    lookup_field = "number"
    lookup_value_regex = GROUP_NUMBER


class OrganizationViewSet(viewsets.ReadOnlyModelViewSet):
    """Organizations that take part in the Coalition or are named in its initiatives."""

    queryset: QuerySet[Organization] = Organization.objects.order_by("slug")
    serializer_class = OrganizationSerializer
    lookup_field = "slug"
    lookup_value_regex = SLUG
