"""Interest that focal points register. An expression of interest is one submission; a referral is one initiative within it."""

from interest.models.answers import Answer, office_name_of, office_of
from interest.models.events import Event
from interest.models.expressions import ExpressionOfInterest, ExpressionOfInterestQuerySet
from interest.models.inquiries import Inquiry, InquiryQuerySet
from interest.models.limits import Use
from interest.models.notes import Note
from interest.models.referrals import Referral, ReferralQuerySet
from interest.models.subscriptions import Subscriber, SubscriberQuerySet, Subscription, SubscriptionQuerySet

__all__ = [
    "Answer",
    "Event",
    "ExpressionOfInterest",
    "ExpressionOfInterestQuerySet",
    "Inquiry",
    "InquiryQuerySet",
    "Note",
    "Referral",
    "ReferralQuerySet",
    "Subscriber",
    "SubscriberQuerySet",
    "Subscription",
    "SubscriptionQuerySet",
    "Use",
    "office_name_of",
    "office_of",
]
