package record

import (
	"slices"
)

// span is a part of a stream within one epoch: all known after from and up to to must be
// in it, or between the ends of a loss that was told.
type span struct {
	epoch    string
	from, to uint64
	got      []uint64    // sorted
	told     [][2]uint64 // first and last
}

// spans cuts a stream at the changes of its epoch.
func (s *Stream) spans() []*span {
	now := &span{epoch: s.Began.Epoch, from: s.Began.Seq, to: s.Began.Seq}
	all := []*span{now}
	for _, e := range s.Events {
		if e.At.Epoch != now.epoch {
			now = &span{epoch: e.At.Epoch, from: e.At.Seq, to: e.At.Seq}
			all = append(all, now)
			if e.ID == 0 {
				continue
			}
			now.from--
		}
		switch {
		case e.ID != 0:
			now.got = append(now.got, e.At.Seq)
		case e.From == 0:
			now.told = append(now.told, [2]uint64{now.to + 1, e.At.Seq})
		default:
			now.told = append(now.told, [2]uint64{e.From, e.At.Seq})
		}
		now.to = max(now.to, e.At.Seq)
	}
	return all
}

// checkWhole sees that a stream has all there is.
func (t *topicTruth) checkWhole(s *Stream, found *faults) {
	spans := s.spans()
	for i, p := range spans {
		if !slices.IsSorted(p.got) {
			slices.Sort(p.got)
		}
		open := s.Live && i == len(spans)-1
		t.checkSpan(s, p, open, found)
	}
}

// checkSpan sees that a span has all there is between its ends; an open one has no end.
func (t *topicTruth) checkSpan(s *Stream, p *span, open bool, found *faults) {
	list := t.numbered[p.epoch]
	next := 0
	for _, n := range list {
		if n.seq <= p.from {
			continue
		}
		if n.seq > p.to && !open {
			return
		}
		for next < len(p.got) && p.got[next] < n.seq {
			next++
		}
		if next < len(p.got) && p.got[next] == n.seq || p.toldOf(n.seq) {
			continue
		}
		found.add("missing", "%s (from %d, last %d) never got %s: %s", s.name(), p.from, p.to,
			Position{p.epoch, n.seq}, t.who(n.id))
	}
}

func (p *span) toldOf(seq uint64) bool {
	for _, told := range p.told {
		if told[0] <= seq && seq <= told[1] {
			return true
		}
	}
	return false
}
