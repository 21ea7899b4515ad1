"""What waits for staff: by the same queries, under the same names, on the first page, in the lists and in the mail of the day."""

from collections.abc import Collection
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coalition.mail import words
from coalition.mail.models import OutgoingEmail
from interest.models import Referral, ReferralQuerySet
from interest.workdays import working_days_since

NAMED = 3  # how many requests of each kind of work a mail names


class Work(NamedTuple):
    """What one kind of work is called, and what an editor does about it."""

    label: Promise
    advice: Promise


# Named by the QuerySet methods, in the order of work: first what an editor's decision alone moves on.
WORK = {
    "to_pass_on": Work(
        _("Interest that was sent to the wrong person"), _("Decide who is asked instead. Until then nobody is asked.")
    ),
    "undeliverable": Work(_("Interest that was not delivered to whom it asks"), _("Correct the address, or ask somebody else.")),
    "asked_in_vain": Work(
        _("Interest that was sent to a contact who changed since"),
        _("Ask the contact once more at the new address, or somebody else."),
    ),
    "overdue": Work(
        _("Interest that nobody answered in time"),
        _("Call whoever was asked and write down what they say, or ask somebody else."),
    ),
    "with_the_coalition": Work(
        _("Interest in initiatives without a contact, sent to the Coalition’s mailbox"),
        _("Answer it yourselves, or give the initiative a contact and pass it on."),
    ),
}

# The same for mails.
MAIL_WORK = {
    "kept_back": Work(
        words.KEPT_BACK,
        _("Very many forms named one address. Release those whose readers you expect, and cancel the others."),
    ),
}

# Those of the choices speak to the focal point.
STATUS: dict[str, str | Promise] = {
    **dict(Referral.Status.choices),
    Referral.Status.NEED_INFORMATION: _("Waits for the focal point"),
    Referral.Status.WRONG_PERSON: _("Sent to the wrong person"),
}


def status_of(referral: Referral) -> str:
    """For staff, with the same days as on the status page. Uses what `with_recipients` fetched."""
    return referral.status_words if referral.is_overdue else str(STATUS[referral.status])


def counted(model: Any, names: Collection[str]) -> dict[str, int]:
    """How many rows each of these QuerySet methods finds: one query for all of them."""
    rows = model._default_manager.all()  # noqa: SLF001
    found = {name: getattr(rows, name)().order_by().values("pk") for name in names}
    counts = rows.order_by().aggregate(**{f"in_{name}": Count("pk", filter=Q(pk__in=pks)) for name, pks in found.items()})
    return {name: counts[f"in_{name}"] for name in names}


def needing_staff() -> ReferralQuerySet:
    """What needs staff for any reason, each once."""
    found = (Q(pk__in=getattr(Referral.objects.all(), name)().order_by().values("pk")) for name in WORK)
    return Referral.objects.filter(reduce(or_, found))


class Waiting(NamedTuple):
    """One kind of work that there is today, and what waits longest of it, with the working days since it was confirmed.

    Of mails none is named: nobody confirmed the address.
    """

    label: Promise
    advice: Promise
    number: int
    path: str
    oldest: list[tuple[Referral, int]]


def waiting(today: date) -> list[Waiting]:
    """Only what there is, in the order of work."""
    requests, mails = reverse("admin:interest_referral_changelist"), reverse("admin:mail_outgoingemail_changelist")
    found = [
        Waiting(*WORK[name], count, f"{requests}?to_do={name}", oldest(name, today) if count else [])
        for name, count in counted(Referral, WORK).items()
    ]
    found += [
        Waiting(*MAIL_WORK[name], count, f"{mails}?to_do={name}", []) for name, count in counted(OutgoingEmail, MAIL_WORK).items()
    ]
    return [each for each in found if each.number]


def oldest(name: str, today: date) -> list[tuple[Referral, int]]:
    found = getattr(Referral.objects.all(), name)().select_related("expression", "initiative")
    return [
        (referral, working_days_since(referral.expression.verified_at.date(), today, settings.HOLIDAYS))
        for referral in found.order_by("expression__verified_at", "expression_id", "initiative__code")[:NAMED]
    ]
