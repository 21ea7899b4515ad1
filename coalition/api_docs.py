"""The API's documentation for people, made from its OpenAPI schema: without script, so it lives under the site's policy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from initiatives.facets import FACETS, choices, organizations

Schema = dict[str, Any]
FORMATS = {
    "date": gettext_lazy("date (2026-01-31)"),
    "date-time": gettext_lazy("date and time (ISO 8601)"),
    "uri": gettext_lazy("web address"),
}
TYPES = {
    "string": gettext_lazy("text"),
    "integer": gettext_lazy("number"),
    "boolean": gettext_lazy("true or false"),
    "null": gettext_lazy("null"),
}
# Filters whose values nobody can guess.
SLUGS = {"support", "audience", "topic", "region", "organization"}
# drf-spectacular appends the choices to a description: "* `lead` - Lead".
CHOICES = re.compile(r"\n*^\* `.*", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Field:
    """A parameter or a field of an answer. `answer` names the object that it holds, `values` are all it can be."""

    name: str
    type: str
    meaning: str
    answer: str = ""
    values: tuple[str, ...] = ()
    is_required: bool = False
    is_list: bool = False


@dataclass(frozen=True)
class Operation:
    path: str
    description: str
    parameters: list[Field]
    answer: str
    is_list: bool

    @property
    def anchor(self) -> str:
        return re.sub(r"\W+", "-", self.path).strip("-")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    named = schema["components"]["schemas"]
    known = choices(organizations())
    context = {
        "operations": list(operations(schema["paths"], named)),
        "answers": {name: fields(found, named) for name, found in named.items() if is_answer(name, found)},
        "values": [(facet.name, facet.label, known[facet.name]) for facet in FACETS if facet.name in SLUGS],
        "site_url": settings.SITE_URL,
    }
    return render(request, "api_docs.html", context)


def operations(paths: Schema, named: Schema) -> Iterator[Operation]:
    for address, methods in paths.items():
        operation = methods["get"]
        answer = reference(operation["responses"]["200"]["content"]["application/json"]["schema"])
        results = named[answer].get("properties", {}).get("results")
        yield Operation(
            path=address,
            description=operation.get("description", ""),
            parameters=[parameter(found, named) for found in operation.get("parameters", [])],
            answer=reference(results["items"]) if results else answer,
            is_list=bool(results),
        )


def parameter(found: Schema, named: Schema) -> Field:
    schema = found["schema"] | {"description": found.get("description", "")}
    made = field(found["name"], schema, named)
    kind = _("%(kind)s, may be repeated") % {"kind": words(schema["items"])} if "items" in schema else made.type
    return replace(made, type=kind, is_required=found.get("required", False))


def fields(schema: Schema, named: Schema) -> list[Field]:
    return [field(name, found, named) for name, found in schema["properties"].items()]


def field(name: str, schema: Schema, named: Schema) -> Field:
    holds = reference(schema) or reference(schema.get("items", {}))
    values = named.get(holds, schema).get("enum", ())
    meaning = CHOICES.sub("", schema.get("description") or schema.get("title", "")).strip()
    return Field(
        name, words(schema), meaning, "" if values else holds, tuple(map(str, values)), is_list=schema.get("type") == "array"
    )


def words(schema: Schema) -> str:
    """What kind of value it is, for people."""
    if schema.get("type") == "array":
        return _("list")
    kinds = schema.get("type", "string")
    known = TYPES | {"string": FORMATS.get(schema.get("format", ""), TYPES["string"])}
    return get_text_list([str(known[kind]) for kind in ([kinds] if isinstance(kinds, str) else kinds)], _("or"))


def reference(schema: Schema) -> str:
    """Name of the schema that this one refers to, else nothing."""
    target = schema.get("$ref") or next((part["$ref"] for part in schema.get("allOf", []) if "$ref" in part), "")
    return str(target).rpartition("/")[2]


def is_answer(name: str, schema: Schema) -> bool:
    """Lists of values and the frame around pages are explained where they occur."""
    return "properties" in schema and not name.startswith("Paginated")
