"""What is new for somebody who knew what they follow at some moment: entries that came, changed and went since."""

from collections.abc import Collection, Sequence
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


@dataclass(frozen=True)
class News:
    """The lists are ordered by code and whole, however long they are."""

    followed: Followed
    # The number of the last change that its reader knew.
    after: int
    came: list[Piece]
    changed: list[Piece]
    gone: list[Piece]
    # What its reader knows now.
    codes: list[str]

    def __bool__(self) -> bool:
        return bool(self.came or self.changed or self.gone)


@dataclass
class Entry:
    """One entry with all that is new about it, and by what somebody follows it."""

    piece: Piece
    # One for all entries, so that names are looked up once.
    teller: Teller
    came: list[Followed] = field(default_factory=list)
    changed: list[Followed] = field(default_factory=list)
    gone: list[Followed] = field(default_factory=list)
    differences: dict[str, Difference] = field(default_factory=dict)

    def add(self, how: str, of_one: News, piece: Piece) -> None:
        getattr(self, how).append(of_one.followed)
        for difference in piece.differences:
            self.differences.setdefault(difference.field, difference)

    @property
    def how(self) -> str:
        """What to call it as a whole: what is new in one list and gone from another has changed."""
        if self.changed or (self.came and self.gone):
            return "changed"
        return "came" if self.came else "gone"

    @cached_property
    def told(self) -> list[Told]:
        """In the language that is active when it is asked for first."""
        return [self.teller.tell(difference.field, difference.old, difference.new) for difference in self.differences.values()]


def entries(news: Sequence[News]) -> list[Entry]:
    """Each entry once, however many lists tell of it, by code. Of a field the earliest value counts that a reader of one knew."""
    found: dict[str, Entry] = {}
    teller = Teller()
    for of_one in sorted(news, key=lambda of_one: of_one.after):
        for how in ("came", "changed", "gone"):
            for piece in getattr(of_one, how):
                found.setdefault(piece.code, Entry(piece, teller)).add(how, of_one, piece)
    return [found[code] for code in sorted(found)]


def news(followed: Followed, *, known: Collection[str], after: int, upto: int) -> News:
    """`known`: codes of the entries it had then. `after`, `upto`: numbers of the last change known then, and now."""
    now = {initiative.code: initiative for initiative in followed.initiatives().order_by("code").only("pk", "code", "title")}
    differences = changes.net(after=after, upto=upto) if upto > after else {}
    before = set(known)
    stayed = [initiative for code, initiative in now.items() if code in before and code in differences]
    return News(
        followed=followed,
        after=after,
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
