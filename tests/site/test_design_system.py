"""docs/design-system.md says what is so: tokens, contrast, classes."""

import re
from pathlib import Path

from django.conf import settings

FRONTEND = settings.BASE_DIR / "coalition" / "frontend"
TOKENS = (FRONTEND / "scss" / "_tokens.scss").read_text()
DOCUMENT = (settings.BASE_DIR / "docs" / "design-system.md").read_text()
ROW = re.compile(r"^\| `(--gc-[\w-]+)` \| ([^|]*?) ?\| .*?\| ?(?:([^|]*?) ?\|)?$", re.MULTILINE)
COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(")
COMMENT = re.compile(r"//.*")
# What tells one thing from another without letters; all else is text.
NO_TEXT = {"line-strong": 3.0, "focus": 3.0, "on-ink-mark": 3.0, "on-ink-focus": 3.0}
# Written with a number or a word at their end: gc-group-{{ number }}, usa-alert--{{ kind }}.
COMPOSED = re.compile(r"gc-(?:group|heat|compare-)-\d|gc-icon--turns?|usa-alert--\w+")


def tokens() -> dict[str, str]:
    """The first value of each, by name."""
    return dict(reversed(re.findall(r"(--gc-[\w-]+): ([^;]+);", TOKENS)))


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, of two tokens."""
    values = tokens()
    light, dark = sorted((luminance(values[f"--gc-{name}"]) for name in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def sources(folder: str, pattern: str) -> str:
    return "\n".join(path.read_text() for path in sorted(Path(settings.BASE_DIR, folder).rglob(pattern)))


def test_every_token_is_explained_with_its_value():
    values = {name: "" if value.startswith("var(") else value for name, value in tokens().items()}
    rows = {name: value for name, value, _contrast in ROW.findall(DOCUMENT)}
    families = {"--gc-serif", "--gc-sans", "--gc-mono"}
    assert rows == {name: value for name, value in values.items() if name not in families}
    assert all(f"`{name}`" in DOCUMENT for name in families)


def test_contrast_is_as_written_and_enough():
    written = {
        (name.removeprefix("--gc-"), background): float(ratio)
        for name, _value, ratios in ROW.findall(DOCUMENT)
        for ratio, background in re.findall(r"(\d+\.\d) ([\w-]+)", ratios)
    }
    assert len(written) > 30
    assert written == {pair: round(contrast(*pair), 1) for pair in written}
    assert [pair for pair, ratio in written.items() if ratio < NO_TEXT.get(pair[0], 4.5)] == []


def test_colors_are_named_in_one_place():
    styles = {path.name: COMMENT.sub("", path.read_text()) for path in (FRONTEND / "scss").glob("*.scss")}
    assert "_tokens.scss" in styles
    assert [name for name, style in styles.items() if COLOR.search(style)] == ["_tokens.scss"]


def test_every_class_and_token_is_used():
    style = COMMENT.sub("", sources("coalition/frontend/scss", "*.scss"))
    pages = sources("templates", "*.html") + sources("coalition/frontend/js", "*.js")
    pages += "".join(sources(app, "*.py") for app in ("coalition", "initiatives", "trainings", "interest"))
    classes = set(re.findall(r"\.((?:gc|usa)-[\w-]+)", style))
    assert len(classes) > 100
    assert {name for name in classes if not COMPOSED.fullmatch(name)} - set(re.findall(r"[\w-]+", pages)) == set()
    assert set(re.findall(r"var\((--gc-[\w-]+)", style)) == set(tokens())
