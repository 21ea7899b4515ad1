"""Keeps who was asked about what, for every action that asks somebody; and how often a focal point may have them written to."""

from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models.functions import Now

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import limits
from interest.models import ExpressionOfInterest, Inquiry, Referral, office_name_of


def inquire(
    *,
    email: OutgoingEmail,
    referrals: Iterable[Referral],
    step: Inquiry.Step,
    contacts: Mapping[int, PointOfContact | None] | None = None,
) -> list[Inquiry]:
    """Writes down that this mail asks its recipient about these referrals, each on behalf of its `contact`.

    `contacts`, by referral, are given where the mail goes to somebody else of those who are asked.
    """
    address_key = addresses.normalize(email.recipient)
    asked = [(referral, contacts[referral.pk] if contacts else referral.contact) for referral in referrals]
    return Inquiry.objects.bulk_create(
        Inquiry(
            referral=referral,
            step=step,
            contact=contact,
            office_name=office_name_of(contact),
            address_key=address_key,
            email=email,
        )
        for referral, contact in asked
    )


def hold_answerers(*, to_change: bool = False) -> None:
    """Until the end of the transaction, keeps who answers for what as it is, for whoever chooses whom to ask.

    A repair takes it `to_change` them: it waits for all who choose, who then are among what it moves, and those who come later
    wait for it and choose anew. To wait in one order, take locks in this one: answerers, the address that is reminded,
    expressions by their ids, the focal point's address, contacts, counters of limits.
    """
    name = "pg_advisory_xact_lock" if to_change else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(hashtextextended(%s, 0))", ["interest:answerers"])


def take_turn(expression: ExpressionOfInterest, email: OutgoingEmail) -> None:
    """Lets a mail wait that a focal point causes, if its reader got enough of them for today. It is lost in no case.

    The focal point's address is read anew: in memory it may be blanked already.
    """
    address = ExpressionOfInterest.objects.values_list("email", flat=True).get(pk=expression.pk)
    if wait := limits.book_mail_to_office(address, email.recipient):
        OutgoingEmail.objects.filter(pk=email.pk).update(next_attempt_at=Now() + wait)
