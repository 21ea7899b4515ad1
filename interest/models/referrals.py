"""One initiative within an expression of interest, with its own status."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact
from interest.models.answers import Answer, office_of
from interest.models.expressions import ExpressionOfInterest
from interest.models.inquiries import Inquiry


class ReferralQuerySet(models.QuerySet["Referral"]):
    def live(self) -> "ReferralQuerySet":
        return self.filter(is_live=True)

    def with_the_coalition(self) -> "ReferralQuerySet":
        """Live ones for which no contact is known, so that the Coalition's own mailbox was asked."""
        return self.live().filter(contact__isnull=True, status=Referral.Status.WAITING)

    def to_pass_on(self) -> "ReferralQuerySet":
        """Live ones whose contact said: not me. Nobody else is asked before an editor decides."""
        return self.live().filter(status=Referral.Status.WRONG_PERSON)

    def asked_by(self, email: OutgoingEmail) -> "ReferralQuerySet":
        """What the address of this mail may answer now, whichever mail asked it. For the referrals of one expression."""
        asked = Inquiry.objects.open().to_address(email.recipient).filter(referral=OuterRef("pk"))
        return self.filter(Exists(asked))

    def with_recipients(self) -> "ReferralQuerySet":
        """Fetches in one query all that receipts, the status page and staff show of a referral."""
        replied = Answer.objects.filter(referral=OuterRef("pk"), kind=Answer.Kind.REPLY).order_by("-pk").values("created_at")
        taken = Inquiry.objects.filter(referral=OuterRef("pk"), email__accepted_at__isnull=False)
        first_taken = taken.order_by("email__accepted_at").values("email__accepted_at")
        return self.select_related("initiative", "contact__organization", "email", "already_live__expression").annotate(
            waiting_since=Coalesce(Subquery(replied[:1]), Subquery(first_taken[:1]))
        )

    def with_answers(self) -> "ReferralQuerySet":
        """Adds, in one more query, every answer and the office it came from."""
        return self.with_recipients().prefetch_related(
            models.Prefetch("answers", Answer.objects.select_related("contact__organization"))
        )

    def with_correspondence(self) -> "ReferralQuerySet":
        """Adds, in one more query, who was asked when."""
        return self.with_answers().prefetch_related(
            models.Prefetch("inquiries", Inquiry.objects.select_related("contact__organization", "email"))
        )


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

    # From `with_recipients`: when the mail server took the first mail that asked, or when the focal point last gave what a
    # contact wanted to know. Empty as long as nobody was reached.
    waiting_since: datetime | None

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
                condition=Q(email__isnull=True, is_live=False, status="waiting")
                | Q(email__isnull=False, is_live=True) & ~Q(status="withdrawn")
                | Q(email__isnull=False, is_live=False, status="withdrawn"),
                name="referral_is_unasked_or_live_or_withdrawn",
            ),
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
        """Whole days since `waiting_since`."""
        return (timezone.now() - self.waiting_since).days if self.waiting_since else 0

    @property
    def is_answered(self) -> bool:
        return self.is_live and self.status != self.Status.WAITING

    @property
    def status_for_contact(self) -> str:
        """The status in words for whoever is asked; those of the choices speak to the focal point."""
        asked = self.status == self.Status.NEED_INFORMATION
        return str(_("Waits for the focal point")) if asked else self.get_status_display()

    @property
    def is_withdrawn(self) -> bool:
        return self.status == self.Status.WITHDRAWN

    @property
    def asked(self) -> str:
        """Which office was asked."""
        return office_of(self.contact)
