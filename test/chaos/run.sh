#!/usr/bin/env bash
# Runs the chaos test over both brokers, from the repository's root:
#
#	test/chaos/run.sh short|long [FLAG]...
#
# Short is some minutes, long an hour. Flags, such as -seed=7, go to every run.
set -euo pipefail
cd "$(dirname "$0")/../.."

length=$1
shift
case $length in
short) breaks=2m some=30s ;;
long) breaks=24m some=4m ;;
*)
	echo "chaos: short or long, not $length" >&2
	exit 2
	;;
esac
bash tools/need.sh redis-server

binary=$(mktemp -d)/chaos
trap 'rm -rf "$(dirname "$binary")"' EXIT
go build -o "$binary" ./test/chaos
run() {
	echo "=== chaos $*"
	"$binary" "$@"
}
for broker in nats redis; do
	run -broker=$broker -duration=$breaks "$@"
	run -broker=$broker -rolling "$@"
	run -broker=$broker -away "$@"
done
run -broker=redis -may-lose -duration=$some "$@"
echo "PASS: chaos, $length"
