"""The outgoing mail queue. A row here, written in the transaction of what it reports, is the only queue there is."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """Where in the dialogue with the mail server something went wrong."""

    OPENING = "opening", _("on connecting")
    SENDER = "sender", _("about our own address")
    RECIPIENT = "recipient", _("about the recipient’s address")
    CONTENT = "content", _("about the mail itself")
    BROKEN = "broken", _("the connection broke off")


# What a key `kind:about:…` names, such as the reference of a request. There is an index on this very expression.
ABOUT = models.Func(F("key"), models.Value(":"), models.Value(2), function="split_part", output_field=models.CharField())


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def waiting(self) -> "OutgoingEmailQuerySet":
        """Rows that nobody holds and that will be sent."""
        return self.filter(state__in=[OutgoingEmail.State.QUEUED, OutgoingEmail.State.RETRY])

    def abandoned(self) -> "OutgoingEmailQuerySet":
        """Rows whose sender died, or forgot them, before it could write a result."""
        return self.filter(state=OutgoingEmail.State.SENDING, lease_until__lt=Now())

    def about(self, names: Iterable[str]) -> "OutgoingEmailQuerySet":
        """Those whose key names one of these in its second place."""
        return self.alias(about=ABOUT).filter(about__in=list(names))

    def unread(self) -> "OutgoingEmailQuerySet":
        """Those whose reader should have them and, as far as we know, has not."""
        return (self.stoppable() | self.undelivered()).in_force()

    def stoppable(self) -> "OutgoingEmailQuerySet":
        return self.waiting() | self.filter(state=OutgoingEmail.State.HELD)

    def untried(self) -> "OutgoingEmailQuerySet":
        """Rows that no mail server has heard of."""
        return self.filter(state__in=[OutgoingEmail.State.QUEUED, OutgoingEmail.State.HELD], attempts=0)

    def never_accepted(self) -> "OutgoingEmailQuerySet":
        """Rows that wait for another try, or that nobody tries any more."""
        return self.filter(state__in=OutgoingEmail.NEVER_ACCEPTED)

    def returned(self) -> "OutgoingEmailQuerySet":
        """Those that were accepted, but came back. A delivery that was reported later counts more."""
        return self.filter(Q(delivered_at__isnull=True) | Q(delivered_at__lt=F("returned_at")), returned_at__isnull=False)

    def undelivered(self) -> "OutgoingEmailQuerySet":
        """Rows whose reader does not get them unless staff do something.

        What was canceled on purpose, or is out of date, is not among them.
        """
        return (self.returned() | self.filter(state__in=OutgoingEmail.FAILED)).in_force()

    def kept_back(self) -> "OutgoingEmailQuerySet":
        """Rows that the portal itself holds: in the very transaction that wrote them. Staff hold a mail later than that.

        The database keeps as `state_since` when the transaction began, as `created_at` when the statement did.
        """
        held = self.filter(state=OutgoingEmail.State.HELD, state_since__lte=F("created_at"), again_of__isnull=True)
        return held.in_force()

    def in_force(self) -> "OutgoingEmailQuerySet":
        """Those that their readers may still get."""
        return self.filter(superseded_at__isnull=True)

    def with_text(self) -> "OutgoingEmailQuerySet":
        """Those whose text was not deleted when its time was over."""
        return self.exclude(text="")

    def final(self) -> "OutgoingEmailQuerySet":
        """Those that nobody will send unless staff do something."""
        return self.filter(state__in=OutgoingEmail.FINAL)

    def due(self) -> "OutgoingEmailQuerySet":
        """Rows that may be claimed now, by the database's clock."""
        rows = self.waiting().filter(next_attempt_at__lte=Now()) | self.abandoned().filter(claims__lt=OutgoingEmail.CLAIMS)
        return rows.order_by("next_attempt_at", "pk")


