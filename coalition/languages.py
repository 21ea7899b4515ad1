"""The languages of the site and where each page is found in them (design §6: others than English have a path prefix)."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.translation import get_language, get_language_info, override


@dataclass(frozen=True)
class Language:
    """`path`: this page in it with the same query, or the home page where an address has one language (mistakes, the API)."""

    code: str
    name: str
    path: str
    is_current: bool

    @property
    def is_default(self) -> bool:
        return self.code == settings.LANGUAGE_CODE

    @property
    def home(self) -> str:
        """For pages whose own address shall not stand in them: they report a mistake, or a mailed link that is dead."""
        with override(self.code):
            return reverse("home")

    @property
    def address(self) -> str:
        return settings.SITE_URL + self.path


def path_in(code: str, request: HttpRequest) -> str:
    here = request.get_full_path()
    found = translate_url(here, code)
    if found != here or code == get_language():
        return found
    with override(code):
        return reverse("home")


def languages(request: HttpRequest) -> dict[str, list[Language]]:
    """For templates: every language of the site, each under its own name."""
    current = get_language()
    return {
        "languages": [
            Language(code, get_language_info(code)["name_local"], path_in(code, request), code == current)
            for code, _name in settings.LANGUAGES
        ]
    }
