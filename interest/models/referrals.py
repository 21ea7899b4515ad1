"""One initiative within an expression of interest, with its own status."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative, PointOfContact
from interest.models.answers import Answer, office_of
from interest.models.expressions import ExpressionOfInterest
from interest.models.inquiries import Inquiry

NEW_FOR = timedelta(days=7)


class ReferralQuerySet(models.QuerySet["Referral"]):
    def live(self) -> Self:
        """What somebody may still do something about."""
        return self.filter(is_live=True, expression__erased_at__isnull=True)

    def counted(self) -> "ReferralQuerySet":
        """Verified and not withdrawn, whether or not the personal details are still there: what statistics count."""
        return self.filter(is_live=True)

    def new(self) -> "ReferralQuerySet":
        """Live ones of the last seven days."""
        return self.live().filter(expression__verified_at__gt=Now() - NEW_FOR)

    def waiting(self) -> "ReferralQuerySet":
        """Live ones that somebody was asked about and that nobody answered, whatever became of the mail."""
        return self.live().filter(status=Referral.Status.WAITING)

    def answered(self) -> "ReferralQuerySet":
        """Counted ones to which somebody said something else than: not me."""
        return self.counted().exclude(status__in=[Referral.Status.WAITING, Referral.Status.WRONG_PERSON])

    def undeliverable(self) -> "ReferralQuerySet":
        """Live ones for which a mail that asks, or reminds, was not delivered, and nobody answered."""
        failed = Inquiry.objects.open().filter(referral=OuterRef("pk"), email__in=OutgoingEmail.objects.undelivered())
        return self.unanswered().filter(Exists(failed))

    def with_the_coalition(self) -> "ReferralQuerySet":
        """Live ones for which no contact is known, so that the Coalition's own mailbox was asked."""
        return self.waiting().filter(contact__isnull=True)

    def to_pass_on(self) -> "ReferralQuerySet":
        """Live ones whose contact said: not me. Nobody else is asked before an editor decides."""
        return self.live().filter(status=Referral.Status.WRONG_PERSON)

    def unsettled(self) -> "ReferralQuerySet":
        """Live ones about which whoever is asked still has something to do."""
        return self.live().exclude(status__in=Referral.SETTLED)

    def asked_in_vain(self) -> "ReferralQuerySet":
        """Unsettled ones that were asked at an address which staff changed, or of a contact whom they deactivated."""
        return self.unsettled().filter(Exists(Inquiry.objects.open().outdated().filter(referral=OuterRef("pk"))))

    def waiting_on(self, inquiry: Inquiry) -> "ReferralQuerySet":
        """Unsettled ones about which the contact of this inquiry is asked at the same address, in whichever expression."""
        same = Inquiry.objects.open().filter(address_key=inquiry.address_key, contact=inquiry.contact_id)
        return self.unsettled().filter(Exists(same.filter(referral=OuterRef("pk"))))

    def unanswered(self) -> Self:
        """Live ones for which whoever is asked still owes an answer."""
        return self.live().filter(status__in=Referral.UNANSWERED)

    def overdue(self) -> "ReferralQuerySet":
        """Those that nobody answered in time, though there was a reminder and a deputy, so that staff are called."""
        return self.unanswered().with_silence().filter(staff_called_at__gt=F("silent_since"))

    def silent(self) -> "ReferralQuerySet":
        """Those on the ladder (design §5.6) below staff, with all that it looks at. What was not delivered is not silence."""
        reached = self.unanswered().filter(email__state=OutgoingEmail.State.SENT)
        reachable = Inquiry.objects.reachable().exclude(step=Inquiry.Step.REMINDER).select_related("contact", "email")
        return (
            reached.exclude(email__in=OutgoingEmail.objects.returned())
            .with_rungs()
            .exclude(staff_called_at__gt=F("silent_since"))
            .select_related("expression", "initiative", "contact__organization")
            .prefetch_related(models.Prefetch("inquiries", reachable, to_attr="reachable"))
        )

    def with_silence(self) -> Self:
        """Adds since when nobody said anything new: the last answer, or the last time that somebody was asked anew.

        Of acknowledgements only the first after that counts: who acknowledges again has said nothing new.
        """
        said = Answer.objects.filter(referral=OuterRef("pk"))
        answered = said.exclude(kind=Answer.Kind.ACKNOWLEDGED).order_by("-pk").values("created_at")
        asked = Inquiry.objects.anew().filter(referral=OuterRef("pk")).order_by("-pk").values("created_at")
        acknowledged = said.filter(kind=Answer.Kind.ACKNOWLEDGED, created_at__gte=OuterRef("begun_at")).order_by("pk")
        begun = self.alias(begun_at=Greatest(Subquery(answered[:1]), Subquery(asked[:1])))
        return begun.annotate(silent_since=Greatest("begun_at", Subquery(acknowledged.values("created_at")[:1])))

    def with_rungs(self) -> Self:
        """Adds from when days are counted (if no mail that asked anew arrived: from the first that did), and the last rung of the
        ladder in this silence.

        A rung counts from when its mail was delivered; if it never will be, from when it was written; else not yet.
        """
        replied = Answer.objects.filter(referral=OuterRef("pk"), kind=Answer.Kind.REPLY).order_by("-pk").values("created_at")
        asked = Inquiry.objects.anew().filter(referral=OuterRef("pk")).order_by("-pk").values("email__accepted_at")
        taken = Inquiry.objects.filter(referral=OuterRef("pk")).order_by("email__accepted_at").values("email__accepted_at")
        spoke = Answer.objects.filter(referral=OuterRef("pk")).exclude(kind=Answer.Kind.REPLY).order_by("-pk").values("contact")
        rungs = Inquiry.objects.rungs().filter(referral=OuterRef("pk"), created_at__gt=OuterRef("silent_since")).order_by("-pk")
        given_up = Case(When(email__state__in=OutgoingEmail.FINAL, then=F("created_at")))
        return self.with_silence().annotate(
            asked_at=Greatest(Subquery(replied[:1]), Coalesce(Subquery(asked[:1]), Subquery(taken[:1]))),
            speaker=Subquery(spoke[:1]),
            rung=Subquery(rungs.values("step")[:1]),
            rung_at=Subquery(rungs.annotate(at=Coalesce("email__accepted_at", given_up)).values("at")[:1]),
        )

    def asked_by(self, email: OutgoingEmail) -> "ReferralQuerySet":
        """What the address of this mail may answer now, whichever mail asked it. For the referrals of one expression."""
        asked = Inquiry.objects.open().to_address(email.recipient).filter(referral=OuterRef("pk"))
        return self.filter(Exists(asked))

    def with_recipients(self) -> "ReferralQuerySet":
        """Fetches in one query all that receipts, the status page and staff show of a referral."""
        replied = Answer.objects.filter(referral=OuterRef("pk"), kind=Answer.Kind.REPLY).order_by("-pk").values("created_at")
        taken = Inquiry.objects.filter(referral=OuterRef("pk"), email__accepted_at__isnull=False)
        first_taken = taken.order_by("email__accepted_at").values("email__accepted_at")
        shown = self.select_related("initiative", "contact__organization", "email", "already_live__expression")
        asked = Inquiry.objects.filter(referral=OuterRef("pk"), email=OuterRef("email")).values("office_name")
        return shown.with_silence().annotate(
            replied_at=Subquery(replied[:1]),
            waiting_since=Coalesce("replied_at", Subquery(first_taken[:1])),
            asked_name=Subquery(asked[:1]),
        )

    def with_answers(self) -> "ReferralQuerySet":
        """Adds, in one more query, every answer and the office it came from."""
        return self.with_recipients().prefetch_related(
            models.Prefetch("answers", Answer.objects.select_related("contact__organization"))
        )

    def with_correspondence(self) -> "ReferralQuerySet":
        """Adds, in one more query, who was asked when."""
        return self.with_answers().prefetch_related(
            models.Prefetch("inquiries", Inquiry.objects.select_related("contact__organization", "email"))
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

    UNANSWERED = (Status.WAITING, Status.ACKNOWLEDGED)
    SETTLED = (Status.NOTED, Status.SCHEDULED, Status.NOT_SUITABLE, Status.WITHDRAWN)

    class Delivery(models.TextChoices):
        """What became of the mail that asks about this initiative. Computed, never stored."""

        UNCONFIRMED = "unconfirmed", _("Waits for the confirmation of the address")
        ALREADY_LIVE = "already_live", _("Already registered")
        NOT_OFFERED = "not_offered", _("No longer in the catalogue")
        ON_ITS_WAY = "on_its_way", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Could not be delivered")
        CANCELED = "canceled", _("Was not sent")

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

    staff_called_at = models.DateTimeField(
        _("staff called"), null=True, blank=True, editable=False, help_text=_("When the last of those who were asked was silent.")
    )

    # From `with_recipients`: when the focal point last gave what a contact wanted to know; if never, when the mail server took
    # the first mail that asked. Empty as long as nobody was reached.
    waiting_since: datetime | None
    replied_at: datetime | None
    # From `with_recipients` too: what the office was called that the last mail asked. Empty for the Coalition's own mailbox.
    asked_name: str | None = None
    # From `with_silence`, which `with_recipients` includes.
    silent_since: datetime | None
    # From `silent`: from when days are counted, the contact who answered last, the last rung and from when that counts, and by
    # which inquiries those were asked who can be reminded.
    asked_at: datetime | None
    speaker: int | None
    rung: str | None
    rung_at: datetime | None
    reachable: list[Inquiry]

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
        if self.email.has_failed:
            return self.Delivery.FAILED
        final = {OutgoingEmail.State.SENT: self.Delivery.SENT, OutgoingEmail.State.CANCELLED: self.Delivery.CANCELED}
        return final.get(OutgoingEmail.State(self.email.state), self.Delivery.ON_ITS_WAY)

    @property
    def days_waiting(self) -> int:
        """Whole days since `waiting_since`."""
        return (timezone.now() - self.waiting_since).days if self.waiting_since else 0

    @property
    def is_overdue(self) -> bool:
        """Whether it is among `overdue`. Uses what `with_recipients` fetched."""
        is_called = bool(self.staff_called_at and self.silent_since and self.staff_called_at > self.silent_since)
        return self.is_live and self.status in self.UNANSWERED and is_called

    @property
    def status_words(self) -> str:
        """The status; if it is overdue, for how long no answer is known here. Uses what `with_recipients` fetched."""
        if not self.is_overdue:
            return self.get_status_display()
        days = {"days": self.days_waiting}
        if self.status == self.Status.ACKNOWLEDGED:
            return (
                ngettext(
                    "Acknowledged, but no full answer is known for %(days)d day",
                    "Acknowledged, but no full answer is known for %(days)d days",
                    days["days"],
                )
                % days
            )
        return ngettext("No answer is known for %(days)d day", "No answer is known for %(days)d days", days["days"]) % days

    @property
    def is_informed(self) -> bool:
        """Whether the focal point spoke last: gave what a contact wanted to know. Uses what `with_recipients` fetched."""
        return self.replied_at is not None and self.replied_at == self.silent_since

    @property
    def is_answered(self) -> bool:
        return self.is_live and self.status != self.Status.WAITING

    @property
    def status_for_contact(self) -> str:
        """The status in words for whoever is asked; those of the choices speak to the focal point."""
        asked = self.status == self.Status.NEED_INFORMATION
        return str(_("Waits for the focal point")) if asked else self.status_words

    @property
    def is_still_elsewhere(self) -> bool:
        """Whether the one because of which this was left out can still be answered. Uses what `with_recipients` fetched."""
        other = self.already_live
        return other is not None and other.is_live and not other.expression.is_erased

    @property
    def is_withdrawn(self) -> bool:
        return self.status == self.Status.WITHDRAWN

    @property
    def asked(self) -> str:
        """Which office was asked: as it was called then, if `with_recipients` fetched it."""
        return self.asked_name or office_of(self.contact)
