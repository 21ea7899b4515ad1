# ruff: noqa: INP001 - a script beside sources that are no Python package
"""Says whether static/ was built from the present sources in coalition/frontend/. Needs no Node.

    python coalition/frontend/check.py

The fingerprint is computed as in build.mjs: keep the two alike.
"""

import hashlib
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent.parent / "static"
COMPILED = ["css/site.css", "css/briefing.css", "js/site.js", "js/catalogue.js"]
STAMP = re.compile(rb"/\*! Built by coalition/frontend/build\.mjs, do not edit\. inputs=(\w{64}) body=(\w{64}) \*/\n")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def visible(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def fingerprint() -> str:
    names = ["package.json", "package-lock.json", "build.mjs", "logical.mjs"]
    names += [f"{folder}/{path.name}" for folder in ("scss", "js", "img") for path in visible(HERE / folder)]
    return sha256("".join(f"{sha256((HERE / name).read_bytes())}  {name}\n" for name in sorted(names)).encode())


def problem(compiled: Path, inputs: str) -> str:
    """What is wrong with this compiled file, in one sentence; empty if nothing."""
    name = compiled.relative_to(STATIC.parent)
    if not compiled.is_file():
        return f"{name} is missing: run `make frontend` and commit static/."
    content = compiled.read_bytes()
    stamp = STAMP.match(content)
    if not stamp:
        return f"{name} does not begin with the stamp of the build: run `make frontend` and commit static/."
    if stamp[1].decode() != inputs:
        return f"{name} is older than its sources in coalition/frontend/: run `make frontend` and commit static/."
    if stamp[2].decode() != sha256(content[stamp.end() :]):
        return f"{name} was edited by hand: edit its sources in coalition/frontend/ and run `make frontend`."
    return ""


def missing_image() -> str:
    for image in visible(HERE / "img"):
        if not (STATIC / "img" / image.name).is_file():
            return f"static/img/{image.name} is missing: run `make frontend` and commit static/."
    return ""


def main() -> int:
    inputs = fingerprint()
    found = next(filter(None, (problem(STATIC / name, inputs) for name in COMPILED)), "") or missing_image()
    sys.stdout.write((found or f"static/ is current (inputs {inputs[:12]}).") + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
