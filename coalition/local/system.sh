#!/bin/sh
# What the tests need beside Python: a Redis server, a Chromium, what sets PDF files. Installed as root on Debian, else only named.
set -eu
missing=
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
/sbin/ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || missing="$missing libpangoft2-1.0-0"
fc-list : family 2>/dev/null | grep -q "Noto Sans Arabic" || missing="$missing fonts-noto-core fontconfig"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # a list of names
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null ||
        echo "COULD NOT INSTALL$missing: the tests that need it will not run." >&2
else
    echo "MISSING:$missing. The tests that need it will not run (Debian: apt install$missing)." >&2
fi
