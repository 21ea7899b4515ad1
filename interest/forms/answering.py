"""The form behind a contact's link: one answer for all that it asks about, one for each, or both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from interest.actions import AnsweredContent
from interest.forms.fields import MESSAGE_LENGTH, AddressField, LineField, TextField, key_field
from interest.models import Answer, Referral

ALL = "all"
# What a tick in a list stands for: a request, and the initiatives in it that were shown.
TICK = re.compile(r"EOI-\d{4}-\w{6}( \w{1,5}){1,50}")
Kind = Answer.Kind
CHOICES = [
    (Kind.ACKNOWLEDGED, _("Acknowledged: we have it and will answer")),
    (Kind.NEED_INFORMATION, _("Need information: the focal point is asked what you write below")),
    (Kind.NOTED, _("Noted: no resources now")),
    (Kind.SCHEDULED, _("Scheduled: say below for when")),
    (Kind.NOT_SUITABLE, _("Not suitable: give the reason below")),
]
# Browsers put choices back by their position when somebody goes Back, and by then another row may stand there.
UNREMEMBERED = {"autocomplete": "off"}
ELSEWHERE = (Kind.WRONG_PERSON, _("Wrong person: somebody else should be asked"))
MISSING = {
    Kind.NEED_INFORMATION: _("Write what you need to know."),
    Kind.NOT_SUITABLE: _("Write why it is not suitable."),
}


def content_fields() -> dict[str, forms.Field]:
    """What an answer consists of, in the order of the page."""
    return {
        "text": TextField(
            label=_("Text"),
            max_length=MESSAGE_LENGTH,
            required=False,
            help_text=_("The focal point reads this. With “Wrong person” only the Coalition’s staff do."),
        ),
        "period": LineField(
            label=_("Scheduled for"),
            max_length=100,
            required=False,
            help_text=_("For example “March 2027”, or “second half of 2027”."),
        ),
        "proposed_name": LineField(label=_("Wrong person? Who should be asked instead"), max_length=150, required=False),
        "proposed_email": AddressField(
            label=_("Their e-mail address"),
            required=False,
            help_text=_("Only the Coalition’s staff read this. They check it before anything is sent there."),
        ),
    }


def problems(content: AnsweredContent) -> dict[str, Any]:
    """What is missing for this kind of answer, or was typed for another, by field."""
    kind = content["kind"]
    found = {}
    if not kind and any(content.values()):
        found["kind"] = _("Choose what you answer; otherwise what you wrote would not be sent.")
    if kind in MISSING and not content["text"]:
        found["text"] = MISSING[Kind(kind)]
    if kind == Kind.SCHEDULED and not content["period"]:
        found["period"] = _("Say for when it is scheduled.")
    if kind and kind != Kind.WRONG_PERSON and (content["proposed_name"] or content["proposed_email"]):
        found["kind"] = _("You named somebody else. Choose “Wrong person”, or empty those two fields.")
    return found


def relevant(content: AnsweredContent) -> AnsweredContent:
    """Without a period that was typed before another answer was chosen."""
    return content if content["kind"] == Kind.SCHEDULED else {**content, "period": ""}


def has_content(fields: Sequence[BoundField]) -> bool:
    return any(field.errors or field.value() for field in fields)


@dataclass(frozen=True)
class Part:
    """The fields of one answer, for the page."""

    referral: Referral | None
    fields: list[BoundField]

    @property
    def is_open(self) -> bool:
        """Whether something was typed or chosen in it, which must not hide again."""
        return has_content(self.fields)

    @property
    def said(self) -> list[BoundField]:
        """What most answers need."""
        return [field for field in self.fields if field not in self.elsewhere]

    @property
    def elsewhere(self) -> list[BoundField]:
        """Who should be asked instead."""
        return [field for field in self.fields if "-proposed_" in field.name]

    @property
    def is_elsewhere_open(self) -> bool:
        return has_content(self.elsewhere)


class AnswerForm(forms.Form):
    """Each part has the fields of an answer, named `1103-kind`, `1103-text` …; with several initiatives there is also `all-…`."""

    key = key_field()
    shares_address = forms.BooleanField(
        label=_("The focal point may write to me directly"),
        required=False,
        widget=forms.CheckboxInput(attrs=UNREMEMBERED),
        help_text=_("If you tick this, they are told your name and address. Otherwise both stay hidden."),
    )

    def __init__(self, data: QueryDict | None = None, *, referrals: Sequence[Referral]) -> None:
        super().__init__(data)
        self.referrals = referrals
        self.codes = [referral.initiative.code for referral in referrals]
        self.names = [ALL, *self.codes] if len(self.codes) > 1 else self.codes
        for name in self.names:
            self.add_part(name)
        self.order_fields([name for name in self.fields if name != "shares_address"])

    def add_part(self, name: str) -> None:
        label = _("Your answer to all") if name == ALL else _("Your answer to %(code)s") % {"code": name}
        self.fields[f"{name}-kind"] = forms.ChoiceField(
            label=label,
            choices=[*CHOICES, ELSEWHERE],
            widget=forms.RadioSelect(attrs=UNREMEMBERED),
            required=len(self.names) == 1,
            error_messages={"required": _("Choose an answer.")},
        )
        self.fields |= {f"{name}-{field}": made for field, made in content_fields().items()}

    def parts(self) -> list[Part]:
        by_code: dict[str, Referral | None] = {referral.initiative.code: referral for referral in self.referrals}
        names = [name for name in self.fields if "-" in name]
        return [Part(by_code.get(part), [self[name] for name in names if name.startswith(f"{part}-")]) for part in self.names]

    def content(self, part: str) -> AnsweredContent:
        names = ["kind", *content_fields()]
        return {name: self.cleaned_data.get(f"{part}-{name}", "") for name in names}  # type: ignore[return-value]

    def clean(self) -> None:
        for part in self.names:
            for name, message in problems(self.content(part)).items():
                if f"{part}-{name}" not in self.errors:
                    self.add_error(f"{part}-{name}", message)
        if not self.errors and not self.contents():
            self.add_error(f"{self.names[0]}-kind", _("Choose an answer."))

    def contents(self) -> dict[str, AnsweredContent]:
        """What is said about which initiative: its own answer, else the one for all, else nothing."""
        for_all = self.content(ALL)
        said = {code: self.content(code) if self.content(code)["kind"] else for_all for code in self.codes}
        return {code: relevant(content) for code, content in said.items() if content["kind"]}


class TicksField(forms.MultipleChoiceField):
    """Requests as the page showed them. What became of them since is for the action to know."""

    def valid_value(self, value: str) -> bool:
        return TICK.fullmatch(value) is not None


class ListForm(forms.Form):
    """The same answer to the ticked ones of many requests."""

    key = key_field()
    requests = TicksField(
        label=_("Requests"),
        error_messages={"required": _("Tick the requests that you answer."), "invalid_choice": _("Please load this page again.")},
    )
    kind = forms.ChoiceField(
        label=_("The same answer to all that you ticked"),
        choices=CHOICES,
        widget=forms.RadioSelect(attrs=UNREMEMBERED),
        error_messages={"required": _("Choose an answer.")},
    )
    text = TextField(
        label=_("Text"),
        max_length=MESSAGE_LENGTH,
        required=False,
        help_text=_("Each of these focal points reads this, so write nothing that concerns only one of them."),
    )
    period = content_fields()["period"]

    def answer_fields(self) -> list[BoundField]:
        return [self[name] for name in ("kind", "text", "period")]

    def clean(self) -> None:
        for name, message in problems(self.content()).items():
            if name not in self.errors:
                self.add_error(name, message)

    def content(self) -> AnsweredContent:
        said = {name: self.cleaned_data.get(name, "") for name in ["kind", "text", "period"]}
        return relevant({**said, "proposed_name": "", "proposed_email": ""})  # type: ignore[typeddict-item]

    def chosen(self) -> dict[str, list[str]]:
        """The codes by the reference of their request."""
        return {reference: codes for reference, *codes in (tick.split() for tick in self.cleaned_data["requests"])}


class StaffAnswerForm(forms.Form):
    """For an answer that reached the staff in another way."""

    key = key_field()
    kind = forms.ChoiceField(label=_("Answer"), choices=CHOICES, widget=forms.RadioSelect)
    text = TextField(
        label=_("Text"), max_length=MESSAGE_LENGTH, required=False, help_text=_("The focal point reads this; name nobody in it.")
    )
    period = LineField(label=_("Scheduled for"), max_length=100, required=False)
    why = LineField(
        label=_("How do you know?"), max_length=300, help_text=_("For example “By telephone on 3 March”. Only staff read this.")
    )

    def clean(self) -> None:
        for name, message in problems(self.content()).items():
            self.add_error(name, message)

    def content(self) -> AnsweredContent:
        said = {name: self.cleaned_data.get(name, "") for name in ["kind", "text", "period"]}
        return relevant({**said, "proposed_name": "", "proposed_email": ""})  # type: ignore[typeddict-item]
