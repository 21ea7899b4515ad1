"""Pages of lists: of those that people read, and of the API (design §6)."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import paginator
from rest_framework.pagination import PageNumberPagination

LINK = {"type": ["string", "null"], "format": "uri"}


class Paginator(paginator.Paginator):
    """Of a list that people read: 0 and less lead to its first page, as a word does. Django leads to the last one."""

    def validate_number(self, number: Any) -> int:
        try:
            return super().validate_number(number)
        except paginator.EmptyPage:
            if int(number) < 1:
                raise paginator.PageNotAnInteger from None
            raise


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_next_link(self) -> str | None:
        return at_site(super().get_next_link())

    def get_previous_link(self) -> str | None:
        return at_site(super().get_previous_link())

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Django REST framework describes it in the words of OpenAPI 3.0 (`nullable`)."""
        properties = {"count": {"type": "integer"}, "next": LINK, "previous": LINK, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}


def at_site(link: str | None) -> str | None:
    """The same page under SITE_URL, as every address that the API names, whatever a request's Host header says."""
    return link and f"{settings.SITE_URL}{urlsplit(link)._replace(scheme='', netloc='').geturl()}"
