"""What a search and filters find: entries in their order, of which the search table alone says which and how many."""

from collections.abc import Callable, Iterator
from functools import cached_property

from initiatives.models import Initiative, SearchDocumentQuerySet

AT_A_TIME = 500


class Results:
    """To a paginator and an export the same as a queryset of initiatives.

    `beginning` are the rows with which `documents` begin, in the same order, where they are found faster alone.
    """

    def __init__(
        self,
        documents: SearchDocumentQuerySet,
        known_count: int | None = None,
        beginning: SearchDocumentQuerySet | None = None,
    ) -> None:
        self.documents = documents
        self._known_count = known_count
        self._beginning = beginning

    @cached_property
    def _count(self) -> int:
        return self.documents.count() if self._known_count is None else self._known_count

    def count(self) -> int:
        return self._count

    def with_lists(self) -> "Results":
        """Entries always come with them."""
        return self

    def __getitem__(self, part: slice) -> list[Initiative]:
        return self._part(part, SearchDocumentQuerySet.with_entries)

    def in_lines(self, most: int) -> list[Initiative]:
        """The first of them with what a line of a list shows, without their texts and lists."""
        return self._part(slice(most), SearchDocumentQuerySet.with_lines)

    def _part(self, part: slice, fetched: Callable[[SearchDocumentQuerySet], SearchDocumentQuerySet]) -> list[Initiative]:
        for documents in self._places:
            # First the keys of the page: PostgreSQL finds the first of many in a third of the time that it takes to sort all.
            page = fetched(documents.filter(pk__in=documents[part].values("pk")))
            entries = [document.initiative for document in page]
            if len(entries) == part.stop - (part.start or 0):
                break
        return entries

    @property
    def _places(self) -> list[SearchDocumentQuerySet]:
        """Where to look for a part, the last for one that the others do not fill."""
        return [self.documents] if self._beginning is None else [self._beginning, self.documents]

    def __iter__(self) -> Iterator[Initiative]:
        return self.iterator()

    def iterator(self, chunk_size: int = AT_A_TIME) -> Iterator[Initiative]:
        return (document.initiative for document in self.documents.with_entries().iterator(chunk_size))
