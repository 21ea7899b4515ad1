"""Trainings in the read-only JSON API. Participants are a number, contacts do not occur."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from initiatives.api import SLUG, HasPage
from trainings.filters import TrainingFilter
from trainings.models import Session, Training, TrainingInitiative, TrainingOrganization


class TrainingOrganizationSerializer(serializers.ModelSerializer):
    slug = serializers.SerializerMethodField(help_text="Slug of the organization; null for a body that has no page here")
    name = serializers.CharField(source="__str__")

    class Meta:
        model = TrainingOrganization
        fields = ["slug", "name", "role"]
        read_only_fields = fields

    def get_slug(self, link: TrainingOrganization) -> str | None:
        return link.organization.slug if link.organization else None


class TrainingInitiativeSerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="initiative.code")

    class Meta:
        model = TrainingInitiative
        fields = ["code", "basis"]
        read_only_fields = fields
        extra_kwargs = {"basis": {"help_text": "How we know that the training belongs to the initiative"}}


class SessionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Session
        fields = ["title", "description", "facilitators"]
        read_only_fields = fields
        extra_kwargs = {"facilitators": {"help_text": "As the public source names them"}}


class TrainingSerializer(HasPage, serializers.ModelSerializer):
    """The public fields of a training. With `date_precision` "month" only year and month of the dates are known."""

    source_url = serializers.CharField(help_text="Address of the story, or empty")
    country = serializers.SerializerMethodField(help_text="ISO 3166-1 alpha-2, or empty")
    languages = serializers.ListField(child=serializers.CharField(), help_text="ISO 639-1")
    topics: serializers.SlugRelatedField = serializers.SlugRelatedField("slug", many=True, read_only=True)
    audience: serializers.SlugRelatedField = serializers.SlugRelatedField("slug", many=True, read_only=True)
    indicators = serializers.ListField(child=serializers.CharField())
    organizations = TrainingOrganizationSerializer(source="organization_links", many=True)
    sessions = SessionSerializer(many=True)
    initiatives = TrainingInitiativeSerializer(source="initiative_links", many=True)
    follow_up_of = serializers.SerializerMethodField(help_text="Slugs of earlier trainings that this one continues")

    class Meta:
        model = Training
        fields = [
            "slug",
            "title",
            "url",
            "kind",
            "mode",
            "starts_on",
            "ends_on",
            "date_precision",
            "city",
            "country",
            "languages",
            "story",
            "topics",
            "audience",
            "participants",
            "indicators",
            "organizations",
            "sessions",
            "initiatives",
            "follow_up_of",
            "source_title",
            "source_url",
            "source_date",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "slug": {"help_text": "Part of its address on this site"},
            "title": {"help_text": "As its organizers call it"},
            "starts_on": {"help_text": "First day, or null where the source gives no date"},
            "ends_on": {"help_text": "Last day, or null"},
            "date_precision": {"help_text": "With “month” only year and month of the dates are known"},
            "story": {"help_text": "Markdown"},
            "participants": {"help_text": "How many, or null"},
            "source_title": {"help_text": "Who published the story"},
            "source_date": {"help_text": "When the story was published, or null"},
            "updated_at": {"help_text": "When it was last changed here"},
        }

    def get_country(self, training: Training) -> str:
        return str(training.country)

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_follow_up_of(self, training: Training) -> list[str]:
        return [earlier.slug for earlier in training.follow_up_of.all() if earlier.is_published]


class TrainingViewSet(viewsets.ReadOnlyModelViewSet):
    """Published trainings, newest first, those without a date last.

    Repeated values of one filter mean OR, filters combine with AND.
    """

    queryset = Training.objects.published().newest_first().with_lists().prefetch_related("sessions", "follow_up_of")
    serializer_class = TrainingSerializer
    lookup_field = "slug"
    lookup_value_regex = SLUG

    @property
    def filterset_class(self) -> type[TrainingFilter] | None:
        # Filters belong to the list; one training is asked for by its slug alone.
        return TrainingFilter if self.action == "list" else None
