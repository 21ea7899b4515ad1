"""Contact repair: one page for what waits on a contact who does not get it, and one decision that moves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coalition.mail import masking
from coalition.mail.models import OutgoingEmail
from initiatives.admin.initiatives import answerers_changed
from initiatives.admin.organizations import contacts_changed
from initiatives.models import Initiative, PointOfContact
from interest import actions
from interest.admin.columns import repair_address
from interest.forms import RepairForm
from interest.models import Inquiry, Referral
from interest.repair import proposal, reasons


@dataclass(frozen=True)
class Preview:
    """One mail as it would be written."""

    recipient: str
    subject: str
    text: str


def waiting_on(inquiry: Inquiry) -> list[Referral]:
    waiting = Referral.objects.waiting_on(inquiry).with_answers().select_related("expression")
    return list(waiting.order_by("expression__verified_at", "initiative__code"))


def inquiry_to_repair(contact: PointOfContact) -> Inquiry | None:
    """The last one on which something waits; first where the contact is not any more."""
    waiting = Inquiry.objects.open().filter(contact=contact, referral__in=Referral.objects.unsettled()).order_by("-pk")
    return waiting.outdated().first() or waiting.first()


class Repairs:
    """The pages of an admin with which contacts are repaired."""

    admin_site: Any
    opts: Any
    may_act: Any

    def repair_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("repair/<int:pk>/", view(self.repair), name="interest_referral_repair"),
            path("repair/contact/<int:pk>/", view(self.repair_contact), name="interest_referral_repair_contact"),
        ]

    def repair_contact(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Leads from a contact to what waits on it."""
        if not self.may_act(request):
            raise PermissionDenied
        contact = get_object_or_404(PointOfContact, pk=pk)
        if inquiry := inquiry_to_repair(contact):
            return redirect(repair_address(inquiry.pk))
        messages.info(request, _("Nothing waits on this contact."))
        return redirect("admin:initiatives_pointofcontact_change", pk)

    def repair(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows what waits and why, POST shows what would be mailed, POST with `send` decides."""
        if not self.may_act(request):
            raise PermissionDenied
        inquiry = get_object_or_404(Inquiry.objects.select_related("contact__organization", "referral"), pk=pk)
        waiting = waiting_on(inquiry)
        posted = request.POST if request.method == "POST" and waiting else None
        form = RepairForm(posted, inquiry=inquiry, waiting=waiting, initial=proposal(inquiry, waiting))
        previews: list[Preview] = []
        if form.is_valid() and "change" not in request.POST:
            try:
                if "send" in request.POST:
                    return self.carry_out(request, inquiry, form)
                previews = preview(inquiry, form, request.user)
            except actions.NothingWaitsError:
                form.add_error(None, _("Nothing was mailed: it was answered or passed on meanwhile, or mailed today already."))
            except actions.ContactChangedError:
                form.add_error(None, _("Somebody changed this contact after you opened the page. Nothing was mailed."))
        if form.is_bound and not previews:
            form.show_all()
        context = self.admin_site.each_context(request) | {
            "title": _("Who should be asked instead?"),
            "opts": self.opts,
            "inquiry": inquiry,
            "waiting": waiting,
            "reasons": list(reasons(inquiry, waiting)),
            "form": form,
            "previews": previews,
            "decision": form.decision() if previews else None,
            "left_behind": form.left_behind() if previews else 0,
            "changes": form.changes() if previews else [],
        }
        return TemplateResponse(request, "admin/interest/referral/repair.html", context)

    def carry_out(self, request: HttpRequest, inquiry: Inquiry, form: RepairForm) -> HttpResponse:
        written = decide(inquiry, form, request.user)
        message = ngettext("%(n)s mail goes to %(address)s.", "%(n)s mails go to %(address)s.", len(written))
        messages.success(request, message % {"n": len(written), "address": written[0].recipient})
        return redirect("admin:interest_referral_change", inquiry.referral_id)


def decide(inquiry: Inquiry, form: RepairForm, by: Any) -> Sequence[OutgoingEmail]:
    ids = [int(pk) for pk in form.cleaned_data["referrals"]]
    return actions.redirect(inquiry=inquiry, ids=ids, decision=form.decision(), by=by)


def preview(inquiry: Inquiry, form: RepairForm, by: Any) -> list[Preview]:
    """What the decision would write. It is carried out and taken back, so that it cannot differ from what follows."""
    with transaction.atomic():
        written = decide(Inquiry.objects.get(pk=inquiry.pk), form, by)
        transaction.set_rollback(True)
    return [Preview(email.recipient, email.subject, masking.mask_text(email.text)) for email in written]


@receiver(contacts_changed)
def point_to_repair(sender: Any, request: HttpRequest, contacts: Sequence[PointOfContact], **_more: Any) -> None:
    """After staff changed an address or deactivated a contact: does something still wait at the old one?"""
    stranded = Inquiry.objects.open().outdated().filter(contact__in=contacts, referral__in=Referral.objects.unsettled())
    last = {inquiry.contact_id: inquiry for inquiry in stranded.select_related("contact__organization").order_by("pk")}
    for inquiry in last.values():
        words = _("Requests still wait where {contact} was asked before. <a href='{address}'>Decide who gets them now</a>")
        message = format_html(words, contact=inquiry.contact, address=repair_address(inquiry.pk))
        messages.warning(request, message)


@receiver(answerers_changed)
def point_to_what_the_coalition_has(sender: Any, request: HttpRequest, initiative: Initiative, **_more: Any) -> None:
    """After staff gave an initiative a contact: do requests about it still wait in the Coalition's mailbox?"""
    waiting = Referral.objects.unsettled().filter(initiative=initiative)
    inquiry = Inquiry.objects.open().filter(contact=None, referral__in=waiting).order_by("pk").last()
    if inquiry and initiative.contacts_to_ask():
        words = _("Requests about {code} still wait in the Coalition’s own mailbox. <a href='{address}'>Pass them on</a>")
        messages.warning(request, format_html(words, code=initiative.code, address=repair_address(inquiry.pk)))
