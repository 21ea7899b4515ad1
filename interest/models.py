"""Interest that focal points register. An expression of interest is one submission; a referral is one initiative within it."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact


class ExpressionOfInterestQuerySet(models.QuerySet["ExpressionOfInterest"]):
    def verified(self) -> "ExpressionOfInterestQuerySet":
        return self.filter(verified_at__isnull=False)

    def live(self) -> "ExpressionOfInterestQuerySet":
        """Verified and not withdrawn."""
        return self.verified().filter(withdrawn_at__isnull=True)

    def unverified_today(self, address_key: str) -> "ExpressionOfInterestQuerySet":
        """What somebody sent in under this address in the last 24 hours and nobody confirmed."""
        recent = self.filter(verified_at__isnull=True, created_at__gt=Now() - timedelta(days=1))
        return recent.filter(referrals__address_key=address_key).distinct()


class ExpressionOfInterest(models.Model):
    reference = models.CharField(_("reference"), max_length=15, unique=True, help_text=_("EOI-YYYY-XXXXXX"))
    name = models.CharField(_("name"), max_length=150)
    job_title = models.CharField(_("job title"), max_length=150)
    institution = models.CharField(_("institution"), max_length=200)
    country = CountryField(_("country"))
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    message = models.TextField(_("message"), blank=True, max_length=4000)
    language = models.CharField(_("language"), max_length=10, default="en", help_text=_("In which mails are written to them."))
    idempotency_key = models.UUIDField(unique=True, editable=False)
    created_at = models.DateTimeField(_("submitted"), db_default=Now(), editable=False)
    verified_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    link_version = models.PositiveIntegerField(
        _("link version"), default=1, help_text=_("Raising it makes every link mailed so far invalid.")
    )

    objects = ExpressionOfInterestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("expression of interest")
        verbose_name_plural = _("expressions of interest")
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(verified_at__isnull=False), name="only_verified_is_withdrawn"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def address_key(self) -> str:
        return addresses.normalize(self.email)

    def codes(self) -> "models.QuerySet[Referral, str]":
        """The initiatives it is about."""
        return self.referrals.values_list("initiative__code", flat=True)

    def mails(self) -> models.QuerySet[OutgoingEmail]:
        """Every mail that was written because of this expression."""
        of_this = Q(key__endswith=f":{self.reference}") | Q(key__contains=f":{self.reference}:")
        return OutgoingEmail.objects.filter(of_this).order_by("pk")


class ReferralQuerySet(models.QuerySet["Referral"]):
    def live(self) -> "ReferralQuerySet":
        return self.filter(is_live=True)

    def with_the_coalition(self) -> "ReferralQuerySet":
        """Live ones for which no contact is known, so that the Coalition's own mailbox was asked."""
        return self.live().filter(contact__isnull=True, status=Referral.Status.WAITING)

    def with_recipients(self) -> "ReferralQuerySet":
        """Fetches in one query all that receipts, the status page and staff show of a referral."""
        return self.select_related("initiative", "contact__organization", "email", "already_live__expression")


class Referral(models.Model):
    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for an answer")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        NEED_INFORMATION = "need_information", _("Needs information from you")
        NOTED = "noted", _("Noted, no resources now")
        SCHEDULED = "scheduled", _("Scheduled")
        NOT_SUITABLE = "not_suitable", _("Not suitable")
        WRONG_PERSON = "wrong_person", _("Being passed to the right person")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Delivery(models.TextChoices):
        """What became of the mail that asks about this initiative. Computed, never stored."""

        UNCONFIRMED = "unconfirmed", _("Waits for the confirmation of the address")
        ALREADY_LIVE = "already_live", _("Already registered")
        NOT_OFFERED = "not_offered", _("No longer in the catalogue")
        ON_ITS_WAY = "on_its_way", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Could not be delivered")

    expression = models.ForeignKey(
        ExpressionOfInterest, models.CASCADE, related_name="referrals", verbose_name=_("expression of interest")
    )
    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="referrals", verbose_name=_("initiative"))
    address_key = models.CharField(_("address key"), max_length=254, help_text=_("The focal point's address, normalized."))
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.WAITING)
    is_live = models.BooleanField(_("live"), default=False, help_text=_("Verified and not withdrawn. Set only by actions."))
    already_live = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("already registered in"),
        help_text=_("The live referral because of which this one was left out."),
    )
    contact = models.ForeignKey(
        PointOfContact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="referrals",
        verbose_name=_("contact asked"),
        help_text=_("Empty if the Coalition's own mailbox was asked."),
    )
    email = models.ForeignKey(
        OutgoingEmail, models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name=_("contact mail")
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["expression", "initiative__code"]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        indexes = [models.Index(fields=["address_key"], name="referral_address")]
        constraints = [
            models.UniqueConstraint(fields=["expression", "initiative"], name="initiative_once_per_expression"),
            models.UniqueConstraint(
                fields=["address_key", "initiative"], condition=Q(is_live=True), name="one_live_referral_per_address"
            ),
            models.CheckConstraint(
                condition=Q(is_live=False) | Q(email__isnull=False), name="live_referral_is_in_a_contact_mail"
            ),
            models.CheckConstraint(condition=~Q(status="withdrawn", is_live=True), name="withdrawn_is_not_live"),
        ]

    def __str__(self) -> str:
        return f"{self.expression} · {self.initiative.code}"

    @property
    def delivery(self) -> "Referral.Delivery":
        """Uses what `with_recipients` fetched, and the expression."""
        if not self.expression.is_verified:
            return self.Delivery.UNCONFIRMED
        if self.email is None:
            return self.Delivery.ALREADY_LIVE if self.already_live else self.Delivery.NOT_OFFERED
        if self.email.state == OutgoingEmail.State.SENT:
            return self.Delivery.SENT
        return self.Delivery.FAILED if self.email.has_failed else self.Delivery.ON_ITS_WAY

    @property
    def days_waiting(self) -> int:
        """Whole days since the mail server took the contact mail."""
        taken = self.email.accepted_at if self.email else None
        return (timezone.now() - taken).days if taken else 0

    @property
    def asked(self) -> str:
        """Which office was asked, in public words: organization and section, never a person."""
        if self.contact is None:
            return str(_("the Coalition’s own mailbox"))
        organization = self.contact.organization
        office = f"{organization.name} ({organization.acronym})" if organization.acronym else organization.name
        return f"{office}, {self.contact.section}" if self.contact.section else office
