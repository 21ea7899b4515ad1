"""The briefing pack for a minister's desk: what it holds, and what its cover says."""

import datetime
from functools import cached_property

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from initiatives.exports.selection import Selection
from initiatives.models import Initiative

# As many as a shortlist holds. A PDF of these takes about a second of one processor.
MOST = 50
# As many as a page has room for on a slow line: the longest dozen of the catalogue is 19 kB, its longest 50 would be 33 kB.
ON_A_PAGE = 12


class Briefing:
    most = MOST

    def __init__(self, selection: Selection, *, whole: bool = True) -> None:
        """Whole on paper; else the texts of the first ones, which is all of most briefings, and a link to the whole."""
        self.selection = selection
        self.whole = whole
        self.as_of: datetime.date = timezone.localdate()

    @cached_property
    def initiatives(self) -> list[Initiative]:
        """At most MOST; `total` says how many there are."""
        return list(self.selection.initiatives.with_lists()[:MOST])

    @property
    def sheets(self) -> list[Initiative]:
        """Those that are told in full."""
        return self.initiatives if self.whole else self.initiatives[:ON_A_PAGE]

    @property
    def is_begun(self) -> bool:
        return len(self.sheets) < len(self.initiatives)

    @cached_property
    def total(self) -> int:
        return len(self.initiatives) if len(self.initiatives) < MOST else self.selection.initiatives.count()

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.initiatives)

    @property
    def path(self) -> str:
        return f"{reverse('initiatives:briefing')}?{self.selection.query}"

    @property
    def whole_path(self) -> str:
        return f"{reverse('initiatives:briefing')}?whole=1&{self.selection.query}"

    @property
    def register_path(self) -> str:
        """The form for all of them."""
        return reverse("interest:register", query=[("initiative", initiative.code) for initiative in self.initiatives])

    @property
    def site(self) -> str:
        """What an address begins with on paper."""
        return settings.SITE_URL
