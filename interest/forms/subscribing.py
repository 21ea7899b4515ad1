"""Forms of subscriptions. They only validate; what follows is in actions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from initiatives.following import Followed
from interest.forms.fields import AddressField, refuse_invisible_signs, refuse_links
from interest.models import Subscription

QUERY_LENGTH = Subscription._meta.get_field("query").max_length  # noqa: SLF001  Django's documented way
FREQUENCY = _("How often do you want a mail?")


class SubscribeForm(forms.Form):
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("We send a link to it that you need to open."),
        error_messages={"required": _("Enter the e-mail address that we should write to.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    frequency = forms.ChoiceField(
        label=FREQUENCY,
        help_text=_("Mails leave between 05:00 and 10:00 UTC; weekly ones on the day of the week on which you confirm."),
        choices=Subscription.Frequency.choices,
        initial=Subscription.Frequency.WEEKLY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often.")},
    )

    def __init__(self, data: QueryDict | None = None, *, followed: Followed) -> None:
        super().__init__(data)
        self.followed = followed

    def clean(self) -> None:
        """What is searched for stands in the mails, so it is held to what stands there."""
        if self.followed.code is not None and not self.followed.initiatives().exists():
            self.add_error(None, _("This initiative is not in the catalogue. Choose another one there."))
        if len(self.followed.query) > (QUERY_LENGTH or 0):
            self.add_error(None, _("These are too many filters for one subscription. Take some away, or subscribe twice."))
        for check in (refuse_invisible_signs, refuse_links):
            try:
                check(self.followed.search)
            except forms.ValidationError as problem:
                self.add_error(None, problem)


class LinkForm(forms.Form):
    email = AddressField(
        label=_("Your e-mail address"),
        help_text=_("The one to which the mails go."),
        error_messages={"required": _("Enter the address to which the mails go.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class SubscriptionsForm(forms.Form):
    """One choice for each subscription of an address: as before, another frequency, or none."""

    STOP = "stop"

    def __init__(self, data: QueryDict | None = None, *, subscriptions: Sequence[Subscription]) -> None:
        super().__init__(data)
        self.subscriptions = {subscription.reference: subscription for subscription in subscriptions}
        for subscription in subscriptions:
            self.fields[subscription.reference] = forms.ChoiceField(
                label=subscription.followed.label,
                choices=[*Subscription.Frequency.choices, (self.STOP, _("Stop these mails"))],
                initial=subscription.frequency,
                required=False,  # one that was subscribed meanwhile is not in the form, and stays
                widget=forms.RadioSelect,
            )

    def stopped(self) -> list[str]:
        return [reference for reference, choice in self.cleaned_data.items() if choice == self.STOP]

    def frequencies(self) -> list[tuple[Subscription, Any]]:
        chosen = [(self.subscriptions[reference], choice) for reference, choice in self.cleaned_data.items()]
        return [(subscription, choice) for subscription, choice in chosen if choice and choice != self.STOP]
