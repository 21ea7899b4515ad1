"""What is counted, so that nobody can use the portal to flood others."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Use(models.Model):
    """One use of something that is limited. Kept for a day; whose it was cannot be read from it."""

    key = models.CharField(_("key"), max_length=64, help_text=_("What was used by whom or for whom, as a keyed hash."))
    about = models.CharField(_("about"), max_length=15, blank=True, help_text=_("The reference that a mail is about."))
    at = models.DateTimeField(_("when"), db_default=Now(), help_text=_("In the future for a mail that must wait until then."))

    class Meta:
        verbose_name = _("use")
        verbose_name_plural = _("uses")
        indexes = [
            models.Index(fields=["key", "-at"], name="use_latest"),
            models.Index(fields=["about"], name="use_about", condition=~models.Q(about="")),
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]} ({self.at:%Y-%m-%d %H:%M})"
