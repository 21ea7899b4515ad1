"""The staff's workplace for the catalogue. The order of these imports is the order on its first page."""

from initiatives.admin import initiatives, organizations, vocabulary, groups, changes  # noqa: F401, I001
