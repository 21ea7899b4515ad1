#!/bin/sh
# Installs the pinned tools into coalition/frontend/node_modules (git-ignored) and compiles static/.
set -eu
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node build.mjs
