"""The record of what happened."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Who did what to an expression, when and why; never a text that somebody wrote. One row for each thing that was done.

    It outlives what it is about, so it names it by its reference and codes.
    """

    class Actor(models.TextChoices):
        VISITOR = "visitor", _("A visitor")
        FOCAL_POINT = "focal_point", _("Focal point")
        CONTACT = "contact", _("Point of contact")
        STAFF = "staff", _("Coalition staff")
        PORTAL = "portal", _("The portal")

    class What(models.TextChoices):
        REGISTERED = "registered", _("Form sent in")
        VERIFIED = "verified", _("Address confirmed")
        ANSWERED = "answered", _("Answered")
        REPLIED = "replied", _("Information given")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CORRECTED = "corrected", _("Details corrected")
        ANSWER_LINK = "answer_link", _("New answer link sent")
        LIST_LINK = "list_link", _("List of requests sent")
        STATUS_LINK = "status_link", _("New status link sent")
        LINKS_REPLACED = "links_replaced", _("All links replaced")
        REMINDED = "reminded", _("Contact reminded")
        DEPUTY_ASKED = "deputy_asked", _("Deputy asked")
        STAFF_CALLED = "staff_called", _("No answer: staff are called")
        REDIRECTED = "redirected", _("Somebody else is asked")
        NOTED = "noted", _("Note written")
        ERASED = "erased", _("Personal details erased")
        SUBSCRIPTION_ASKED = "subscription_asked", _("Subscription asked for")
        SUBSCRIBED = "subscribed", _("Subscription confirmed")
        SUBSCRIPTION_CHANGED = "subscription_changed", _("Subscription changed")
        UNSUBSCRIBED = "unsubscribed", _("Subscription stopped")

    reference = models.CharField(_("reference"), max_length=15, db_index=True)
    codes = ArrayField(models.CharField(max_length=5), verbose_name=_("initiatives"), default=list, blank=True)
    actor = models.CharField(_("who"), max_length=20, choices=Actor)
    by = models.CharField(
        _("by"),
        max_length=200,
        blank=True,
        help_text=_("A staff member's user name, or the key of the mail whose link was used."),
    )
    what = models.CharField(_("what"), max_length=20, choices=What)
    why = models.CharField(_("why"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_what_display()}"
