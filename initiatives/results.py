"""What a search and filters find: entries in their order, of which the search table alone says which and how many."""

from collections.abc import Iterator
from functools import cached_property

from initiatives.models import Initiative, SearchDocumentQuerySet

AT_A_TIME = 500


class Results:
    """To a paginator and an export the same as a queryset of initiatives."""

    def __init__(self, documents: SearchDocumentQuerySet, known_count: int | None = None) -> None:
        self.documents = documents
        self._known_count = known_count

    @cached_property
    def _count(self) -> int:
        return self.documents.count() if self._known_count is None else self._known_count

    def count(self) -> int:
        return self._count

    def with_lists(self) -> "Results":
        """Entries always come with them."""
        return self

    def __getitem__(self, part: slice) -> list[Initiative]:
        # First the keys of the page: PostgreSQL finds the first of many in a third of the time that it takes to sort them all.
        page = self.documents.filter(pk__in=self.documents[part].values("pk"))
        return [document.initiative for document in page.with_entries()]

    def __iter__(self) -> Iterator[Initiative]:
        return self.iterator()

    def iterator(self, chunk_size: int = AT_A_TIME) -> Iterator[Initiative]:
        return (document.initiative for document in self.documents.with_entries().iterator(chunk_size))
