"""Whether the locked requirements belong to pyproject.toml: `make lock` writes a fingerprint into both, `make check` compares.

python -m coalition.local.locked stamp | check
"""

import hashlib
import json
import sys
import tomllib

from coalition.local.place import BASE_DIR

FILES = ["requirements.txt", "requirements-pdf.txt", "requirements-dev.txt"]
HEADER = "# Made by `make lock` from the dependencies in pyproject.toml, fingerprint "


def fingerprint() -> str:
    everything = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    project = everything["project"]
    wanted = [
        project["requires-python"],
        project["dependencies"],
        project["optional-dependencies"],
        everything["dependency-groups"],
    ]
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:16]


def stamp() -> None:
    for name in FILES:
        path = BASE_DIR / name
        lines = [line for line in path.read_text().splitlines() if not line.startswith(HEADER)]
        path.write_text("\n".join([f"{HEADER}{fingerprint()}", *lines]) + "\n")


def stale() -> list[str]:
    first = f"{HEADER}{fingerprint()}\n"
    return [name for name in FILES if not (BASE_DIR / name).read_text().startswith(first)]


if __name__ == "__main__":
    if sys.argv[1:] == ["stamp"]:
        stamp()
    elif names := stale():
        sys.exit(f"{' and '.join(names)} do not belong to the dependencies in pyproject.toml. Run `make lock` and commit them.")
