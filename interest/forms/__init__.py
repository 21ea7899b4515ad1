"""Forms only validate; what follows is in actions."""

from interest.forms.answering import AnswerForm, ListForm, StaffAnswerForm
from interest.forms.fields import MESSAGE_LENGTH
from interest.forms.following import DetailsForm, ReplyForm, StatusLinkForm, WithdrawForm
from interest.forms.noting import NoteForm
from interest.forms.registering import RegisterForm
from interest.forms.repairing import RepairForm

__all__ = [
    "MESSAGE_LENGTH",
    "AnswerForm",
    "DetailsForm",
    "ListForm",
    "NoteForm",
    "RegisterForm",
    "RepairForm",
    "ReplyForm",
    "StaffAnswerForm",
    "StatusLinkForm",
    "WithdrawForm",
]
