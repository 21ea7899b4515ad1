"""Finds out what changed in the public catalogue, and says it in words.

Nothing that writes entries has to report anything: what the public reads now is compared with what was recorded last, so that
edits, imports, bulk actions and repairs by SQL are all found. The description of the public fields is the API's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from initiatives.api import InitiativeSerializer
from initiatives.models import PUBLICATION, Change, ChangeQuerySet, Initiative, InitiativeQuerySet, Snapshot

BATCH = 500
# Names of groups, terms and organizations are theirs, and addresses are this site's: when one changes, no entry has changed.
NOT_COMPARED = {"code", "url", "updated_at"}
OF_A_LINK = ["slug", "role", "basis"]
# What is looked at often: far longer than the time between two looks, so that one may fail.
LATELY = timedelta(hours=1)


def content_of(initiative: Initiative) -> dict[str, Any]:
    """The public fields of an entry fetched by `with_lists()`, as they are recorded and compared."""
    content = {name: value for name, value in InitiativeSerializer(initiative).data.items() if name not in NOT_COMPARED}
    content["organizations"] = [{name: link[name] for name in OF_A_LINK} for link in content["organizations"]]
    # In which order a list is shown belongs to the vocabulary too.
    return {name: sorted(value, key=str) if isinstance(value, list) else value for name, value in content.items()}


@transaction.atomic
def record(*, lately: bool = False) -> int:
    """Writes down what changed since the last time. Returns how many fields.

    The very first time there is nothing to compare with, so nothing has changed. `lately` looks only at entries that were saved
    in the last hour, which is quick; what is left is found by the next full look. One at a time, so that numbers of changes grow
    in the order in which others can see them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('initiatives.changes', 0))")
    is_first = not Snapshot.objects.exists()
    entries = Initiative.objects.published().order_by("code")
    if lately and not is_first:
        entries = entries.filter(updated_at__gt=Now() - LATELY)
    found = withdrawn()
    initiatives = entries.with_lists().iterator(chunk_size=BATCH)
    for batch in batches(initiatives):
        found += compare(batch)
    return 0 if is_first else len(Change.objects.bulk_create(found, batch_size=BATCH))


def batches(initiatives: Iterable[Initiative]) -> Iterator[list[Initiative]]:
    batch = []
    for initiative in initiatives:
        batch.append(initiative)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def withdrawn() -> list[Change]:
    """Entries that were public and are not any more, deleted ones among them."""
    public = Initiative.objects.published().values("code")
    gone = Snapshot.objects.filter(is_published=True).exclude(code__in=public)
    changes = [Change(entry=snapshot, field=PUBLICATION, old=True, new=False) for snapshot in gone]
    Snapshot.objects.filter(code__in=[change.entry_id for change in changes]).update(is_published=False)
    return changes


def compare(initiatives: list[Initiative]) -> list[Change]:
    known = Snapshot.objects.in_bulk([initiative.code for initiative in initiatives])
    changes, fresh = [], []
    for initiative in initiatives:
        now = Snapshot(code=initiative.code, title=initiative.title, content=content_of(initiative))
        before = known.get(initiative.code)
        if before is None or (before.content, before.is_published) != (now.content, True):
            changes += [Change(entry=now, field=field, old=old, new=new) for field, old, new in differing(before, now)]
            fresh.append(now)
    Snapshot.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["code"], update_fields=["title", "content", "is_published"]
    )
    return changes


def differing(before: Snapshot | None, now: Snapshot) -> Iterator[tuple[str, Any, Any]]:
    """Field, what it was, what it is. A field that the description did not have yet is not a change of the entry."""
    if before is None or not before.is_published:
        yield PUBLICATION, False, True
    if before is not None:
        for field, new in now.content.items():
            if field in before.content and before.content[field] != new:
                yield field, before.content[field], new


def catch_up() -> int:
    """Up to which change somebody who begins now knows them all. What was saved a moment ago counts as known."""
    if Snapshot.objects.exists():
        record(lately=True)
    return last_number()


def last_number() -> int:
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


# -- Between two moments ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A field and its values: of one change, or before the first and after the last of several."""

    field: str
    old: Any
    new: Any


def net(*, after: int, upto: int) -> dict[str, list[Difference]]:
    """By code, which fields are other than they were. What went there and back between two numbers of changes is left out."""
    values: dict[tuple[str, str], tuple[Any, Any]] = {}
    for change in Change.objects.filter(pk__gt=after, pk__lte=upto).exclude(field=PUBLICATION).order_by("pk"):
        old, _new = values.get((change.entry_id, change.field), (change.old, None))
        values[change.entry_id, change.field] = (old, change.new)
    found: dict[str, list[Difference]] = {}
    for (code, field), (old, new) in values.items():
        if old != new:
            found.setdefault(code, []).append(Difference(field, old, new))
    return found


def about(initiatives: InitiativeQuerySet) -> ChangeQuerySet:
    """Public changes of these entries."""
    return Change.objects.public().filter(entry__in=initiatives.order_by().values("code"))


def about_withdrawn(*, groups: Iterable[str], organizations: Iterable[str]) -> ChangeQuerySet:
    """That entries of these groups and organizations went. Of what is not public any more only this can be told."""
    gone = Change.objects.filter(field=PUBLICATION, new=False)
    if groups := list(groups):
        gone = gone.filter(entry__content__sub_working_group__in=groups)
    if organizations := list(organizations):
        carried_out = Q()
        for slug in organizations:
            for role in ("lead", "partner"):
                carried_out |= Q(entry__content__organizations__contains=[{"slug": slug, "role": role}])
        gone = gone.filter(carried_out)
    return gone
