package memory

import (
	"strings"

	"github.com/livetopics/live/broker"
)

// dedups remembers what was accepted with a Dedup. There are two generations:
// what is accepted goes into the young one; after each window the old one is
// thrown away whole and the young one becomes it. So memory is freed without a
// look at single entries, at most two windows after they came.
type dedups struct {
	young, old map[dedupKey]accepted
	turn       int64 // when the generations change; only while there is one
}

type dedupKey struct{ topic, id string }

// accepted is what became of the first message of a Dedup.
type accepted struct {
	epoch *epoch // nil on a topic without history
	seq   uint64
	sum   uint64 // of its key and data
	at    int64
}

func (a accepted) position() broker.Position {
	if a.epoch == nil {
		return broker.Position{}
	}
	return broker.Position{Epoch: a.epoch.name, Seq: a.seq}
}

// find looks for one that was accepted less than a window ago.
func (d *dedups) find(topic, id string, now, window int64) (accepted, bool) {
	key := dedupKey{topic, id}
	a, ok := d.young[key]
	if !ok {
		a, ok = d.old[key]
	}
	return a, ok && now-a.at < window
}

func (d *dedups) add(topic, id string, a accepted, window int64) {
	if d.due() == never {
		d.turn = a.at + window
	}
	if d.young == nil {
		d.young = make(map[dedupKey]accepted)
	}
	d.young[dedupKey{strings.Clone(topic), strings.Clone(id)}] = a
}

// due is when a generation ends.
func (d *dedups) due() int64 {
	if d.young == nil && d.old == nil {
		return never
	}
	return d.turn
}

// age ends a generation if it is time.
func (d *dedups) age(now, window int64) {
	if now < d.due() {
		return
	}
	d.old, d.young = d.young, nil
	d.turn = now + window
}
