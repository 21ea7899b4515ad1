"""What staff write down for each other."""

from django import forms
from django.utils.translation import gettext_lazy as _

from interest.forms.fields import MESSAGE_LENGTH, TextField


class NoteForm(forms.Form):
    text = TextField(
        label=_("New note"),
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only staff read it. It cannot be changed afterwards."),
        error_messages={"required": _("Write the note first.")},
    )
