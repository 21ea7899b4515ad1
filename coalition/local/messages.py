"""The site's words in its languages: locale/<language>/LC_MESSAGES/django.po, which people edit, and django.mo beside it.

python -m coalition.local.messages extract | compile | check

A new language: a folder in locale/, `make messages`, and a line in LANGUAGES of the settings. Django's own makemessages wants
GNU gettext on every machine; Babel is a library. Pages of the staff are English and are left out.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import django.conf
import django_countries
from babel.messages import Catalog, Message, TranslationError
from babel.messages.checkers import checkers
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from coalition.local.place import BASE_DIR

LOCALE = BASE_DIR / "locale"
PLACES = ["coalition", "initiatives", "trainings", "interest", "templates"]
FOR_STAFF = {"admin", "management", "imports", "migrations", "local", "node_modules"}
FOR_STAFF_TOO = {"admin.py", "accounts.py"}
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}{lazy}": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext") for lazy in ("", "_lazy")
}


def sources() -> Iterator[Path]:
    for place in PLACES:
        for path in sorted((BASE_DIR / place).rglob("*")):
            parts = path.relative_to(BASE_DIR).parts
            if path.suffix in {".py", ".html", ".txt"} and not FOR_STAFF & set(parts) and path.name not in FOR_STAFF_TOO:
                yield path


def code(path: Path) -> str:
    """Python that has the file's messages. Within brackets, because what is left of a template is indented at random."""
    return path.read_text() if path.suffix == ".py" else f"({templatize(path.read_text(), origin=str(path))})"


def names() -> Iterator[tuple[str, str]]:
    """File and name of what is shown in the reader's language without standing in our code.

    Of the catalogue that is its classification, its groups and the organizations of the Coalition. Countries have the names
    that the United Nations use (M49): some translations of Django Countries are old (Suazilandia), colloquial (Birmanie) or
    misspelled.
    """
    with (BASE_DIR / "fixtures/vocabulary.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield "fixtures/vocabulary.csv", row["name"]
    for row in json.loads((BASE_DIR / "fixtures/catalogue.json").read_text()):
        fields = row["fields"]
        if row["model"] in {"initiatives.workinggroup", "initiatives.subworkinggroup"}:
            yield "fixtures/catalogue.json", fields["title"]
        elif row["model"] == "initiatives.organization" and fields["is_participating"]:
            for name in filter(None, [fields["name"], fields["acronym"]]):
                yield "fixtures/catalogue.json", name
    with Path(django_countries.__file__).with_name("data.py").open("rb") as source:
        for _line, name, _comments, _context in extract("python", source, KEYWORDS):
            yield "django_countries/data.py", str(name)


def template() -> Catalog:
    """Every message that is in use, in English."""
    found = Catalog(project="coalition-portal", charset="utf-8")
    for path in sources():
        place = str(path.relative_to(BASE_DIR))
        for line, message, comments, context in extract(
            "python", io.BytesIO(code(path).encode()), KEYWORDS, comment_tags=["Translators:"]
        ):
            found.add(message, locations=[(place, line)], auto_comments=comments, context=context)
    for place, name in names():
        found.add(name, locations=[(place, 1)])
    return found


def languages() -> list[str]:
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = po(language)
    if not path.exists():
        return Catalog(locale=language, project="coalition-portal", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def write(language: str, catalog: Catalog) -> None:
    po(language).parent.mkdir(parents=True, exist_ok=True)
    with po(language).open("wb") as file:
        write_po(file, catalog, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    po(language).with_suffix(".mo").write_bytes(compiled(catalog))


def extract_all() -> None:
    """New messages come in empty, unused ones go."""
    used = template()
    for language in languages():
        catalog = read(language)
        catalog.update(used, no_fuzzy_matching=True)
        write(language, catalog)


def compile_all() -> None:
    for language in languages():
        po(language).with_suffix(".mo").write_bytes(compiled(read(language)))


def faults_of(message: Message, catalog: Catalog) -> Iterator[str]:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    if not all(forms) or (message.pluralizable and len(forms) != catalog.num_plurals):
        yield "is not translated"
    elif message.fuzzy:
        yield "is marked fuzzy"
    else:
        for checker in checkers:
            try:
                checker(catalog, message)
            except TranslationError as error:
                yield str(error)


def faults() -> Iterator[str]:
    """What `make check` complains of, a sentence each."""
    used = template()
    for language in languages():
        catalog = read(language)
        for message in used:
            if message.id:
                translated = catalog.get(message.id, message.context)
                told = faults_of(translated, catalog) if translated else ["is missing"]
                yield from (f"{language}: {message.id!r} {fault}" for fault in told)
        if po(language).with_suffix(".mo").read_bytes() != compiled(catalog):
            yield f"{language}: django.mo is older than django.po"


def check() -> None:
    if found := list(faults()):
        sys.exit("\n".join([*found, f"{len(found)} faults. `make messages` brings new messages into locale/, and compiles."]))


if __name__ == "__main__":
    django.conf.settings.configure(USE_I18N=True)
    {"extract": extract_all, "compile": compile_all, "check": check}[sys.argv[1]]()
