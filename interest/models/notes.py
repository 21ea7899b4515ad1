"""What staff write down for each other about a referral."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """For staff only: neither the focal point nor a contact ever sees it."""

    referral = models.ForeignKey("interest.Referral", models.CASCADE, related_name="notes", verbose_name=_("referral"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"), editable=False
    )
    text = models.TextField(_("note"), max_length=4000)
    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:80]
