"""Staff write something down for each other."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from interest.actions.answering import lock
from interest.models import Event, Note, Referral


@transaction.atomic
def note(*, referral: Referral, by: AbstractBaseUser, text: str) -> Note:
    """Adds a note; that it was written is an event, what it says is not. The same words twice in a row are one note."""
    expression = lock(referral.expression)
    last = referral.notes.last()
    if last and (last.author_id, last.text) == (by.pk, text):
        return last
    Event.objects.create(
        reference=expression.reference,
        codes=[referral.initiative.code],
        actor=Event.Actor.STAFF,
        by=by.get_username(),
        what=Event.What.NOTED,
    )
    return Note.objects.create(referral=referral, author_id=by.pk, text=text)