class OutgoingEmail(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", pgettext_lazy("a mail", "Being sent")
        RETRY = "retry", _("Will be tried again")
        HELD = "held", _("Held by staff")
        SENT = "sent", pgettext_lazy("a mail", "Sent")
        PERMANENT_FAILURE = "permanent_failure", _("Refused for good")
        TEMPORARY_FAILURE = "temporary_failure", _("Given up after trying for days")
        PARKED = "parked", _("Parked: it stopped its sender five times")
        CANCELLED = "cancelled", _("Canceled")

    FAILED = (State.PERMANENT_FAILURE, State.TEMPORARY_FAILURE, State.PARKED)
    NEVER_ACCEPTED = (State.RETRY, *FAILED, State.CANCELLED)
    FINAL = (State.SENT, *FAILED, State.CANCELLED)

    key = models.CharField(
        _("key"), max_length=200, unique=True, help_text=_("What it reports. The same thing is never mailed twice.")
    )
    kind = models.CharField(_("kind"), max_length=40, db_index=True)
    recipient = models.EmailField(_("to"))
    reply_to = models.EmailField(_("replies go to"))
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    unsubscribe_link = models.CharField(
        _("link that unsubscribes"),
        max_length=300,
        blank=True,
        help_text=_("What the reader's mail program may POST to (RFC 8058). Empty for a mail that nobody subscribed to."),
    )

    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    again_of = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="copy", verbose_name=_("second copy of")
    )
    frozen = models.BinaryField(_("message as sent"), null=True, editable=False)

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.QUEUED)
    state_since = models.DateTimeField(
        _("in this state since"),
        db_default=Now(),
        editable=False,
        help_text=_("Kept by the database, whoever changes the state."),
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0, help_text=_("Counted when a sender takes it."))
    claims = models.PositiveSmallIntegerField(
        _("claims without a result"), default=0, help_text=_("How often in a row a sender took it and never came back.")
    )
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    lease_until = models.DateTimeField(_("taken until"), null=True, blank=True)
    failing_since = models.DateTimeField(_("first refused"), null=True, blank=True)
    paused_all_at = models.DateTimeField(
        _("paused all mail"),
        null=True,
        blank=True,
        help_text=_("When the answer to this mail was last taken for one about all mail."),
    )
    superseded_at = models.DateTimeField(
        _("out of date since"),
        null=True,
        blank=True,
        help_text=_("Since when nobody should get it any more: somebody else is asked, or its reader did what it asks for."),
    )
    last_stage = models.CharField(_("where the mail server refused it"), max_length=20, choices=Stage, blank=True)
    last_code = models.PositiveSmallIntegerField(_("last answer of the mail server"), null=True, blank=True)
    last_text = models.CharField(_("what the mail server said"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(_("accepted by the mail server"), null=True, blank=True)

    leaves_no_trace = models.BooleanField(
        _("forgets its reader"),
        default=False,
        editable=False,
        help_text=_(
            "The last mail to somebody whose details are erased. The database empties it as soon as it is sent or given up."
        ),
    )

    # What the mail provider told us afterwards, by its clock. Each is the last such moment, in whatever order they were told.
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    returned_at = models.DateTimeField(_("came back"), null=True, blank=True)
    returned_text = models.CharField(_("why it came back"), max_length=500, blank=True)
    complained_at = models.DateTimeField(_("reported as spam by its reader"), null=True, blank=True)

    objects = OutgoingEmailQuerySet.as_manager()

    # How long one sender may hold a row, and how often a row may stop its sender.
    LEASE = timedelta(minutes=5)
    CLAIMS = 5

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("outgoing email")
        verbose_name_plural = _("outgoing emails")
        indexes = [
            models.Index(fields=["next_attempt_at"], name="email_due", condition=Q(state__in=["queued", "retry", "sending"])),
            models.Index(fields=["state_since"], name="email_with_text", condition=~Q(text="")),
            models.Index(ABOUT, name="email_about"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(state="sent") | Q(accepted_at__isnull=False), name="sent_email_was_accepted"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
                name="email_being_sent_is_leased",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(state__in=["queued", "sending", "retry", "held"]), name="email_to_send_has_a_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"

    @property
    def has_failed(self) -> bool:
        """As `undelivered` counts it."""
        return self.superseded_at is None and (self.state in self.FAILED or self.was_returned)

    @property
    def is_kept_back(self) -> bool:
        """As `kept_back` counts it."""
        is_first = self.again_of_id is None and self.superseded_at is None
        return self.state == self.State.HELD and self.state_since <= self.created_at and is_first

    @property
    def was_returned(self) -> bool:
        return self.returned_at is not None and (self.delivered_at is None or self.delivered_at < self.returned_at)

    def references(self) -> list[str]:
        """The Message-IDs of the mails that this one repeats, the oldest first."""
        return [*self.again_of.references(), self.again_of.message_id] if self.again_of else []


class Pause(models.Model):
    """While its one row exists, the mail server cannot be used. One sender tries one mail at `next_probe_at`, the others wait."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField(_("since"), db_default=Now())
    next_probe_at = models.DateTimeField(_("next try"))
    code = models.PositiveSmallIntegerField(_("answer of the mail server"), null=True, blank=True)
    text = models.CharField(_("what the mail server said"), max_length=500, blank=True)

    PROBE_EVERY = timedelta(seconds=60)

    class Meta:
        verbose_name = _("pause of all mail")
        verbose_name_plural = _("pauses of all mail")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_pause_at_most")]

    def __str__(self) -> str:
        return f"{self.code or ''} {self.text}".strip()


class Heartbeat(models.Model):
    """When a worker last began a round. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    beat_at = models.DateTimeField(_("last round"))

    class Meta:
        verbose_name = _("heartbeat of the workers")
        verbose_name_plural = _("heartbeats of the workers")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_heartbeat_at_most")]

    def __str__(self) -> str:
        return f"{self.beat_at:%Y-%m-%d %H:%M:%S}"
