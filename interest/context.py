"""The shortlist of the visitor, for the page header and the buttons. Read only by the pages that show it."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from interest.shortlist import path, read


def shortlist(request: HttpRequest) -> dict[str, object]:
    codes = SimpleLazyObject(lambda: read(request))
    return {
        "shortlist_codes": codes,
        "shortlist_count": SimpleLazyObject(lambda: len(codes)),
        # The codes are in the address, so that the browser's Back button finds the form again when the list is empty.
        "shortlist_form": SimpleLazyObject(lambda: path("register", codes)),
    }
