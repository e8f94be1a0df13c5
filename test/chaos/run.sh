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
short)
	rounds=1
	set -- -seed=634707 "$@" # the same faults each time; a later flag wins
	;;
long) rounds=14 ;;
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
	run -broker=$broker -duration=2m -rounds=$rounds "$@"
	run -broker=$broker -rolling -duration=10s "$@"
	run -broker=$broker -away -duration=10s "$@"
done
run -broker=redis -may-lose -duration=30s -rounds=$rounds "$@"
echo "PASS: chaos, $length"
