"""The trainings as a calendar (RFC 5545). Dates without a time stay all-day events; a month alone is no date and is left out."""

from datetime import date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_countries import countries
from icalendar import Calendar, Event

from initiatives.refusing import not_understood
from initiatives.templatetags.wording import with_commas
from trainings.filters import TrainingFilter
from trainings.models import Training


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """With the filters of the page of trainings."""
    dated = Training.objects.published().filter(date_precision=Training.Precision.DAY)
    filters = TrainingFilter(request.GET, queryset=dated)
    if filters.problems:
        return not_understood(request, problems=filters.problems, path=f"{reverse('trainings:list')}?{filters.query}")
    found = Calendar()
    found.add("prodid", "-//Global Coalition to Address Synthetic Drug Threats//Trainings//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", _("Global Coalition trainings"))
    for training in filters.qs:
        if training.last_day:
            found.add_component(event(training, training.last_day))
    return HttpResponse(found.to_ical(), content_type="text/calendar; charset=utf-8")


def event(training: Training, last_day: date) -> Event:
    """An all-day event up to and with `last_day`; the RFC has the day after it there (§3.6.1)."""
    found = Event()
    found.add("uid", f"{training.slug}@{urlsplit(settings.SITE_URL).hostname}")
    found.add("dtstamp", training.updated_at)
    found.add("dtstart", training.starts_on)
    found.add("dtend", last_day + timedelta(days=1))
    found.add("summary", training.title)
    found.add("location", with_commas(filter(None, [training.city, countries.name(str(training.country))])))
    found.add("url", settings.SITE_URL + training.get_absolute_url())
    return found
