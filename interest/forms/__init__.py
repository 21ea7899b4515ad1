"""Forms only validate; what follows is in actions."""

from interest.forms.answering import AnswerForm, StaffAnswerForm
from interest.forms.fields import MESSAGE_LENGTH
from interest.forms.following import DetailsForm, ReplyForm, StatusLinkForm, WithdrawForm
from interest.forms.registering import RegisterForm

__all__ = [
    "MESSAGE_LENGTH",
    "AnswerForm",
    "DetailsForm",
    "RegisterForm",
    "ReplyForm",
    "StaffAnswerForm",
    "StatusLinkForm",
    "WithdrawForm",
]
