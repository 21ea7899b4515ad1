"""Forms only validate; what follows is in actions."""

from interest.forms.answering import AnswerForm, ListForm, StaffAnswerForm
from interest.forms.fields import MESSAGE_LENGTH
from interest.forms.following import DetailsForm, ReplyForm, StatusLinkForm, WithdrawForm
from interest.forms.noting import NoteForm
from interest.forms.registering import RegisterForm
from interest.forms.repairing import RepairForm
from interest.forms.subscribing import LinkForm, SubscribeForm, SubscriptionsForm

__all__ = [
    "MESSAGE_LENGTH",
    "AnswerForm",
    "DetailsForm",
    "LinkForm",
    "ListForm",
    "NoteForm",
    "RegisterForm",
    "RepairForm",
    "ReplyForm",
    "StaffAnswerForm",
    "StatusLinkForm",
    "SubscribeForm",
    "SubscriptionsForm",
    "WithdrawForm",
]
