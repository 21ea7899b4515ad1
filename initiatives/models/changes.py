"""What changed in the public catalogue, field by field. Written by `initiatives.changes`, read by pages, feeds and digests."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from initiatives.models.entries import PublicationState
from initiatives.models.initiatives import Initiative

# Stands for the name of a field where an entry came or went as a whole. Its value is whether the entry is published.
PUBLICATION = "publication"


class Snapshot(models.Model):
    """The public fields of an entry as they were last recorded. Kept when it is withdrawn, for the day it comes back."""

    code = models.CharField(_("code"), max_length=5, primary_key=True)
    title = models.CharField(_("title"), max_length=500)
    content = models.JSONField(_("public fields"))
    is_published = models.BooleanField(_("published"), default=True)
    first_at = models.DateTimeField(_("first recorded"), db_default=Now(), editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("recorded entry")
        verbose_name_plural = _("recorded entries")

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ChangeQuerySet(models.QuerySet["Change"]):
    def public(self) -> "ChangeQuerySet":
        """What the public may read: of entries that are not published only that they came and went."""
        published = Initiative.objects.filter(state=PublicationState.PUBLISHED)
        return self.filter(Q(field=PUBLICATION) | Q(entry__in=published.values("code")))

    def newest_first(self) -> "ChangeQuerySet":
        return self.order_by("-at", "entry", "pk")


class Change(models.Model):
    """One public field of one entry that was one thing and became another."""

    entry = models.ForeignKey(Snapshot, models.PROTECT, related_name="changes", verbose_name=_("initiative"))
    field = models.CharField(_("field"), max_length=30)
    old: Any = models.JSONField(_("before"), null=True)
    new: Any = models.JSONField(_("now"), null=True)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [models.Index(fields=["-at"], name="change_newest")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.field}"
