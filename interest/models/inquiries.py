"""Whom the portal asked about a referral, how often, and why."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest.models.answers import OFFICE_LENGTH, Answer, office_of


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def open(self) -> "InquiryQuerySet":
        """Those whose address may still answer."""
        return self.filter(closed_at__isnull=True)

    def to_address(self, recipient: str) -> "InquiryQuerySet":
        """However the address is spelled."""
        return self.filter(address_key=addresses.normalize(recipient))

    def anew(self) -> "InquiryQuerySet":
        """Those that began to ask somebody."""
        return self.filter(step__in=[Inquiry.Step.FIRST, Inquiry.Step.REPLACEMENT])

    def rungs(self) -> "InquiryQuerySet":
        """Those that followed because no answer came."""
        return self.filter(step__in=[Inquiry.Step.REMINDER, Inquiry.Step.DEPUTY])

    def reachable(self) -> "InquiryQuerySet":
        """Open ones whose contact is active and still at this address, so that a reminder may go there."""
        return self.open().filter(contact__is_active=True, address_key=Lower("contact__email"))

    def outdated(self) -> "InquiryQuerySet":
        """Those whose contact was deactivated, or has another address since."""
        return self.filter(Q(contact__is_active=False) | Q(contact__isnull=False) & ~Q(address_key=Lower("contact__email")))


class Inquiry(models.Model):
    """One mail that asked one address about one referral. A reminder about twelve referrals is twelve rows with the same mail."""

    class Step(models.TextChoices):
        FIRST = "first", _("Asked")
        REMINDER = "reminder", _("Reminded")
        DEPUTY = "deputy", _("Deputy asked")
        REPLACEMENT = "replacement", _("Asked instead")

    referral = models.ForeignKey("interest.Referral", models.CASCADE, related_name="inquiries", verbose_name=_("referral"))
    step = models.CharField(_("step"), max_length=20, choices=Step)
    contact = models.ForeignKey(
        PointOfContact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        verbose_name=_("contact"),
        help_text=_("Empty if the Coalition's own mailbox was asked."),
    )
    office_name = models.CharField(
        _("office"),
        max_length=OFFICE_LENGTH,
        blank=True,
        editable=False,
        help_text=_("Which office was asked, as it was called then. Empty for the Coalition's own mailbox."),
    )
    address_key = models.CharField(_("address key"), max_length=254, help_text=_("The address that was asked, normalized."))
    email = models.ForeignKey(OutgoingEmail, models.PROTECT, related_name="inquiries", verbose_name=_("mail"))
    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    closed_at = models.DateTimeField(
        _("closed"), null=True, blank=True, help_text=_("Since when this address is not asked any more: somebody else is.")
    )

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        indexes = [models.Index(fields=["address_key"], name="inquiry_address")]
        constraints = [models.UniqueConstraint(fields=["referral", "email"], name="inquiry_once_per_mail")]

    def __str__(self) -> str:
        return f"{self.get_step_display()} ({self.created_at:%Y-%m-%d})"

    @property
    def office(self) -> str:
        """Which office was asked, in public words: as it was called then."""
        return self.office_name or office_of(self.contact)

    @property
    def asks_for_more(self) -> bool:
        """Whether a deputy was asked after an acknowledgement. Uses the answers that its referral has fetched."""
        if self.step != Inquiry.Step.DEPUTY:
            return False
        before = [answer.kind for answer in self.referral.answers.all() if answer.created_at < self.created_at]
        return before[-1:] == [Answer.Kind.ACKNOWLEDGED]

    @property
    def is_outdated(self) -> bool:
        """Whether staff changed the contact's address since, or deactivated the contact."""
        contact = self.contact
        return contact is not None and not (contact.is_active and contact.email.lower() == self.address_key)
