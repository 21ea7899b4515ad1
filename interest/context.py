"""The shortlist of the visitor, for the page header and the buttons."""

from django.http import HttpRequest


def shortlist(request: HttpRequest) -> dict[str, object]:
    return {}
