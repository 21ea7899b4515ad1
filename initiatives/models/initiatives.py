"""The catalogue's entries."""

import re
from collections.abc import Collection, Iterable

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from coalition.mail import addresses
from initiatives.models.curation import Curated
from initiatives.models.entries import Entry, EntryQuerySet, PublicationState
from initiatives.models.fields import CountryCodesField, LanguageCodesField
from initiatives.models.groups import NaturalKeyManager, SubWorkingGroup
from initiatives.models.organizations import Organization, PointOfContact
from initiatives.models.vocabulary import Term

CODE = re.compile(r"[0-9]{4}[A-Z]?")
SHOWN_IN_PUBLIC = _("Shown in public. Markdown: an empty line begins a paragraph, a line that begins with “- ” is a bullet.")


def codes_in(values: Iterable[str]) -> list[str]:
    """Those values that can be codes, each once, in their order."""
    return [value for value in dict.fromkeys(values) if CODE.fullmatch(value)]


class Basis(models.TextChoices):
    """On what a link to an organization or an initiative rests."""

    STATED = "stated", _("Stated in the source")
    INFERRED = "inferred", _("Inferred from its text")
    CONFIRMED = "confirmed", _("Confirmed by staff")


class InitiativeQuerySet(EntryQuerySet["Initiative"]):
    def without_lead(self) -> "InitiativeQuerySet":
        """Entries still in use for which no organization is named as lead: nobody but the Coalition can be asked."""
        leads = InitiativeOrganization.objects.filter(role=InitiativeOrganization.Role.LEAD)
        return self.exclude(state=PublicationState.ARCHIVED).exclude(pk__in=leads.values("initiative"))

    def not_in_search(self) -> "InitiativeQuerySet":
        """Entries that the catalogue does not list, because they were written by SQL or in bulk. To save them is enough."""
        return self.filter(search_document=None)

    def with_lists(self) -> "InitiativeQuerySet":
        """Fetches in four queries all that a card, a list of the API or an export shows of an entry."""
        return self.select_related("sub_working_group__working_group", "superseded_by").prefetch_related(
            models.Prefetch("organization_links", InitiativeOrganization.objects.select_related("organization")),
            "terms",
        )


