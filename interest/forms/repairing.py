"""The form with which an editor decides who is asked instead."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from coalition.mail import addresses
from initiatives.models import Organization, PointOfContact
from interest.actions import DETAILS, Decision, Person, Scope
from interest.actions.redirecting import GONE
from interest.actions.replacing import details_of
from interest.forms.fields import AddressField, LineField
from interest.inbox import status_of
from interest.models import Inquiry, Referral


def choices_of(waiting: Sequence[Referral]) -> Iterator[tuple[str, list[tuple[int, SafeString]]]]:
    """The requests about each initiative."""
    by_code = sorted(waiting, key=lambda referral: referral.initiative.code)
    for initiative, referrals in groupby(by_code, key=lambda referral: referral.initiative):
        yield f"{initiative.code} {initiative.title}", [choice(referral) for referral in referrals]


def choice(referral: Referral) -> tuple[int, SafeString]:
    """A request, with what makes an editor tick it or not. In the words of the inbox."""
    expression = referral.expression
    return referral.pk, format_html(
        "<bdi>{}</bdi> · {} · <strong>{}</strong>",
        expression.reference,
        expression.get_country_display(),
        status_of(referral),
    )


def is_declined(referral: Referral) -> bool:
    return referral.status == Referral.Status.WRONG_PERSON


def ids_of(referrals: Sequence[Referral]) -> str:
    return ",".join(str(referral.pk) for referral in referrals)


def scopes_for(inquiry: Inquiry) -> list[tuple[str, Any]]:
    """Without those that make no sense: the Coalition's mailbox holds no roles, and nobody is asked where they no longer are."""
    contact = inquiry.contact
    if contact is None:
        return [(scope.value, scope.label) for scope in (Scope.THESE, Scope.ONCE)]
    is_there = contact.is_active and not inquiry.is_outdated
    return [(scope.value, scope.label) for scope in Scope if scope != Scope.AGAIN or is_there]


class Requests(forms.CheckboxSelectMultiple):
    """Beside each request stands where its answer is written down, if an editor knows it already."""

    option_template_name = "admin/interest/referral/_request.html"

    def create_option(self, name: str, value: Any, *more: Any, **values: Any) -> dict[str, Any]:
        answer = reverse("admin:interest_referral_answer", args=[value])
        return super().create_option(name, value, *more, **values) | {"answer": answer}


