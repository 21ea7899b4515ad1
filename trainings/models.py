"""Trainings held or planned under the initiatives. Participants are counted, never named."""

import calendar
import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from initiatives.models import Basis, Entry, EntryQuerySet, Initiative, NaturalKeyManager, Organization, Term
from initiatives.models.fields import LanguageCodesField


class TrainingQuerySet(EntryQuerySet["Training"]):
    def newest_first(self) -> "TrainingQuerySet":
        return self.order_by(models.F("starts_on").desc(nulls_last=True), "title")

    def with_lists(self) -> "TrainingQuerySet":
        """Fetches in a fixed number of queries all that a list shows of a training."""
        return self.prefetch_related(
            models.Prefetch("organization_links", TrainingOrganization.objects.select_related("organization")),
            models.Prefetch(
                "initiative_links",
                TrainingInitiative.objects.filter(initiative__in=Initiative.objects.published()).select_related("initiative"),
            ),
            "topics",
            "audience",
        )


class Training(Entry):
    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        WORKSHOP = "workshop", _("Workshop")
        BOOSTER = "booster_session", _("Booster session")
        WEBINAR = "webinar", _("Webinar")
        POLICYMAKERS = "policymaker_training", _("Policymaker training")
        OTHER = "other", _("Other")

    class Mode(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        ONLINE = "online", _("Online")
        HYBRID = "hybrid", _("Hybrid")

    class Precision(models.TextChoices):
        DAY = "day", _("To the day")
        MONTH = "month", _("Only the month is known")

    title = models.CharField(_("title"), max_length=300, help_text=_("Shown in public."))
    slug = models.SlugField(
        _("slug"), max_length=100, unique=True, help_text=_("Part of its address. Links break when it changes.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    starts_on = models.DateField(_("first day"), null=True, blank=True, help_text=_("Leave empty if the source gives no date."))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    date_precision = models.CharField(
        _("how exact the dates are"),
        max_length=5,
        choices=Precision,
        default=Precision.DAY,
        help_text=_("If only the month is known, enter its first day (and the first day of the last month)."),
    )
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = CountryField(_("country"), blank=True, help_text=_("Where it was held, or whose officials it was for if online."))
    languages = LanguageCodesField(verbose_name=_("languages"), help_text=_("Only languages that the source states."))
    story = models.TextField(_("story"), blank=True, help_text=_("Shown in public. Markdown."))
    topics = models.ManyToManyField(
        Term, related_name="trainings", verbose_name=_("topics"), blank=True, limit_choices_to={"facet": "topic"}
    )
    audience = models.ManyToManyField(
        Term, related_name="trainings_for", verbose_name=_("audience"), blank=True, limit_choices_to={"facet": "audience"}
    )
    participants = models.PositiveIntegerField(
        _("number of participants"), null=True, blank=True, help_text=_("A number. Participants are never named.")
    )
    indicators = ArrayField(
        models.CharField(max_length=300),
        verbose_name=_("indicators"),
        default=list,
        blank=True,
        help_text=_("One on each line: “knowledge increase 42 %”, “58 % women”."),
    )
    organizations = models.ManyToManyField(
        Organization, through="TrainingOrganization", related_name="trainings", verbose_name=_("organizations")
    )
    initiatives = models.ManyToManyField(
        Initiative, through="TrainingInitiative", related_name="trainings", verbose_name=_("initiatives")
    )
    follow_up_of = models.ManyToManyField(
        "self",
        symmetrical=False,
        related_name="followed_up_by",
        verbose_name=_("follow-up of"),
        blank=True,
        help_text=_("Earlier trainings that this one continues."),
    )
    source_url = models.URLField(_("source address"), max_length=500, blank=True)
    source_title = models.CharField(_("source"), max_length=300, blank=True, help_text=_("Who published the story, and when."))
    source_date = models.DateField(_("date of the story"), null=True, blank=True)

    objects = NaturalKeyManager.from_queryset(TrainingQuerySet)("slug")

    class Meta:
        ordering = [models.F("starts_on").desc(nulls_last=True), "title"]
        verbose_name = _("training")
        verbose_name_plural = _("trainings")
        constraints = [
            models.CheckConstraint(
                # Said of both columns: a comparison with NULL alone would pass.
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, ends_on__gte=models.F("starts_on")),
                name="training_ends_after_start",
                violation_error_message=_(
                    "The last day needs a first day, and cannot come before it. Correct one of the two dates."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("trainings:training", args=[self.slug])

    @property
    def last_day(self) -> datetime.date | None:
        """The last day on which it can have taken place; the end of the month where only that is known."""
        day = self.ends_on or self.starts_on
        if day and self.date_precision == self.Precision.MONTH:
            return day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return day

    @property
    def is_upcoming(self) -> bool:
        return self.last_day is not None and self.last_day >= timezone.localdate()

    def organizations_as(self, role: str) -> list["TrainingOrganization"]:
        return [link for link in self.organization_links.all() if link.role == role]


class TrainingOrganization(models.Model):
    class Role(models.TextChoices):
        ORGANIZER = "organizer", _("Organizer")
        DONOR = "donor", _("Donor")
        HOST = "host", _("Host")
        PARTNER = "partner", _("Partner")
        REQUESTING_AUTHORITY = "requesting_authority", _("Requesting authority")
        SCIENTIFIC_INSTITUTION = "scientific_institution", _("Scientific institution")

    training = models.ForeignKey(Training, models.CASCADE, related_name="organization_links")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="training_links", verbose_name=_("organization")
    )
    name = models.CharField(
        _("name"), max_length=300, blank=True, help_text=_("For a body that is not among the organizations, such as a ministry.")
    )
    role = models.CharField(_("role"), max_length=25, choices=Role)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Small numbers come first."))

    objects = NaturalKeyManager("training__slug", "organization__slug", "name", "role")

    class Meta:
        ordering = ["training", "position", "pk"]
        verbose_name = _("organization of a training")
        verbose_name_plural = _("organizations of a training")
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=False) | ~Q(name=""),
                name="training_organization_has_a_name",
                violation_error_message=_("Choose an organization, or write the name of the body."),
            ),
            models.UniqueConstraint(
                fields=["training", "organization", "name", "role"],
                name="body_once_per_role_and_training",
                nulls_distinct=False,
                violation_error_message=_("This organization is there twice in the same role. Remove one of the two."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or (self.organization.name if self.organization else "")

    def natural_key(self) -> tuple[str, str | None, str, str]:
        return (self.training.slug, self.organization.slug if self.organization else None, self.name, self.role)

    natural_key.dependencies = ["trainings.training", "initiatives.organization"]  # type: ignore[attr-defined]


class TrainingInitiative(models.Model):
    training = models.ForeignKey(Training, models.CASCADE, related_name="initiative_links")
    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="training_links", verbose_name=_("initiative"))
    basis = models.CharField(
        _("basis"),
        max_length=10,
        choices=Basis,
        default=Basis.CONFIRMED,
        help_text=_("How we know. Choose “confirmed by staff” once you have checked it."),
    )
    words = models.CharField(_("words that show it"), max_length=500, blank=True)

    objects = NaturalKeyManager("training__slug", "initiative__code")

    class Meta:
        ordering = ["initiative__code"]
        verbose_name = _("initiative of a training")
        verbose_name_plural = _("initiatives of a training")
        constraints = [models.UniqueConstraint(fields=["training", "initiative"], name="initiative_once_per_training")]

    def __str__(self) -> str:
        return str(self.initiative)

    def natural_key(self) -> tuple[str, str]:
        return (self.training.slug, self.initiative.code)

    natural_key.dependencies = ["trainings.training", "initiatives.initiative"]  # type: ignore[attr-defined]


class Session(models.Model):
    """A part of a training, with those who led it as the public source names them."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="sessions")
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Small numbers come first."))
    title = models.CharField(_("title"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    facilitators = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("facilitators"),
        default=list,
        blank=True,
        help_text=_("As the public source names them, one on each line."),
    )

    objects = NaturalKeyManager("training__slug", "title")

    class Meta:
        ordering = ["training", "position", "pk"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["training", "title"],
                name="session_title_once_per_training",
                violation_error_message=_("Two sessions have the same title. Number them, or say how they differ."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str, str]:
        return (self.training.slug, self.title)

    natural_key.dependencies = ["trainings.training"]  # type: ignore[attr-defined]
