"""What is new for somebody who knew what they follow at some moment: entries that came, changed and went since."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from initiatives import changes
from initiatives.changes import Difference
from initiatives.following import Followed
from initiatives.models import Initiative, Snapshot
from initiatives.telling import Teller, Told


@dataclass(frozen=True)
class Piece:
    """One entry. `initiative` is None once it is withdrawn; `successor` replaces it."""

    code: str
    title: str
    initiative: Initiative | None = None
    differences: list[Difference] = field(default_factory=list)
    successor: Initiative | None = None

    @cached_property
    def told(self) -> list[Told]:
        """In the language that is active when it is asked for first."""
        teller = Teller()
        return [teller.tell(difference.field, difference.old, difference.new) for difference in self.differences]


@dataclass(frozen=True)
class News:
    """The lists are ordered by code and whole, however long they are."""

    followed: Followed
    came: list[Piece]
    changed: list[Piece]
    gone: list[Piece]
    # What its reader knows now.
    codes: list[str]

    def __bool__(self) -> bool:
        return bool(self.came or self.changed or self.gone)

    def pieces(self) -> list[Piece]:
        return [*self.came, *self.changed, *self.gone]


def news(followed: Followed, *, known: Collection[str], after: int, upto: int) -> News:
    """`known`: codes of the entries it had then. `after`, `upto`: numbers of the last change known then, and now."""
    now = {initiative.code: initiative for initiative in followed.initiatives().order_by("code").only("pk", "code", "title")}
    differences = changes.net(after=after, upto=upto) if upto > after else {}
    before = set(known)
    stayed = [initiative for code, initiative in now.items() if code in before and code in differences]
    return News(
        followed=followed,
        came=[Piece(code, initiative.title, initiative) for code, initiative in now.items() if code not in before],
        changed=[Piece(entry.code, entry.title, entry, differences[entry.code]) for entry in stayed],
        gone=gone(sorted(before - set(now)), differences),
        codes=sorted(now),
    )


def gone(codes: list[str], differences: dict[str, list[Difference]]) -> list[Piece]:
    """Entries that were withdrawn, or that no longer fit. Of the former nothing is told but what replaces them."""
    public = {entry.code: entry for entry in Initiative.objects.published().filter(code__in=codes).only("pk", "code", "title")}
    replaced = Initiative.objects.filter(code__in=codes, superseded_by__in=Initiative.objects.published())
    successors = {entry.code: entry.superseded_by for entry in replaced.select_related("superseded_by")}
    titles = dict(Snapshot.objects.filter(code__in=codes).values_list("code", "title"))
    return [
        Piece(code, public[code].title, public[code], differences.get(code, []))
        if code in public
        else Piece(code, titles.get(code, ""), successor=successors.get(code))
        for code in codes
    ]
