#!/usr/bin/env bash
# Runs a command between a line that names it and one that says how it went:
#
#	tools/step.sh NAME COMMAND [ARGUMENT]...
set -euo pipefail

name=$1
shift
echo "=== $name: $*"
status=0
start=$SECONDS
"$@" || status=$?
took=$((SECONDS - start))
if [ $status = 0 ]; then
	echo "--- $name: passed in $took s"
else
	echo "--- $name: FAILED (status $status) after $took s" >&2
fi
exit $status
