package presence

import (
	"context"
	"time"
)

// roll is what is known of one topic, and decides when it is a crowd. There is one
// while the topic has members on this node, or a Count to come. Its stripe's lock
// guards it.
type roll struct {
	// Set once.
	entry  entry // when it may be counted again
	topic  string
	stripe *stripe

	members int           // on this node
	limit   int           // more are a crowd; 0 or less is no limit
	total   int           // on all nodes, as far as we know
	asked   time.Duration // when the broker was last asked for the total; 0 is never
	calls   int           // how many joins and leaves were begun
	flying  int           // how many of them have not ended

	crowd    bool
	counting bool // a Count was announced less than CountEvery ago
	counted  int  // its number; -1 if the crowd has had none
}

// moment is a point in the sequence of broker calls.
type moment struct{ calls, flying int }

func (r *roll) moment() moment { return moment{r.calls, r.flying} }

// full reports whether the topic has more members than its limit.
func (r *roll) full() bool { return r.limit > 0 && r.total > r.limit }

// moved announces that a member joined (by 1), left (-1) or changed (0).
func (t *Tracker) moved(m *member, kind Kind, by int) {
	r := m.roll
	r.total = max(r.total+by, 0)
	if !r.crowd {
		t.announce(r, Event{Kind: kind, Member: m.public()})
	}
	t.weigh(r)
	if r.crowd && by != 0 && !r.counting {
		t.count(r)
	}
}

// weigh makes the topic a crowd if it is one.
func (t *Tracker) weigh(r *roll) {
	if r.crowd || !r.full() {
		return
	}
	r.crowd, r.counted = true, -1
	if !r.counting {
		t.count(r)
	}
}

// count announces the number of members, and ends the crowd if that is small.
func (t *Tracker) count(r *roll) {
	r.crowd, r.counting, r.counted = r.full(), true, r.total
	t.announce(r, Event{Kind: Count, Count: r.total})
	t.agenda.add(&r.entry, &t.agenda.counts)
}

// recount comes CountEvery after a Count: is there another to announce?
func (t *Tracker) recount(ctx context.Context, r *roll) {
	r.stripe.mu.Lock()
	defer r.stripe.mu.Unlock()
	if r.crowd {
		at := r.moment()
		r.stripe.mu.Unlock()
		t.ask(ctx, r, at)
		r.stripe.mu.Lock()
	}
	if r.crowd && r.total != r.counted {
		t.count(r)
		return
	}
	r.counting = false
	r.stripe.drop(r)
}

// stale reports that a member who joins should ask for the total, and that it is
// this one's turn.
func (t *Tracker) stale(r *roll) bool {
	now := t.agenda.now()
	if r.limit <= 0 || r.members < 2 || r.asked != 0 && now-r.asked < t.opts.CountEvery {
		return false
	}
	r.asked = now
	return true
}

// ask asks the broker for the total. No lock is held.
func (t *Tracker) ask(ctx context.Context, r *roll, at moment) {
	ms, err := t.broker.Members(ctx, r.topic, 0)
	if err != nil {
		t.opts.Failed(r.topic, err)
		return
	}
	r.stripe.mu.Lock()
	defer r.stripe.mu.Unlock()
	t.learn(r, at, ms.Count)
}

// learn takes the number of members that the broker gave some time after the moment.
// Each call that was under way since may be in it or not, so ours is left as it is
// where it is within that many: alone on a topic we know better.
func (t *Tracker) learn(r *roll, at moment, total int) {
	slack := at.flying + r.calls - at.calls
	r.total = max(min(max(r.total, total-slack), total+slack), 0)
	r.asked = t.agenda.now()
	t.weigh(r)
}
