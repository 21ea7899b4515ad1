"""The words by which visitors filter. Staff edit them; the classification is the portal's own reading of the texts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from initiatives.models.entries import published
from initiatives.models.fields import CountryCodesField
from initiatives.models.groups import NaturalKeyManager


class TermQuerySet(models.QuerySet["Term"]):
    def of(self, facet: "Term.Facet | str") -> "TermQuerySet":
        return self.filter(facet=facet)

    def regions_of(self, *countries: str) -> "TermQuerySet":
        """Regions with one of these countries."""
        return self.of(Term.Facet.REGION).filter(countries__overlap=list(countries))

    def in_use(self) -> "TermQuerySet":
        """Terms that have published initiatives, with their number in `entries`."""
        entries = models.Count("initiatives", filter=published("initiatives__"))
        counted = self.annotate(entries=entries).filter(entries__gt=0)
        return counted.order_by("facet", "position", "name")  # Meta.ordering does not reach grouped queries


class Term(models.Model):
    class Facet(models.TextChoices):
        SUPPORT = "support", _("Kind of support")
        AUDIENCE = "audience", _("Who it is for")
        TOPIC = "topic", _("Topic")
        REGION = "region", _("Region")

    facet = models.CharField(_("facet"), max_length=10, choices=Facet)
    slug = models.SlugField(_("slug"), help_text=_("Part of addresses and of the API. Links break when it changes."))
    name = models.CharField(_("name"), max_length=100, help_text=_("Shown in public."))
    synonyms = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("other words for it"),
        default=list,
        blank=True,
        help_text=_("One on each line. Whoever searches for one of them finds the entries of this term."),
    )
    countries = CountryCodesField(verbose_name=_("countries"), help_text=_("Only for a region: the countries in it."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Small numbers come first in lists."))

    objects = NaturalKeyManager.from_queryset(TermQuerySet)("facet", "slug")

    class Meta:
        ordering = ["facet", "position", "name"]
        verbose_name = _("vocabulary term")
        verbose_name_plural = _("vocabulary terms")
        constraints = [
            models.UniqueConstraint(fields=["facet", "slug"], name="term_once_per_facet"),
            models.CheckConstraint(
                condition=models.Q(facet="region") | models.Q(countries=[]),
                name="only_regions_have_countries",
                violation_error_message=_(
                    "Only a region has countries. Empty the list of countries, or choose the facet “Region”."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, where locale/ has it."""
        return gettext(self.name)

    def natural_key(self) -> tuple[str, str]:
        return (self.facet, self.slug)
