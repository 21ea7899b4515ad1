"""The one place that decides between the source and what staff have edited (design §4, curated fields)."""

from collections.abc import Mapping
from typing import Any

from initiatives.imports.report import Report
from initiatives.imports.texts import difference
from initiatives.models import Curated, Initiative


def apply(initiative: Initiative, values: Mapping[str, Any], report: Report, *, line: int) -> list[str]:
    """Sets the fields that differ from the source and that staff have not edited. Returns their names; the caller saves."""
    changed = []
    for name, new in values.items():
        old = getattr(initiative, name)
        if may_change(initiative, name, old, new, report, words=f"line {line}: {initiative.code} {name}"):
            setattr(initiative, name, new)
            changed.append(name)
    return changed


def may_change(row: Curated, name: str, old: Any, new: Any, report: Report, *, words: str) -> bool:
    """Whether a value of the source replaces the present one. Reports the difference either way: `words`, old and new."""
    if old == new:
        return False
    if name in row.curated_fields:
        report.odd.append(f"{words} was edited by staff and is kept; staff -> source: {difference(_text(old), _text(new))}")
        return False
    report.news.append(f"{words}: {difference(_text(old), _text(new))}")
    return True


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
