from collections.abc import Iterator

from django import template
from django.core.paginator import Page

register = template.Library()


@register.filter
def numbers(page: Page) -> Iterator[int | str]:
    """The first page, the last and those around this one, with an ellipsis in each gap: a search can have thousands."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
