from collections.abc import Sequence

from django.core.management.commands import loaddata

from initiatives.models import Synonym
from initiatives.search import index


class Command(loaddata.Command):
    """Django's own, which saves rows before those that they point to; so what search knows of them is written at the end."""

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        super().loaddata(fixture_labels)
        if self.models & {*index.MADE_OF, Synonym}:
            index.rebuild()
