"""One form that a focal point sent in."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from interest.models.events import Event


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

    def codes(self) -> models.QuerySet[Any, str]:
        """The initiatives it is about."""
        return self.referrals.values_list("initiative__code", flat=True)

    def mails(self) -> models.QuerySet[OutgoingEmail]:
        """Every mail that was written because of this expression."""
        of_this = Q(key__endswith=f":{self.reference}") | Q(key__contains=f":{self.reference}:")
        return OutgoingEmail.objects.filter(of_this).order_by("pk")

    def events(self) -> "models.QuerySet[Event]":
        return Event.objects.filter(reference=self.reference)
