"""What staff do to entries of the catalogue: initiatives and trainings, which share their publication states."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from initiatives.models import PublicationState


def publish(*, entries: QuerySet, by: AbstractBaseUser) -> int:
    """Lets everybody see these entries. Returns how many were not published before."""
    return _set_state(entries, PublicationState.PUBLISHED, by)


def unpublish(*, entries: QuerySet, by: AbstractBaseUser) -> int:
    """Takes these entries back to draft: every public page, search and API forgets them. Returns how many were changed."""
    return _set_state(entries, PublicationState.DRAFT, by)


def archive(*, entries: QuerySet, by: AbstractBaseUser) -> int:
    """Puts these entries away for good, out of the public's sight and off the lists of things to do. Returns how many."""
    return _set_state(entries, PublicationState.ARCHIVED, by)


@transaction.atomic
def _set_state(entries: QuerySet, state: PublicationState, by: AbstractBaseUser) -> int:
    rows: QuerySet[Any] = entries.model._default_manager.filter(pk__in=entries.order_by().values("pk")).order_by("pk")  # noqa: SLF001
    changed = [row for row in rows.select_for_update(of=("self",)) if row.state != state]
    for row in changed:
        row.state = state
        row.save(update_fields=["state", "updated_at"])
    message = _("Publication: %(state)s.") % {"state": state.label}
    LogEntry.objects.log_actions(by.pk, changed, CHANGE, message)
    return len(changed)
