"""Words of a search in the trainings: the same words, forms and synonyms as in the initiatives."""

from collections.abc import Iterable

from django.db.models import Q

from initiatives.countries import with_words
from initiatives.search.wording import Unit
from trainings.models import TrainingOrganization, TrainingQuerySet


def matching(trainings: TrainingQuerySet, units: Iterable[Unit]) -> TrainingQuerySet:
    """Those that have each of the units in their title, city, country or the names of those who have a part in them."""
    for unit in units:
        trainings = trainings.filter(_has(unit))
    return trainings


def _has(unit: Unit) -> Q:
    query = unit.query()
    named = Q(name__search=query) | Q(organization__name__search=query) | Q(organization__acronym__search=query)
    bodies = TrainingOrganization.objects.filter(named)
    places = {code for words in (" ".join(unit.words), *unit.alternatives[:1]) for code in with_words(words)}
    return Q(title__search=query) | Q(city__search=query) | Q(country__in=places) | Q(pk__in=bodies.values("training"))
