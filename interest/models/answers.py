"""What was said about one initiative of an expression, and for which office."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from initiatives.models import PointOfContact

# An organization's name and acronym, and a section.
OFFICE_LENGTH = 600


def office_of(contact: PointOfContact | None) -> str:
    """An office in public words, as it is called now: organization and section, never a person."""
    return office_name_of(contact) or str(_("the Coalition’s own mailbox"))


def office_name_of(contact: PointOfContact | None) -> str:
    """What the record keeps of it. Empty for the Coalition's mailbox, which each reader's language has words for."""
    if contact is None:
        return ""
    organization = contact.organization
    office = f"{organization.name} ({organization.acronym})" if organization.acronym else organization.name
    return f"{office}, {contact.section}" if contact.section else office


class Answer(models.Model):
    """What somebody said about one initiative of an expression. The database refuses to change or delete it (design §4)."""

    class Author(models.TextChoices):
        CONTACT = "contact", _("Point of contact")
        FOCAL_POINT = "focal_point", _("Focal point")
        STAFF = "staff", _("Coalition staff")

    class Kind(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        NEED_INFORMATION = "need_information", _("Need information")
        REPLY = "reply", _("Information given")
        NOTED = "noted", _("Noted, no resources now")
        SCHEDULED = "scheduled", _("Scheduled")
        NOT_SUITABLE = "not_suitable", _("Not suitable")
        WRONG_PERSON = "wrong_person", _("Wrong person")

    NEEDS_TEXT = (Kind.NEED_INFORMATION, Kind.REPLY, Kind.NOT_SUITABLE)

    referral = models.ForeignKey("interest.Referral", models.CASCADE, related_name="answers", verbose_name=_("referral"))
    submission = models.UUIDField(editable=False, help_text=_("The form it came with, as it was sent."))
    author = models.CharField(_("author"), max_length=20, choices=Author)
    contact = models.ForeignKey(
        PointOfContact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("contact"),
        help_text=_("For whom the answer speaks. Empty for the focal point and for the Coalition's own mailbox."),
    )
    kind = models.CharField(_("answer"), max_length=20, choices=Kind)
    period = models.CharField(_("period"), max_length=100, blank=True, help_text=_("When it is scheduled for."))
    text = models.TextField(_("text"), blank=True)
    proposed_name = models.CharField(_("ask instead"), max_length=150, blank=True)
    proposed_email = models.EmailField(_("e-mail of whom to ask instead"), blank=True)
    direct_name = models.CharField(_("name told to the focal point"), max_length=200, blank=True)
    direct_email = models.EmailField(
        _("address told to the focal point"), blank=True, help_text=_("As it was when they agreed to be written to directly.")
    )
    office_name = models.CharField(
        _("office"),
        max_length=OFFICE_LENGTH,
        blank=True,
        editable=False,
        help_text=_("For which office it speaks, or to which one it replies: as it was called then. Empty for the Coalition."),
    )
    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["submission", "referral"], name="answer_once_per_submission"),
            models.CheckConstraint(condition=~Q(kind="scheduled") | ~Q(period=""), name="scheduled_has_a_period"),
            models.CheckConstraint(
                condition=Q(author="focal_point", kind="reply") | ~Q(author="focal_point") & ~Q(kind="reply"),
                name="focal_point_only_replies",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.created_at:%Y-%m-%d})"

    @property
    def is_reply(self) -> bool:
        return self.kind == self.Kind.REPLY

    @property
    def by_staff(self) -> bool:
        return self.author == self.Author.STAFF

    @property
    def office(self) -> str:
        """For whom it speaks, or to whom it replies, in public words: as they were called then."""
        return self.office_name or office_of(self.contact)

    @property
    def words(self) -> str:
        """What was answered, with the period if it has one."""
        return f"{self.get_kind_display()}, {self.period}" if self.period else self.get_kind_display()

    @property
    def public_text(self) -> str:
        """What others than staff may read. Who sends a request elsewhere may name people there."""
        return "" if self.kind == self.Kind.WRONG_PERSON else self.text