class RepairForm(forms.Form):
    default_renderer = TemplatesSetting  # finds the template of `Requests`

    scope = forms.ChoiceField(label=_("What changes"), widget=forms.RadioSelect)
    contact = forms.ModelChoiceField(
        PointOfContact.objects.active().select_related("organization"),
        label=_("A contact who is known"),
        required=False,
        empty_label=_("Nobody of these: the person written below"),
    )
    organization = forms.ModelChoiceField(Organization.objects.all(), label=_("Organization"), required=False)
    name = LineField(label=_("Name"), max_length=200, required=False, help_text=_("Never shown outside the staff area."))
    email = AddressField(label=_("E-mail"), required=False)
    title = LineField(
        label=_("Job title"),
        max_length=200,
        required=False,
        help_text=_("Of somebody new. Left empty, the same person keeps the title they have."),
    )
    section = LineField(
        label=_("Section"), max_length=300, required=False, help_text=_("Office or section. This is shown in public.")
    )
    referrals = forms.MultipleChoiceField(
        label=_("What is mailed anew"),
        widget=Requests,
        help_text=_("Untick what should stay as it is. Where you know the answer already, write it down: no mail is needed."),
        error_messages={
            "required": _("Tick at least one request."),
            "invalid_choice": _("Some of this was answered, withdrawn or passed on in the meantime. Load the page again."),
        },
    )
    why = LineField(label=_("Why, for the record"), max_length=300, required=False, help_text=_("Only staff read this."))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    warned = forms.BooleanField(widget=forms.HiddenInput, required=False)
    widened = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: QueryDict | None = None, *, inquiry: Inquiry, waiting: Sequence[Referral], initial: dict[str, Any]
    ) -> None:
        seen = details_of(inquiry.contact) if inquiry.contact else ""
        super().__init__(data, initial=initial | {"seen": seen, "shown": ids_of(waiting)})
        self.inquiry = inquiry
        self.waiting = waiting
        self.fields["scope"].choices = scopes_for(inquiry)  # type: ignore[attr-defined]
        self.fields["referrals"].choices = choices_of(waiting)  # type: ignore[attr-defined]

    def show_all(self) -> None:
        """The page shows all that waits now, for another choice."""
        self.write(shown=[ids_of(self.waiting)])

    def clean_shown(self) -> frozenset[int]:
        return frozenset(int(pk) for pk in self.cleaned_data["shown"].split(",") if pk.isdecimal())

    def clean(self) -> None:
        if self.errors:
            return
        self.keep_title()
        scope, contact = self.cleaned_data["scope"], self.cleaned_data["contact"]
        if scope == Scope.AGAIN:
            return
        if scope == Scope.CORRECT and contact:
            self.add_error("contact", _("Choose nobody here: you correct the contact who was asked. Write the details below."))
        elif contact and any(self.cleaned_data[name] for name in ("name", "email") if name in self.changed_data):
            self.add_error("contact", _("Choose somebody here, or write somebody below, not both."))
        elif contact:
            self.check_address("contact", contact.email)
        else:
            self.check_person(scope)
        if scope == Scope.TAKES_OVER:
            self.check_organization()
        if scope in GONE and not self.errors:
            self.tick_all(scope)
        if scope == Scope.CORRECT and not self.errors:
            self.check_declined()

    def tick_all(self, scope: str) -> None:
        """Nobody will read at the old address: all that waits there goes along, unless an editor chose otherwise."""
        if self.cleaned_data["widened"] or "referrals" in self.changed_data:
            return
        goes = [str(referral.pk) for referral in self.waiting if scope == Scope.TAKES_OVER or not is_declined(referral)]
        chosen = {*goes, *self.cleaned_data["referrals"]}
        self.cleaned_data["referrals"] = [str(referral.pk) for referral in self.waiting if str(referral.pk) in chosen]
        self.write(referrals=self.cleaned_data["referrals"], widened=["1"])

    def write(self, **lists: list[str]) -> None:
        """What the page shows next, as if it had been typed."""
        again: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        for name, values in lists.items():
            again.setlist(name, values)
        self.data = again

    def left_behind(self) -> int:
        """How many requests of those that were shown stay where nobody reads any more."""
        values = self.cleaned_data
        ticked = {int(pk) for pk in values["referrals"]}
        left = {referral.pk for referral in self.waiting} & values["shown"] - ticked
        return len(left) if values["scope"] in GONE else 0

    def keep_title(self) -> None:
        """The field begins empty, because a title belongs to a person: only the same one keeps it."""
        old, values = self.inquiry.contact, self.cleaned_data
        if old and values["scope"] == Scope.CORRECT and values["name"] == old.name and not values["title"]:
            values["title"] = old.title

    def check_declined(self) -> None:
        """Who keeps the job is not asked again what they called somebody else's, unless an editor ticks it after this warning."""
        old, values = self.inquiry.contact, self.cleaned_data
        declined = {str(referral.pk) for referral in self.waiting if is_declined(referral)}
        ticked = values["referrals"]
        if values["warned"] or old is None or old.name != values["name"] or declined.isdisjoint(ticked):
            return
        self.add_error(
            "referrals",
            _("%(contact)s answered “wrong person” to some of these. They are unticked now; tick those that are right after all.")
            % {"contact": old.name},
        )
        self.write(referrals=[pk for pk in ticked if pk not in declined], warned=["1"])

    def check_person(self, scope: str) -> None:
        wanted = DETAILS[:2] if scope == Scope.CORRECT else (*DETAILS[:2], "organization")
        for name in wanted:
            if not self.cleaned_data[name]:
                self.add_error(
                    name, _("Choose somebody above, or fill this in.") if scope != Scope.CORRECT else _("Fill this in.")
                )
        if not self.errors:
            self.check_address("email", self.cleaned_data["email"])
        if not self.errors:
            self.check_unknown(scope)

    def check_address(self, field: str, email: str) -> None:
        address_key = addresses.normalize(email)
        if address_key == self.inquiry.address_key:
            self.add_error(field, _("This is the address that was asked before. Choose another one, or “once more” above."))
        elif address_key == addresses.normalize(settings.COALITION_EMAIL):
            self.add_error(field, _("This is the Coalition’s own mailbox. Choose an organization’s contact."))

    def check_unknown(self, scope: str) -> None:
        """One address is one contact of an organization."""
        old = self.inquiry.contact
        organization = old.organization if scope == Scope.CORRECT and old else self.cleaned_data["organization"]
        known = PointOfContact.objects.filter(organization=organization, email__iexact=self.cleaned_data["email"])
        other = (known.exclude(pk=old.pk) if scope == Scope.CORRECT and old else known).first()
        if other and other.is_active:
            self.add_error("email", _("%(contact)s has this address already. Choose them in the list.") % {"contact": other})
        elif other:
            sentence = _("%(contact)s has this address and was deactivated. Activate them first.")
            self.add_error("email", sentence % {"contact": other})

    def check_organization(self) -> None:
        contact, old = self.cleaned_data.get("contact"), self.inquiry.contact
        organization = contact.organization if contact else self.cleaned_data.get("organization")
        others = old.default_for.exclude(pk=organization.pk) if old and organization else Organization.objects.none()
        if contact and contact == old:
            self.add_error("contact", _("This is the contact who should be replaced."))
        for other in others:
            sentence = _("The default contact of %(organization)s must work there. Choose “for the initiatives ticked below”.")
            self.add_error("scope", sentence % {"organization": other})

    def changes(self) -> list[tuple[Any, str, str]]:
        """What is written into the contact who was asked: each detail before and after."""
        old, values = self.inquiry.contact, self.cleaned_data
        if old is None or values["scope"] != Scope.CORRECT:
            return []
        return [(self.fields[name].label, getattr(old, name), values[name]) for name in DETAILS]

    def decision(self) -> Decision:
        values = self.cleaned_data
        person = Person(values["organization"], *(values[name] for name in DETAILS))
        who = None if values["scope"] == Scope.AGAIN else values["contact"] or person
        scope = Scope(values["scope"])
        return Decision(scope=scope, who=who, seen=values["seen"], why=values["why"], shown=values["shown"])
