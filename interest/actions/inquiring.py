"""Keeps who was asked about what, for every action that asks somebody."""

from collections.abc import Iterable

from coalition.mail import addresses
from coalition.mail.models import OutgoingEmail
from interest.models import Inquiry, Referral


def inquire(*, email: OutgoingEmail, referrals: Iterable[Referral], step: Inquiry.Step) -> list[Inquiry]:
    """Writes down that this mail asks its recipient about these referrals, each on behalf of its `contact`."""
    address_key = addresses.normalize(email.recipient)
    return Inquiry.objects.bulk_create(
        Inquiry(referral=referral, step=step, contact=referral.contact, address_key=address_key, email=email)
        for referral in referrals
    )
