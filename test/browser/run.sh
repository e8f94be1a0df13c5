#!/usr/bin/env bash
# The demo chat in a headless browser. Installs what it needs, builds the binary, runs
# the tests:
#
#	test/browser/run.sh [a test's file]...
#
# BROWSER names another Chromium than the one found.
set -euo pipefail
cd "$(dirname "$0")"

bash ../../tools/need.sh node:nodejs npm "${BROWSER:-chromium}"
if [ ! -e node_modules/playwright-core/package.json ]; then
	npm ci --no-audit --no-fund --loglevel=error </dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/live" ../../cmd/live

export LIVE_BINARY=$work/live
export BROWSER=${BROWSER:-$(command -v chromium)}
node --test --test-concurrency=1 --test-timeout=120000 "${@:-.}" </dev/null
