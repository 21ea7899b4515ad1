"""What initiatives and trainings have in common: somebody publishes them, and only then the public sees them."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PublicationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


def published(path: str = "") -> Q:
    """The condition that an entry is public; `path` leads to it from the counted row: `initiatives__`."""
    return Q(**{f"{path}state": PublicationState.PUBLISHED})


AnyEntry = TypeVar("AnyEntry", bound="Entry")


class EntryQuerySet(models.QuerySet[AnyEntry]):
    def published(self) -> Self:
        """What the public may see. Every page, search, feed and API starts here."""
        return self.filter(published())

    def in_review(self) -> Self:
        return self.filter(state=PublicationState.REVIEW)


class Entry(models.Model):
    State = PublicationState

    state = models.CharField(
        _("publication"),
        max_length=10,
        choices=State,
        default=State.DRAFT,
        help_text=_("Only published entries are seen outside the staff area."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        return self.state == PublicationState.PUBLISHED
