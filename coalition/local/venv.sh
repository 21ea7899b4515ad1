#!/bin/sh
# Makes var/venv and installs the named requirement files into it, each only when it changed.
#   coalition/local/venv.sh requirements.txt requirements-dev.txt
set -eu
cd "$(dirname "$0")/../.."
venv=var/venv
python=${PYTHON:-python3}

fail() {
    echo "$1" >&2
    exit 1
}

fingerprint() { # of the words given and of standard input
    "$python" -c 'import hashlib, sys
print(hashlib.sha256(" ".join(sys.argv[1:]).encode() + sys.stdin.buffer.read()).hexdigest())' "$@"
}

check_room() {
    mkdir -p var
    [ "$(df -Pk var | awk 'NR == 2 { print $4 }')" -gt 800000 ] ||
        fail "The disk is full: the libraries need 800 MB in $(pwd)/var. Make room and start again."
}

command -v "$python" >/dev/null 2>&1 ||
    fail "$python was not found. Install Python 3.11 or newer (Debian: apt install python3 python3-venv)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old: Python 3.11 or newer is needed. Name another one: make run PYTHON=python3.13"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "Python's venv module is missing. Install it (Debian: apt install python3-venv)."

# A virtual environment knows its place and its Python. After a move or an upgrade of Python it is made anew.
base() {
    fingerprint "$(pwd)" "$($venv/bin/python -c 'import sys; print(sys.version_info[:2], sys.prefix)' 2>/dev/null)" </dev/null
}

if [ "$(cat $venv/base 2>/dev/null)" != "$(base)" ]; then
    check_room
    echo "Making the virtual environment $venv"
    "$python" -m venv --clear $venv || fail "The virtual environment could not be made; the reason is above."
    base >$venv/base
fi
for file in "$@"; do
    stamp=$venv/installed-$file
    wanted=$(fingerprint <"$file")
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && continue
    check_room
    echo "Installing $file (once, about a minute)"
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes -r "$file" ||
        fail "The libraries of $file could not be installed; the reason is above. Is the package index within reach, the disk full?"
    echo "$wanted" >"$stamp"
done
