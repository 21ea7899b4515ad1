"""Says whether static/css/site.css and static/js/site.js were built from the present sources. Needs no Node.

    python coalition/frontend/check.py

The fingerprint is computed as in build.mjs: keep the two alike.
"""

import hashlib
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent.parent / "static"
STAMP = re.compile(rb"/\*! Built by coalition/frontend/build\.mjs, do not edit\. inputs=(\w{64}) body=(\w{64}) \*/\n")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fingerprint() -> str:
    names = ["package.json", "package-lock.json", "build.mjs", "logical.mjs"]
    names += [f"{folder}/{path.name}" for folder in ("scss", "js", "img") for path in (HERE / folder).iterdir()]
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


def main() -> int:
    inputs = fingerprint()
    problems = [found for path in ("css/site.css", "js/site.js") if (found := problem(STATIC / path, inputs))]
    print("\n".join(problems) or f"static/ is current (inputs {inputs[:12]}).")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
