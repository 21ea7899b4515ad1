"""What other pages ask of the trainings."""

from collections.abc import Iterable

from django import template

from initiatives.search.wording import Unit
from trainings.models import Training
from trainings.search import matching

register = template.Library()


@register.simple_tag
def number_of_trainings(units: Iterable[Unit]) -> int:
    """How many published trainings have the words of a search; 0 without words. One query."""
    return matching(Training.objects.published(), units).count() if units else 0
