package natsbroker

import (
	"context"
	"time"
)

// How the end of a stream is read. JetStream finds what comes after a number in one topic
// by looking at everything in between, which for many topics costs more than to read
// everything in between once.
const (
	tailMost  = 1 << 17 // messages
	tailBytes = 16 << 20
	tailLeast = 32   // topics for which it is worth it
	tailWorth = 1024 // messages for each of them, no more
	tailPage  = 1 << 20
	tailKept  = 10 * time.Second
)

// tail is the end of a stream: what is stored after one number, up to another.
type tail struct {
	epoch    string
	from, to uint64
	since    time.Time // when it was begun
	bytes    int
	full     bool // it is too large to be kept
	by       map[string][]stored
}

// readTail finds what those topics of a question have of which something was missed, if
// they are many. What it does not find they read each for itself.
func (s *stream) readTail(ctx context.Context, q *question) {
	from, low, n := q.behind(tailMost)
	if q.last-from > n*tailWorth { // those that missed least, then
		from, low, n = q.behind(n * tailWorth)
	}
	if n == 0 {
		return
	}
	t := s.questions.keptTail(nil)
	if t == nil || t.epoch != q.epoch.Name || t.from > from && !t.full || time.Since(t.since) > tailKept {
		if n < tailLeast {
			return
		}
		from -= min(from-low, q.last-from) // others may have missed more
		t = &tail{epoch: q.epoch.Name, from: from, to: from, since: time.Now(), by: make(map[string][]stored)}
	}
	if t.full || t.to < q.last && n*tailWorth < q.last-t.to {
		return // for so few it is not worth it
	}
	t.extend(ctx, s, q.last)
	s.questions.keptTail(t)
	if t.full {
		return
	}
	s.b.counters.tails.Add(1)
	q.from, q.missed = t.from, make(map[string][]stored, n)
	for subject, since := range q.asked {
		if since >= t.from && since < q.found[subject].seq {
			q.missed[subject] = t.by[subject]
		}
	}
}

// behind returns how many topics have something newer than what somebody has all up to,
// as far as that is not longer ago than most messages, and the earliest of those.
func (q *question) behind(most uint64) (from, low, n uint64) {
	low = q.last - min(q.last, most)
	from = q.last
	for subject, since := range q.asked {
		if since >= low && since < q.found[subject].seq {
			from, n = min(from, since), n+1
		}
	}
	return from, low, n
}

// extend reads up to a number, or as far as the server that is asked has got.
func (t *tail) extend(ctx context.Context, s *stream, to uint64) {
	for t.to < to {
		found, err := s.b.direct(ctx, s.name, getRequest{Seq: t.to + 1, Batch: mostAtOnce, MaxBytes: tailPage})
		if err != nil || len(found.messages) == 0 {
			return
		}
		for _, m := range found.messages {
			t.by[m.subject] = append(t.by[m.subject], m)
			t.bytes += len(m.subject) + len(m.data) + 128
			t.to = m.seq
		}
		if t.bytes > tailBytes || t.to-t.from > 2*tailMost {
			t.by, t.full = nil, true // not again for a while
			return
		}
	}
}

// keptTail returns the tail that is kept, or keeps t.
func (n *questions) keptTail(t *tail) *tail {
	n.mu.Lock()
	defer n.mu.Unlock()
	if t != nil {
		n.tail = t
	}
	return n.tail
}

// release frees a tail that is old.
func (n *questions) release() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.tail != nil && time.Since(n.tail.since) > tailKept {
		n.tail = nil
	}
}

// missedBy returns what a topic has after a number, if it was read with others: each with
// how many are newer.
func (q *question) missedBy(subject string, since uint64, most int) []stored {
	all := q.missed[subject]
	if since < q.from || len(all) == 0 || all[len(all)-1].seq < q.found[subject].seq {
		return nil
	}
	for len(all) > 0 && all[0].seq <= since {
		all = all[1:]
	}
	list := make([]stored, 0, min(len(all), most))
	for i := range min(len(all), most) {
		m := all[i]
		m.pending = uint64(len(all) - 1 - i)
		list = append(list, m)
	}
	return list
}
