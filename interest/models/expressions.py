"""One form that a focal point sent in."""

from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from interest.models.events import Event

# How the keys of mails begin that name one expression. What begins with a constant is found by the index of the key.
MAILED = (
    "verify",
    "receipt",
    "contact",
    "answer_link",
    "answer",
    "recorded",
    "reply",
    "correction",
    "withdrawal",
    "notice",
    "status_link",
    "erased",
)


class ExpressionOfInterestQuerySet(models.QuerySet["ExpressionOfInterest"]):
    def verified(self) -> "ExpressionOfInterestQuerySet":
        return self.filter(verified_at__isnull=False)

    def live(self) -> "ExpressionOfInterestQuerySet":
        """Verified and not withdrawn, with somebody to answer."""
        return self.verified().kept().filter(withdrawn_at__isnull=True)

    def kept(self) -> "ExpressionOfInterestQuerySet":
        """Those whose personal details are still there."""
        return self.filter(erased_at__isnull=True)


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
    erased_at = models.DateTimeField(
        _("personal details erased"), null=True, blank=True, editable=False, help_text=_("What remains is for counting only.")
    )
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
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(name="", job_title="", institution="", email="", phone="", message="", verified_at__isnull=False),
                name="erased_has_no_details",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    @property
    def address_key(self) -> str:
        return addresses.normalize(self.email)

    def codes(self) -> models.QuerySet[Any, str]:
        """The initiatives it is about."""
        return self.referrals.values_list("initiative__code", flat=True)

    def mails(self) -> models.QuerySet[OutgoingEmail]:
        """Every mail that was written because of this expression, also those that are about others too."""
        of_this = reduce(or_, (Q(key__startswith=f"{kind}:{self.reference}") for kind in MAILED))
        asking = OutgoingEmail.objects.filter(inquiries__referral__expression=self)
        return OutgoingEmail.objects.filter(of_this | Q(pk__in=asking.values("pk"))).order_by("pk")

    def events(self) -> "models.QuerySet[Event]":
        return Event.objects.filter(reference=self.reference)
