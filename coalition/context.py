"""What every page knows of the site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"coalition_email": settings.COALITION_EMAIL, "demonstration": settings.DEMONSTRATION}
