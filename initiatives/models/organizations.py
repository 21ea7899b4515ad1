"""Organizations and the people at them who answer. A person's name, address and phone never leave the staff area."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from coalition.mail import addresses
from initiatives.models.curation import Curated
from initiatives.models.entries import published
from initiatives.models.groups import NaturalKeyManager

CONFIRMED_FOR = datetime.timedelta(days=365)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def participating(self) -> "OrganizationQuerySet":
        return self.filter(is_participating=True)

    def leading_without_contact(self) -> "OrganizationQuerySet":
        """Organizations that lead an initiative and whose default contact is missing or no longer active."""
        leading = self.model.objects.filter(initiative_links__role="lead")
        return self.filter(pk__in=leading.values("pk")).exclude(default_contact__is_active=True)

    def with_public_counts(self) -> "OrganizationQuerySet":
        """Adds `led`, `partnered` and `mentioned`: numbers of published initiatives in that role."""
        public = published("initiative_links__initiative__")
        counted = self.annotate(
            **{
                name: models.Count("initiative_links", filter=public & Q(initiative_links__role=role), distinct=True)
                for name, role in [("led", "lead"), ("partnered", "partner"), ("mentioned", "mentioned")]
            }
        )
        # Meta.ordering does not reach grouped queries.
        return counted.order_by("name")  # type: ignore[no-any-return]  # the stubs lose the type behind **


class Organization(Curated):
    class Kind(models.TextChoices):
        INTERNATIONAL = "international", _("International organization")
        REGIONAL = "regional", _("Regional organization")
        GOVERNMENT = "government", _("Government body")
        NETWORK = "network", _("Network or consortium")
        NON_GOVERNMENTAL = "non_governmental", _("Non-governmental organization")
        ACADEMIC = "academic", _("University or research institute")

    slug = models.SlugField(_("slug"), unique=True, help_text=_("Part of its address on the site. Links break when it changes."))
    name = models.CharField(_("name"), max_length=200, help_text=_("Full name, shown in public."))
    acronym = models.CharField(
        _("acronym"), max_length=30, blank=True, help_text=_("Short name as people use it, such as UNODC.")
    )
    aliases = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("other names"),
        default=list,
        blank=True,
        help_text=_("Old names, other spellings and languages, one on each line. Search and imports know them."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.INTERNATIONAL)
    website = models.URLField(_("website"), blank=True)
    is_participating = models.BooleanField(
        _("takes part in the Coalition"),
        default=False,
        help_text=_("On the Coalition's own list of international organizations."),
    )
    default_contact = models.ForeignKey(
        "initiatives.PointOfContact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="default_for",
        verbose_name=_("default contact"),
        help_text=_("Asked about an initiative that this organization leads and that has no contact of its own."),
    )

    objects = NaturalKeyManager.from_queryset(OrganizationQuerySet)("slug")

    class Meta:
        ordering = ["name"]
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.acronym or self.name

    @property
    def label(self) -> str:
        """The official name in the reader's language, where locale/ has it: of those that take part in the Coalition."""
        return gettext(self.name)

    @property
    def short(self) -> str:
        """The acronym, else the name, in the reader's language where locale/ has it: OMS for WHO."""
        return gettext(self.acronym or self.name)

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("initiatives:organization", args=[self.slug])

    def clean(self) -> None:
        contact = self.default_contact
        if contact and contact.organization_id != self.pk:
            sentence = _("This person works for %(organization)s. Choose a contact of this organization, or none.")
            raise ValidationError({"default_contact": sentence % {"organization": contact.organization}})

    def names(self) -> list[str]:
        """All under which it is known."""
        return [name for name in [self.name, self.acronym, *self.aliases] if name]


class PointOfContactQuerySet(models.QuerySet["PointOfContact"]):
    def active(self) -> "PointOfContactQuerySet":
        return self.filter(is_active=True)

    def to_confirm(self) -> "PointOfContactQuerySet":
        """Active contacts who have not said for a year, or ever, that they still answer."""
        a_year_ago = timezone.localdate() - CONFIRMED_FOR
        return self.active().exclude(confirmed_on__gte=a_year_ago)

    def demonstration(self) -> "PointOfContactQuerySet":
        return self.filter(is_demonstration=True)


class PointOfContact(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="contacts", verbose_name=_("organization"))
    name = models.CharField(_("name"), max_length=200, help_text=_("Never shown outside the staff area."))
    title = models.CharField(_("job title"), max_length=200, blank=True)
    section = models.CharField(
        _("section"), max_length=300, blank=True, help_text=_("Office or section that will answer. This is shown in public.")
    )
    email = models.EmailField(
        _("e-mail"),
        # Django's rule lets more through than we write to.
        validators=[addresses.clean],  # type: ignore[list-item]  # also returns the address
        help_text=_("Where requests are sent. Never shown outside the staff area."),
    )
    phone = models.CharField(_("phone"), max_length=50, blank=True, help_text=_("Never shown outside the staff area."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Untick when this person no longer answers."))
    confirmed_on = models.DateField(_("last confirmed"), null=True, blank=True, help_text=_("When they last said: still me."))
    is_demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    objects = NaturalKeyManager.from_queryset(PointOfContactQuerySet)("organization__slug", "email")

    class Meta:
        ordering = ["organization__name", "name"]
        verbose_name = _("point of contact")
        verbose_name_plural = _("points of contact")
        constraints = [models.UniqueConstraint(fields=["organization", "email"], name="contact_once_per_organization")]

    def __str__(self) -> str:
        return f"{self.name} ({self.organization})"

    def natural_key(self) -> tuple[str, str]:
        return (self.organization.slug, self.email)

    natural_key.dependencies = ["initiatives.organization"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        if other := self.default_for.exclude(pk=self.organization_id).first() if self.pk else None:
            sentence = _(
                "This person is the default contact of %(organization)s. Choose another one there first, then change this."
            )
            raise ValidationError({"organization": sentence % {"organization": other}})

    def confirm(self) -> None:
        """Notes that this person said today: still me."""
        self.confirmed_on = timezone.localdate()
        self.save(update_fields=["confirmed_on"])
