#!/usr/bin/env bash
# Fuzzes every target of the module in this folder, one after the other:
#
#	tools/fuzz.sh TIME
#
# TIME is what `go test -fuzztime` takes: 20s, or 10000x. An input that fails is kept
# under the package's testdata/fuzz, to be fixed and committed.
set -euo pipefail

targets=$(go test -list '^Fuzz' ./... | awk '
	/^Fuzz/ { names[n++] = $1 }
	/^ok/   { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }')
if [ -z "$targets" ]; then
	echo "fuzz: no targets in $PWD"
	exit 0
fi
count=0
while read -r package target; do
	echo "=== $target ($package), for $1"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$package" </dev/null
	count=$((count + 1))
done <<<"$targets"
echo "PASS: $count fuzz targets, each for $1"
