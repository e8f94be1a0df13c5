package natsbroker

import (
	"sync"

	"github.com/livetopics/live/broker"
)

// topic is one that this node follows by its name, or a wildcard.
type topic struct {
	// Set once.
	name    string
	arrives string  // the subject it comes by
	stream  *stream // nil without history

	mu      sync.Mutex // guards the fields below; held during Deliver
	subs    subscribed
	epoch   *epoch
	last    uint64 // what comes after this is to be delivered
	want    uint64 // the newest that is known to be there
	ready   bool   // last was found out
	filling bool   // what is missing is being read; what comes meanwhile will be too
	late    bool   // it stands in the line of those that are looked at again
	ended   bool
}

// unsubscribe ends the subscriptions. t.mu is held.
func (t *topic) unsubscribe() {
	for _, sub := range t.subs {
		_ = sub.Unsubscribe() // fails where the connection is closed, and all have ended
	}
	t.subs = nil
}

// end ends what Follow began.
func (t *topic) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.unsubscribe()
}

// begun reports whether it is known from where on to deliver.
func (t *topic) begun() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ready
}

// begin has the topic delivered from what comes after that number of the stream's.
func (t *topic) begin(e *epoch, last uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ready {
		return
	}
	if t.last == 0 {
		t.last = last
	}
	t.ready, t.epoch, t.want = true, e, max(t.want, t.last)
}

// receive takes a publication with its number and the one before it, and reports
// whether something before it is missing.
func (t *topic) receive(d broker.Deliver, p *broker.Publication, before uint64) (missing, again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false, false
	}
	if t.epoch == nil {
		t.epoch = t.stream.epoch.Load()
	}
	t.want = max(t.want, p.Seq)
	switch {
	case t.filling:
		return false, false
	case t.epoch == nil: // it is read once that is known
		if !t.ready {
			t.last = max(t.last, p.Seq-1)
		}
		t.filling = true
		return true, false
	case p.Seq <= t.last:
		return false, before == 0
	case before > t.last && (t.ready || t.last > 0):
		t.filling = true
		return true, false
	}
	t.last = p.Seq
	d(t.name, t.epoch.Name, p)
	return false, false
}

// expect notes that a publication of that number is there, and reports whether it has
// not come yet and nobody knew.
func (t *topic) expect(seq uint64) (late bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.want = max(t.want, seq)
	if t.ended || t.late || t.want <= t.last {
		return false
	}
	t.late = true
	return true
}

// lags reports whether something is still missing, and if so begins filling. The topic
// has left the line of those that are looked at again. One of which it is not known
// from where on to deliver misses nothing: once it begins it is looked at anyway.
func (t *topic) lags() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.late = false
	if t.ended || t.want <= t.last || t.filling || !t.ready && t.last == 0 {
		return false
	}
	t.filling = true
	return true
}

// renew begins the topic anew, in another epoch.
func (t *topic) renew(e *epoch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epoch, t.last, t.want, t.ready = e, 0, 0, true
}
