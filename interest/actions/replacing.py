"""Who answers for what in the catalogue, when somebody takes over from a contact."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from initiatives.models import Initiative, InitiativeContact, Organization, PointOfContact

# What an editor writes down of a contact, besides the organization.
DETAILS = ("name", "email", "title", "section")


@dataclass(frozen=True)
class Person:
    """Who answers, as an editor writes it down: fields of a contact."""

    organization: Organization
    name: str
    email: str
    title: str = ""
    section: str = ""


class ContactChangedError(Exception):
    """Somebody else changed the contact after the page was opened; their words must not be overwritten unseen."""


def details_of(contact: PointOfContact) -> str:
    """In one line, to see whether any of it was changed."""
    return json.dumps([getattr(contact, name) for name in DETAILS])


def lock_contacts(*contacts: PointOfContact | None) -> None:
    """In one order, so that two editors wait for each other and not forever."""
    ids = [contact.pk for contact in contacts if contact]
    list(PointOfContact.objects.filter(pk__in=ids).order_by("pk").select_for_update())


def log(by: AbstractBaseUser, row: Initiative | PointOfContact | Organization, flag: int, words: str) -> None:
    LogEntry.objects.log_actions(by.pk, [row], flag, words, single_object=True)


def correct_contact(*, old: PointOfContact, seen: str, person: Person, by: AbstractBaseUser) -> PointOfContact:
    """The same row under other details. `seen` are the details as the editor knew them. Raises ContactChangedError."""
    old.refresh_from_db()
    if details_of(old) != seen:
        raise ContactChangedError
    old.name, old.email, old.title, old.section = person.name, person.email, person.title, person.section
    old.is_active, old.confirmed_on = True, None
    old.save()
    log(by, old, CHANGE, _("Corrected because requests did not reach the right person."))
    return old


def find_or_add(*, person: Person, by: AbstractBaseUser) -> PointOfContact:
    contact, is_new = PointOfContact.objects.get_or_create(
        organization=person.organization,
        email=person.email,
        defaults={"name": person.name, "title": person.title, "section": person.section},
    )
    if is_new:
        log(by, contact, ADDITION, _("Added to be asked instead of somebody else."))
    return contact


def take_over(*, old: PointOfContact, new: PointOfContact, by: AbstractBaseUser) -> None:
    """`new` gets everything that `old` answers for. Who has nothing to answer for is no longer active."""
    hand_over(initiatives=list(old.initiatives.order_by("pk")), old=old, new=new, by=by)
    for organization in old.default_for.all():
        organization.default_contact = new
        organization.curate({"default_contact"})
        organization.save(update_fields=["default_contact", "curated_fields"])
        log(by, organization, CHANGE, _("Default contact replaced."))
    old.is_active = False
    old.save(update_fields=["is_active"])
    log(by, old, CHANGE, _("Deactivated: %(contact)s took over.") % {"contact": new})


def hand_over(
    *, initiatives: Collection[Initiative], old: PointOfContact | None, new: PointOfContact, by: AbstractBaseUser
) -> None:
    """In these initiatives `new` stands where `old` stood, or after the others if `old` was no contact of their own."""
    for initiative in initiatives:
        positions = dict(initiative.contact_links.values_list("contact", "position"))
        position = positions.get(old.pk) if old else None
        if position is None:
            position = max(positions.values(), default=-1) + 1
        initiative.contact_links.filter(contact=old).delete()
        InitiativeContact.objects.update_or_create(
            initiative=initiative, contact=new, defaults={"position": min(position, positions.get(new.pk, position))}
        )
        initiative.curate({"contacts"})
        initiative.save(update_fields=["curated_fields", "updated_at"])
        log(by, initiative, CHANGE, _("Contact replaced."))
