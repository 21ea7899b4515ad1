"""Working groups and their sub-working groups: the Coalition's own order of the catalogue."""

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives.models.curation import Curated
from initiatives.models.entries import published

# Part of addresses.
GROUP_NUMBER = r"[0-9]{1,2}\.[0-9]{1,2}"


class NaturalKeyManager(models.Manager):
    """Lets fixtures name a row by its natural key instead of its number in one database."""

    def __init__(self, *fields: str) -> None:
        super().__init__()
        self.fields = fields

    def get_by_natural_key(self, *key: str) -> models.Model:
        return self.get(**dict(zip(self.fields, key, strict=True)))


class WorkingGroup(models.Model):
    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    title = models.CharField(_("title"), max_length=300, help_text=_("As the Coalition's website gives it. Shown in public."))

    objects = NaturalKeyManager("number")

    class Meta:
        ordering = ["number"]
        verbose_name = _("working group")
        verbose_name_plural = _("working groups")

    def __str__(self) -> str:
        return f"{self.number} {self.label}"

    @property
    def label(self) -> str:
        """The title in the reader's language, where locale/ has it."""
        return gettext(self.title)

    def natural_key(self) -> tuple[int]:
        return (self.number,)


class SubWorkingGroupQuerySet(models.QuerySet["SubWorkingGroup"]):
    def with_entry_counts(self) -> "SubWorkingGroupQuerySet":
        """Adds `entries`, the number of its published initiatives (perhaps none), and fetches the working group."""
        entries = models.Count("initiatives", filter=published("initiatives__"))
        counted = self.select_related("working_group").annotate(entries=entries)
        return counted.order_by("number")  # Meta.ordering does not reach grouped queries


class SubWorkingGroup(Curated):
    working_group = models.ForeignKey(
        WorkingGroup, models.PROTECT, related_name="sub_working_groups", verbose_name=_("working group")
    )
    number = models.CharField(
        _("number"),
        max_length=5,
        unique=True,
        validators=[RegexValidator(rf"^{GROUP_NUMBER}\Z", _("A number has two parts with a point between them: 1.1"))],
        help_text=_("For example 1.1"),
    )
    title = models.CharField(_("title"), max_length=300, help_text=_("Shown in public."))

    objects = NaturalKeyManager.from_queryset(SubWorkingGroupQuerySet)("number")

    class Meta:
        ordering = ["number"]
        verbose_name = _("sub-working group")
        verbose_name_plural = _("sub-working groups")

    def __str__(self) -> str:
        return f"{self.number} {self.label}"

    @property
    def label(self) -> str:
        """The title in the reader's language, where locale/ has it."""
        return gettext(self.title)

    def natural_key(self) -> tuple[str]:
        return (self.number,)

    def get_absolute_url(self) -> str:
        return reverse("initiatives:sub_working_group", args=[self.number])
