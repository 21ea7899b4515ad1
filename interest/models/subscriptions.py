"""Who wants to be told by mail what changes, and in what. Nobody needs an account: an address, confirmed by a mailed link."""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, TruncDate
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from coalition.mail.models import OutgoingEmail
from initiatives.following import Followed

WEEK = timedelta(days=7)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def due(self) -> "SubscriberQuerySet":
        """Those who had no digest today, by the database's day, and have a subscription whose time has come."""
        due = Subscription.objects.due().filter(subscriber=models.OuterRef("pk"))
        return self.exclude(digested_on__gte=TruncDate(Now())).filter(models.Exists(due))


class Subscriber(models.Model):
    """One address. It ends with its last subscription."""

    reference = models.CharField(_("reference"), max_length=15, unique=True, help_text=_("SUB-YYYY-XXXXXX"))
    email = models.EmailField(_("e-mail"))
    address_key = models.CharField(_("address key"), max_length=254, unique=True, help_text=_("The address, normalized."))
    language = models.CharField(_("language"), max_length=10, default="en", help_text=_("In which mails are written to them."))
    link_version = models.PositiveIntegerField(
        _("link version"), default=1, help_text=_("Raising it makes every link mailed so far invalid.")
    )
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    digested_on = models.DateField(_("last round"), null=True, blank=True, editable=False)

    # The database's day, where a round annotates it.
    today: date

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")

    def __str__(self) -> str:
        return self.reference

    def mails(self) -> models.QuerySet[OutgoingEmail]:
        """All that was written to them about subscriptions. Keys begin with a constant, so that an index finds them."""
        begins = Q()
        for kind in ("subscribe", "subscriptions", "digest"):
            begins |= Q(key__startswith=f"{kind}:{self.reference}:")
        return OutgoingEmail.objects.filter(begins)

    def is_unreachable(self) -> bool:
        """Whether a digest came back, was refused because of the address, or was reported as spam."""
        digests = OutgoingEmail.objects.filter(key__startswith=f"digest:{self.reference}:")
        refused = Q(state=OutgoingEmail.State.PERMANENT_FAILURE, last_stage="recipient")
        returned = Q(pk__in=digests.returned().values("pk"))
        return digests.filter(refused | returned | Q(complained_at__isnull=False)).exists()


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def confirmed(self) -> "SubscriptionQuerySet":
        return self.filter(confirmed_at__isnull=False)

    def due(self) -> "SubscriptionQuerySet":
        """Daily ones that were not looked at today, weekly ones not for seven days. Late is no reason to wait longer."""
        daily = Q(frequency=Subscription.Frequency.DAILY, looked_on__lt=TruncDate(Now()))
        weekly = Q(frequency=Subscription.Frequency.WEEKLY, looked_on__lte=TruncDate(Now() - WEEK))
        return self.confirmed().filter(daily | weekly)


class Subscription(models.Model):
    """What one address follows. `number` and `codes` say what its subscriber knows: nothing before is ever told."""

    class Frequency(models.TextChoices):
        DAILY = "daily", _("Every day on which something changed")
        WEEKLY = "weekly", _("Once a week, if something changed")

    reference = models.CharField(_("reference"), max_length=15, unique=True, help_text=_("SUB-YYYY-XXXXXX"))
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions", verbose_name=_("subscriber"))
    query = models.CharField(
        _("what"), max_length=1000, blank=True, help_text=_("Filters of the catalogue, or one code. Empty: all initiatives.")
    )
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency, default=Frequency.WEEKLY)
    created_at = models.DateTimeField(_("asked for"), db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    looked_on = models.DateField(_("last looked at"), null=True, blank=True, editable=False)
    number = models.BigIntegerField(_("last change told"), default=0, editable=False)
    codes = ArrayField(models.CharField(max_length=5), verbose_name=_("entries known"), default=list, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "query"], name="subscribed_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(looked_on__isnull=False), name="confirmed_has_a_beginning"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @cached_property
    def followed(self) -> Followed:
        return Followed(self.query)
