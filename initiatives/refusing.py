"""What a file, a feed or a calendar answers to filters that nobody knows, as the API does: without them it would give too much.

A page leaves them out, because it can say so.
"""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_understood(request: HttpRequest, *, problems: Sequence[str], path: str) -> HttpResponse:
    """`path`: of the page on which to choose the filters, with those that were understood."""
    context = {"problems": problems, "path": path}
    return render(request, "initiatives/not_understood.html", context, status=HTTPStatus.BAD_REQUEST)
