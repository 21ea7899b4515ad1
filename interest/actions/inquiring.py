"""Keeps who was asked about what, for every action that asks somebody."""

from collections.abc import Iterable, Mapping

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest.models import Inquiry, Referral


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
    return Inquiry.objects.bulk_create(
        Inquiry(
            referral=referral,
            step=step,
            contact=contacts[referral.pk] if contacts else referral.contact,
            address_key=address_key,
            email=email,
        )
        for referral in referrals
    )
