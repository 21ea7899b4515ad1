"""Interest that focal points register. An expression of interest is one submission; a referral is one initiative within it."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact


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

    def codes(self) -> "models.QuerySet[Referral, str]":
        """The initiatives it is about."""
        return self.referrals.values_list("initiative__code", flat=True)

    def mails(self) -> models.QuerySet[OutgoingEmail]:
        """Every mail that was written because of this expression."""
        of_this = Q(key__endswith=f":{self.reference}") | Q(key__contains=f":{self.reference}:")
        return OutgoingEmail.objects.filter(of_this).order_by("pk")

    def events(self) -> "models.QuerySet[Event]":
        return Event.objects.filter(reference=self.reference)


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
        """What the address of this mail is asked about now, whether in this mail or in another one of the same request."""
        reference, address = email.key.split(":")[1:3]
        return self.filter(email__key=f"contact:{reference}:{address}")

    def with_recipients(self) -> "ReferralQuerySet":
        """Fetches in one query all that receipts, the status page and staff show of a referral."""
        return self.select_related("initiative", "contact__organization", "email", "already_live__expression")

    def with_answers(self) -> "ReferralQuerySet":
        """Adds, in one more query, every answer and the office it came from."""
        return self.with_recipients().prefetch_related(
            models.Prefetch("answers", Answer.objects.select_related("contact__organization"))
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
        """Whole days since the mail server took the contact mail, or since the focal point gave what the contact wanted to know.

        Uses what `with_answers` fetched.
        """
        replies = [answer.created_at for answer in self.answers.all() if answer.kind == Answer.Kind.REPLY]
        since = replies[-1] if replies else self.email.accepted_at if self.email else None
        return (timezone.now() - since).days if since else 0

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


def office_of(contact: PointOfContact | None) -> str:
    """An office in public words: organization and section, never a person."""
    if contact is None:
        return str(_("the Coalition’s own mailbox"))
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

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="answers", verbose_name=_("referral"))
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
        """For whom it speaks, in public words."""
        return office_of(self.contact)

    @property
    def words(self) -> str:
        """What was answered, with the period if it has one."""
        return f"{self.get_kind_display()}, {self.period}" if self.period else self.get_kind_display()

    @property
    def public_text(self) -> str:
        """What others than staff may read. Who sends a request elsewhere may name people there."""
        return "" if self.kind == self.Kind.WRONG_PERSON else self.text


class Event(models.Model):
    """Who did what to an expression, when and why; never a text that somebody wrote. One row for each thing that was done.

    It outlives what it is about, so it names it by its reference and codes.
    """

    class Actor(models.TextChoices):
        VISITOR = "visitor", _("A visitor")
        FOCAL_POINT = "focal_point", _("Focal point")
        CONTACT = "contact", _("Point of contact")
        STAFF = "staff", _("Coalition staff")

    class What(models.TextChoices):
        REGISTERED = "registered", _("Form sent in")
        VERIFIED = "verified", _("Address confirmed")
        ANSWERED = "answered", _("Answered")
        REPLIED = "replied", _("Information given")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CORRECTED = "corrected", _("Details corrected")
        ANSWER_LINK = "answer_link", _("New answer link sent")
        STATUS_LINK = "status_link", _("New status link sent")

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
