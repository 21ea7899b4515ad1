"""The page that the words of a search name: that of an organization or of a country."""

from collections.abc import Iterable, Iterator

from initiatives.countries import Country, named_exactly
from initiatives.models import Organization
from initiatives.search.parser import words_of
from initiatives.search.stems import fold
from initiatives.search.wording import Unit


def door(text: str, units: tuple[Unit, ...], organizations: Iterable[Organization]) -> Organization | Country | None:
    """What has this name, acronym or alias, in any language; takes the text and how search reads it, and the organizations."""
    known = {_key(name): found for found in organizations for name in [*found.names(), found.label, found.short]}
    pages = (known.get(_key(name)) or _country(name) for name in _names(text, units))
    return next((page for page in pages if page), None)


def _names(text: str, units: tuple[Unit, ...]) -> Iterator[str]:
    """As typed, and without the words that say nothing. Where the vocabulary of search takes all the words for one (ВОЗ, Ivory
    Coast): what it looks for first.

    Of what that is a part of, the fullest comes before it: DRC is “Congo” there, and “Democratic Republic of the Congo”.
    """
    yield text
    yield " ".join(map(str, units))
    if len(units) == 1 and (others := units[0].alternatives):
        first = set(_key(others[0]).split())
        yield from sorted((other for other in others if first <= set(_key(other).split())), key=len, reverse=True)


def _country(name: str) -> Country | None:
    codes = named_exactly(name)
    return Country(codes.pop()) if len(codes) == 1 else None


def _key(text: str) -> str:
    return " ".join(words_of(fold(text)))
