#!/usr/bin/env bash
# Does the model test find faults? Plants one at a time in a copy of the module: each
# must make the test fail, and without any it must pass.
#
#	test/faults/run.sh [a part of a fault's name]
#
# PUBLICATIONS says how many each run makes at most.
set -euo pipefail
cd "$(dirname "$0")/../.."

only=${1:-}
publications=${PUBLICATIONS:-150000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar --exclude=./.git --exclude=./bench --exclude=./bin --exclude=node_modules -cf - . | tar -xf - -C "$work"
cd "$work"
planted=0 missed=0

# attempt builds the copy and runs the test in it; what it says is in log.
attempt() {
	go test -vet=off -c -o model.test . || { echo "$1: does not compile"; exit 1; }
	./model.test -test.run '^TestModel' -test.timeout 2m -live.publications="$publications" >log 2>&1
}

# fault plants one: its name, the file, a sed script that changes one line of it.
fault() {
	local name=$1 file=$2 script=$3
	[[ $name == *"$only"* ]] || return 0
	cp "$file" right
	sed -i "$script" "$file"
	if [ "$(diff right "$file" | grep -c '^>')" != 1 ]; then
		echo "$name: $script does not change one line of $file"
		exit 1
	fi
	local start=$SECONDS
	planted=$((planted + 1))
	if attempt "$name"; then
		echo "MISSED  $name"
		missed=$((missed + 1))
	else
		printf 'found   %-62s %3d s  %s\n' "$name" $((SECONDS - start)) \
			"$(grep -m 1 -E 'model_[a-z_]*\.go:[0-9]+: [^-]|^panic:' log | sed 's/^ *//' | cut -c 1-150)"
	fi
	cp right "$file"
}

if [ -z "$only" ]; then
	attempt "no fault" || { cat log; echo "the test fails without a fault"; exit 1; }
	echo "passed  no fault"
fi

hold=internal/engine/hold.go kept=internal/engine/kept.go overflow=internal/engine/overflow.go
fault "merge: live ones that history had are sent again" $hold 's/ seq != 0 && seq <= to.After ||/ seq != 0 \&\& seq > 1<<60 ||/'
fault "merge: what is published meanwhile is not kept" internal/engine/route.go 's/t.kept.keep(f, except, true)//'
fault "merge: the first that was kept is passed over" $kept 's/frames = frames\[h.index-k.first:\]/frames = frames[min(h.index-k.first+1, uint64(len(frames))):]/'
fault "merge: a subscription that falls behind goes on getting live ones" internal/engine/loop.go 's/l.setBack(c.sub)//'
fault "merge: a wildcard brings what comes from history later" internal/engine/turn.go '/range sh.back/{n;s/t.exempt(c, i)/_ = c/}'
fault "merge: it is late, and nobody tries again" catchup.go '/it will change/,/return true/s/return true/return false/'
fault "ahead: what history had comes again" internal/engine/ahead.go 's/has.some = append(has.some, sub.conn)/_ = sub/'
fault "ahead: what history had comes again to the only subscription" internal/engine/ahead.go 's/t.ahead.floor = after/_ = after/'
fault "ahead: who subscribes again loses what is on its way" operations_subscribe.go 's/case !e.held.Added .*/case false:/'
fault "history: what is gone is not told" catchup.go 's/case page.Floor > l.after:/case false:/'
fault "history: a page is read twice" catchup.go 's/^\t\tl.after = p.Seq$/l.after = max(l.after, p.Seq-1)/'
fault "history: what the client itself sent comes back" catchup.go 's/if own(p.Origin) {/if own("") {/'
fault "subscribe: again, and what came meanwhile is left out" operations_subscribe.go 's/a.Seq, e.kept = min(a.Seq, first-1), true/_ = first/'
fault "subscribe: what came while the snapshot was made is given up" operations_subscribe.go 's/e.answer.Snapshot, err = marshal(v)/e.held.Restart(); &/'
fault "publish: it comes back to its sender" broker.go 's/s.exempt(p.Origin))/nil)/'
fault "overflow: latest drops in silence" $overflow 's/q.replace(i, l.hole(h))/q.replace(i, nil)/'
fault "overflow: the gap of the oldest has only the last" $overflow 's/h.from, h.lost = old.from, old.lost+1/h.lost = old.lost + 1/'
fault "overflow: latest takes keys for one" $overflow 's/q.newest\[subject{p.Topic, p.Key}\]/q.newest[subject{p.Topic, p.Topic}]/'
fault "overflow: replay goes on one too late" $overflow 's/fallen{h, f.Pub.Seq - 1}/fallen{h, f.Pub.Seq}/'
fault "broker: pages begin one too late" broker/memory/history.go 's/q.Since+1/q.Since+2/'
fault "broker: the floor is forgotten" broker/memory/history.go 's/t.position(), t.log.floor/t.position(), 0/'
fault "broker: numbers and deliveries are in two orders" broker/memory/publish.go 's/b.deliver(m.Topic, epochName, p)/q := *p; s.mu.Unlock(); b.deliver(m.Topic, epochName, \&q); s.mu.Lock()/'
fault "broker: repeats are not known" broker/memory/publish.go 's/if m.Dedup != "" \&\& b.limits.dedup > 0 {/if false {/'

echo "$planted faults planted, $missed missed"
[ "$planted" -gt 0 ] && [ "$missed" -eq 0 ]