class Initiative(Curated, Entry):
    class Stage(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ONGOING = "ongoing", _("Ongoing")
        COMPLETED = "completed", _("Completed")
        NOT_STATED = "not_stated", _("Not stated")

    class Scope(models.TextChoices):
        GLOBAL = "global", _("Global")
        REGIONAL = "regional", _("Regional")
        NATIONAL = "national", _("National")
        NOT_STATED = "not_stated", _("Not stated")

    # The texts in the order in which a page shows them.
    SECTIONS = (
        "description",
        "background",
        "prerequisites",
        "accomplishments",
        "activities",
        "global_outcomes",
        "national_outcomes",
        "state_participation",
    )

    code = models.CharField(
        _("code"),
        max_length=5,
        unique=True,
        validators=[RegexValidator(CODE.pattern + r"\Z", _("A code has four digits and perhaps a letter: 1103, 2206A."))],
        help_text=_("The number in the Coalition's catalogue. Part of its address: links break when it changes."),
    )
    title = models.CharField(_("title"), max_length=500, help_text=_("Shown in public."))
    summary = models.TextField(_("summary"), help_text=SHOWN_IN_PUBLIC)
    description = models.TextField(_("description"), blank=True, help_text=SHOWN_IN_PUBLIC)
    background = models.TextField(_("background"), blank=True, help_text=SHOWN_IN_PUBLIC)
    prerequisites = models.TextField(_("prerequisites for participation"), blank=True, help_text=SHOWN_IN_PUBLIC)
    accomplishments = models.TextField(_("accomplishments to date"), blank=True, help_text=SHOWN_IN_PUBLIC)
    activities = models.TextField(_("project activities"), blank=True, help_text=SHOWN_IN_PUBLIC)
    global_outcomes = models.TextField(_("global level outcomes"), blank=True, help_text=SHOWN_IN_PUBLIC)
    national_outcomes = models.TextField(_("national level outcomes"), blank=True, help_text=SHOWN_IN_PUBLIC)
    state_participation = models.TextField(_("current state participation"), blank=True, help_text=SHOWN_IN_PUBLIC)

    sub_working_group = models.ForeignKey(
        SubWorkingGroup, models.PROTECT, related_name="initiatives", verbose_name=_("sub-working group")
    )
    organizations = models.ManyToManyField(
        Organization, through="InitiativeOrganization", related_name="initiatives", verbose_name=_("organizations")
    )
    contacts = models.ManyToManyField(
        PointOfContact, through="InitiativeContact", related_name="initiatives", verbose_name=_("contacts")
    )
    terms = models.ManyToManyField(
        Term,
        related_name="initiatives",
        verbose_name=_("vocabulary terms"),
        blank=True,
        help_text=_(
            "What it offers, whom it is for, what it is about, where. The site says that this is the portal's own reading."
        ),
    )
    stage = models.CharField(
        _("stage"),
        max_length=10,
        choices=Stage,
        default=Stage.NOT_STATED,
        help_text=_("How far it is. Choose “not stated” where the source does not say."),
    )
    scope = models.CharField(
        _("scope"),
        max_length=10,
        choices=Scope,
        default=Scope.NOT_STATED,
        help_text=_("Global means that every country may ask. Choose “not stated” where the source does not say."),
    )
    languages = LanguageCodesField(verbose_name=_("delivery languages"), help_text=_("Only languages that the source states."))
    countries = CountryCodesField(verbose_name=_("countries taking part"), help_text=_("Only countries that the source states."))

    superseded_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
        help_text=_("The entry that replaces this one."),
    )
    source_url = models.URLField(_("source address"), max_length=500, blank=True, help_text=_("Where the text was published."))
    source_date = models.DateField(_("source date"), null=True, blank=True, help_text=_("The day on which it was read."))
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True, help_text=_("When staff last checked this entry."))

    objects = NaturalKeyManager.from_queryset(InitiativeQuerySet)("code")

    class Meta:
        ordering = ["code"]
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        indexes = [
            models.Index(fields=["state", "code"], name="initiative_state_code"),
            models.Index(fields=["state"], include=["id"], name="initiative_state"),
            # In this order the pages of countries read, and count, without the texts beside it.
            models.Index(
                fields=["state", "sub_working_group", "code"], include=["id", "scope", "countries"], name="initiative_by_group"
            ),
            models.Index(fields=["-updated_at"], name="initiative_updated"),
            GinIndex(fields=["countries"], name="initiative_countries"),
            GinIndex(fields=["languages"], name="initiative_languages"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=f"^{CODE.pattern}$"), name="code_has_four_digits"),
            models.CheckConstraint(
                condition=~Q(superseded_by=models.F("pk")),
                name="not_superseded_by_itself",
                violation_error_message=_("An entry cannot be superseded by itself. Choose the entry that replaces it, or none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def get_absolute_url(self) -> str:
        return reverse("initiatives:initiative", args=[self.code])

    def organizations_as(self, *roles: str) -> list[Organization]:
        """Organizations in these roles, in their order. Uses what `with_lists` fetched."""
        return [link.organization for link in self.organization_links.all() if link.role in roles]

    def terms_of(self, facet: str) -> list[Term]:
        """Its terms of one facet. Uses what `with_lists` fetched."""
        return [term for term in self.terms.all() if term.facet == facet]

    def contacts_to_ask(self) -> list[PointOfContact]:
        """Active contacts to whom mail can be written, in their order: its own, then the defaults of its lead organizations."""
        return self.contacts_to_ask_about([self.pk])[self.pk]

    @staticmethod
    def contacts_to_ask_about(ids: Collection[int]) -> dict[int, list[PointOfContact]]:
        """The contacts to ask of several initiatives, by their ids, in two queries."""
        contacts: dict[int, list[PointOfContact]] = {pk: [] for pk in ids}
        own = InitiativeContact.objects.filter(initiative__in=ids, contact__is_active=True)
        for link in own.select_related("contact__organization"):
            contacts[link.initiative_id].append(link.contact)
        leads = InitiativeOrganization.objects.filter(
            initiative__in=ids, role=InitiativeOrganization.Role.LEAD, organization__default_contact__is_active=True
        )
        for lead in leads.select_related("organization__default_contact__organization"):
            if contact := lead.organization.default_contact:
                contacts[lead.initiative_id].append(contact)
        return {
            pk: [contact for contact in dict.fromkeys(found) if addresses.is_usable(contact.email)]
            for pk, found in contacts.items()
        }

    def same_text(self) -> InitiativeQuerySet:
        """Other published entries with the very same text."""
        return Initiative.objects.published().exclude(pk=self.pk).filter(summary=self.summary)

    def related(self) -> InitiativeQuerySet:
        """Published entries with another text that share topics and other terms with it, at most four."""
        shared = Q(terms__in=self.terms.exclude(facet=Term.Facet.REGION))
        alike = (
            Initiative.objects.published()
            .exclude(summary=self.summary)
            .annotate(
                topics=models.Count("terms", filter=shared & Q(terms__facet=Term.Facet.TOPIC)),
                shared=models.Count("terms", filter=shared),
            )
        )
        # What it is about counts twice: a training for the police on another subject is no neighbor.
        return alike.filter(topics__gte=1, shared__gte=3).order_by(-(models.F("topics") + models.F("shared")), "code")[:4]


class InitiativeOrganization(models.Model):
    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        PARTNER = "partner", _("Partner")
        MENTIONED = "mentioned", _("Mentioned")

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="organization_links")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="initiative_links", verbose_name=_("organization")
    )
    role = models.CharField(
        _("role"),
        max_length=10,
        choices=Role,
        default=Role.LEAD,
        help_text=_("Lead and partner carry the initiative out. Mentioned: its text only names the organization."),
    )
    basis = models.CharField(
        _("basis"),
        max_length=10,
        choices=Basis,
        default=Basis.CONFIRMED,
        help_text=_("How we know. Choose “confirmed by staff” once you have checked it."),
    )
    words = models.CharField(
        _("words that show it"), max_length=500, blank=True, help_text=_("The words of the source that justify this.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Small numbers come first."))

    objects = NaturalKeyManager("initiative__code", "organization__slug")

    class Meta:
        ordering = ["initiative", "position", "pk"]
        verbose_name = _("organization of an initiative")
        verbose_name_plural = _("organizations of an initiative")
        constraints = [models.UniqueConstraint(fields=["initiative", "organization"], name="organization_once_per_initiative")]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"

    def natural_key(self) -> tuple[str, str]:
        return (self.initiative.code, self.organization.slug)

    natural_key.dependencies = ["initiatives.initiative", "initiatives.organization"]  # type: ignore[attr-defined]


class InitiativeContact(models.Model):
    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="contact_links")
    contact = models.ForeignKey(
        PointOfContact, models.CASCADE, related_name="initiative_links", verbose_name=_("point of contact")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("The first active contact is asked; the next one is the deputy.")
    )

    class Meta:
        ordering = ["initiative", "position", "pk"]
        verbose_name = _("contact of an initiative")
        verbose_name_plural = _("contacts of an initiative")
        constraints = [models.UniqueConstraint(fields=["initiative", "contact"], name="contact_once_per_initiative")]

    def __str__(self) -> str:
        return str(self.contact)
