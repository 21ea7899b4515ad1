"""Mails that wait for an address where nobody is asked any more: each goes to the new one, is held for staff, or is dropped."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from coalition.mail import actions as queue
from coalition.mail.models import OutgoingEmail, OutgoingEmailQuerySet
from initiatives.models import PointOfContact
from interest import emails
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Referral

# What is mailed to whoever is asked, besides the request itself: `kind:reference:address hash:what`.
FOLLOWING = ("reply", "correction", "withdrawal", "answer_link", "recorded")
# About what the old address did or knew: it is told of that as long as somebody reads there.
ITS_OWN = ("withdrawal", "recorded")


def unread_at(inquiry: Inquiry) -> OutgoingEmailQuerySet:
    """What the address of this inquiry should have got, and has not yet, about all that its contact was asked there."""
    asked = Inquiry.objects.filter(address_key=inquiry.address_key, contact=inquiry.contact_id)
    references = ExpressionOfInterest.objects.kept().filter(referrals__inquiries__in=asked).values_list("reference", flat=True)
    mails = OutgoingEmail.objects.unread().filter(kind__in=("contact", *FOLLOWING), recipient__iexact=inquiry.address_key)
    return mails.about(references.distinct())


@dataclass(frozen=True)
class Readdressing:
    """`moved` were asked of the old address, and are of `contact` now. If the old one `is_gone`, nothing is mailed there."""

    inquiry: Inquiry
    contact: PointOfContact | None
    moved: Collection[Referral]
    is_gone: bool

    @property
    def recipient(self) -> str:
        return self.contact.email if self.contact else settings.COALITION_EMAIL

    @cached_property
    def expressions(self) -> dict[str, ExpressionOfInterest]:
        """Whoever calls this holds their locks."""
        known = {referral.expression.reference: referral.expression for referral in self.moved}
        references = {email.key.split(":")[1] for email in unread_at(self.inquiry).only("key")} - set(known)
        return known | {e.reference: e for e in ExpressionOfInterest.objects.filter(reference__in=references)}

    def carry_out(self) -> list[OutgoingEmail]:
        """Call it once the moved ones are asked anew. Returns what goes to the new address instead."""
        unread = unread_at(self.inquiry).defer("text", "html", "frozen").order_by("pk")
        return [new for email in list(unread) for new in self.settle(email)]

    def settle(self, email: OutgoingEmail) -> Iterator[OutgoingEmail]:
        reference, _hash, *what = email.key.split(":")[1:4]
        expression = self.expressions[reference]
        concerned = [referral for referral in self.moved if referral.expression_id == expression.pk]
        if not (concerned or self.is_gone):
            return
        if email.kind == "reply" and concerned:
            yield from self.pass_reply_on(expression, concerned, what[0])
        if self.is_still_asked(expression):
            if self.is_gone:
                queue.hold(ids=[email.pk])  # an editor left it there: it waits for the next decision
        elif email.kind != "contact" and (self.is_gone or email.kind not in ITS_OWN):
            queue.cancel(ids=[email.pk])
            queue.supersede(emails=OutgoingEmail.objects.filter(pk=email.pk))
            if email.kind == "withdrawal":
                yield from self.pass_withdrawal_on(expression, what[0])
            elif email.kind == "correction" and not concerned:  # whoever is asked anew reads the corrected details anyway
                event = Event.objects.get(pk=what[0])
                yield emails.correction(expression, recipient=self.recipient, event=event)

    def is_still_asked(self, expression: ExpressionOfInterest) -> bool:
        left = expression.referrals.unsettled() if self.is_gone else expression.referrals.live()
        same = Inquiry.objects.open().filter(address_key=self.inquiry.address_key, contact=self.inquiry.contact_id)
        return same.filter(referral__in=left).exists()

    def pass_reply_on(
        self, expression: ExpressionOfInterest, concerned: Collection[Referral], submission: str
    ) -> Iterator[OutgoingEmail]:
        said = Answer.objects.filter(submission=submission, referral__in=concerned, kind=Answer.Kind.REPLY)
        replies = list(said.select_related("referral__initiative"))
        if replies:
            yield emails.reply(expression, recipient=self.recipient, replies=replies, submission=replies[0].submission)

    def pass_withdrawal_on(self, expression: ExpressionOfInterest, code: str) -> Iterator[OutgoingEmail]:
        event = expression.events().filter(what=Event.What.WITHDRAWN, codes__contains=[code]).last()
        codes = event.codes if event else [code]
        was_asked = Inquiry.objects.filter(address_key=self.inquiry.address_key)
        withdrawn = expression.referrals.filter(status=Referral.Status.WITHDRAWN, initiative__code__in=codes)
        referrals = list(withdrawn.filter(inquiries__in=was_asked).select_related("initiative").distinct())
        if referrals:
            yield emails.withdrawal(expression, recipient=self.recipient, referrals=referrals)
