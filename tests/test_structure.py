"""Sweeps over the code: who imports whom, pending migrations, three templates for each mail."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
APPS = ["coalition", "initiatives", "trainings", "interest"]
# Design §3: what the modules of each part may import of ours. Nothing of `coalition` but its mail queue is for others.
MAY_IMPORT = {
    "coalition.mail": {"coalition.mail"},
    "initiatives": {"initiatives", "coalition.mail"},
    "trainings": {"trainings", "initiatives", "coalition.mail"},
    "interest": {"interest", "trainings", "initiatives", "coalition.mail"},
}
# Inside interest a module may import only modules that stand before it.
LAYERS = ["workdays", "models", "inbox", "limits", "links", "emails", "subscriber_emails", "actions"]


def modules() -> list[tuple[str, Path]]:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return [(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path) for path in files]


def imports(path: Path) -> set[str]:
    """Every module of ours that a file imports, as `package.module` (and `package.module.name`, which may be a module)."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in APPS}


def part_of(module: str) -> str:
    return "coalition.mail" if f"{module}.".startswith("coalition.mail.") else module.partition(".")[0]


def test_no_app_imports_what_it_must_not():
    checked = [
        (module, imported)
        for module, path in modules()
        if (part := part_of(module)) in MAY_IMPORT
        for imported in imports(path)
        if part_of(imported) not in MAY_IMPORT[part]
    ]
    assert checked == []
    assert {part_of(module) for module, _ in modules()} >= set(MAY_IMPORT)


@pytest.mark.parametrize("layer", LAYERS)
def test_interest_imports_only_downwards(layer):
    allowed = LAYERS[: LAYERS.index(layer) + 1]
    of_layer = [path for module, path in modules() if f"{module}.".startswith(f"interest.{layer}.")]
    assert of_layer
    inside = {name.split(".")[1] for path in of_layer for name in imports(path) if name.startswith("interest.")}
    assert inside <= set(allowed)


def test_every_python_file_can_be_held_in_the_head():
    long = {str(path): lines for _, path in modules() if (lines := path.read_text().count("\n")) > 400}
    assert long == {}


def test_every_mail_has_subject_text_and_html():
    folders = [folder for folder in (ROOT / "templates" / "emails").iterdir() if folder.is_dir()]
    assert folders
    assert {folder.name: sorted(file.name for file in folder.iterdir()) for folder in folders} == {
        folder.name: ["body.html", "body.txt", "subject.txt"] for folder in folders
    }


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_only_one_module_marks_text_as_safe():
    marking = {module for module, path in modules() if "mark_safe(" in path.read_text() or "SafeString(" in path.read_text()}
    assert marking == {"initiatives.markdown"}
    templates = list((ROOT / "templates").rglob("*.html"))
    assert templates
    assert [path for path in templates if "|safe" in path.read_text().replace(" ", "")] == []
