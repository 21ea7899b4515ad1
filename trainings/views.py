"""Public pages of the trainings and their calendar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from trainings.filters import TrainingFilter
from trainings.models import Training, TrainingOrganization


@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    """Upcoming trainings first (the next one on top), then those held, newest first, then those without a date."""
    filters = TrainingFilter(request.GET, queryset=Training.objects.published().newest_first().with_lists())
    everything = list(filters.qs)
    upcoming = [training for training in everything if training.is_upcoming]
    context = {
        "filters": filters,
        "upcoming": upcoming[::-1],
        "held": [training for training in everything if training not in upcoming],
    }
    return render(request, "trainings/trainings.html", context)


@require_safe
def training(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Training.objects.published().with_lists().prefetch_related("sessions"), slug=slug)
    return render_training(request, found)


def render_training(request: HttpRequest, found: Training, **context: object) -> HttpResponse:
    """The page of a training, also as the preview that staff see before it is published."""
    context |= {
        "training": found,
        "roles": [(role, links) for role in TrainingOrganization.Role if (links := found.organizations_as(role))],
        "before": found.follow_up_of.published(),
        "after": found.followed_up_by.published(),
    }
    return render(request, "trainings/training.html", context)
