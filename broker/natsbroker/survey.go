package natsbroker

import (
	"context"
	"errors"
	"sync"
)

// survey finds out how far a topic goes, and what of it is gone: by the rule, which
// may say so of messages that are still stored, or because they are not.
func (r *reading) survey(ctx context.Context) error {
	var first batch
	var firstErr, headErr error
	var run sync.WaitGroup
	run.Go(func() { headErr = r.findHead(ctx) })
	first, firstErr = r.b.direct(ctx, r.s.name, getRequest{Seq: 1, Next: r.subject, Batch: 2})
	run.Wait()
	if err := errors.Join(headErr, firstErr); err != nil {
		return err
	}
	if r.head.seq == 0 {
		return r.surveyNothing(ctx)
	}
	if len(first.messages) == 0 { // a server that is behind, of a topic that is new
		r.count = 1
		r.floor = min(r.expired(), r.head.seq-1)
		return nil
	}
	oldest := first.messages[0]
	r.count = oldest.pending + 1
	if r.seen(oldest) {
		r.floor = min(r.expired(), oldest.seq-1)
		return nil
	}
	switch {
	case len(first.messages) == 1:
		r.floor = oldest.seq
	case r.seen(first.messages[1]):
		r.floor = oldest.seq
	default:
		return r.findFloor(ctx)
	}
	return nil
}

// findHead asks the leader for the newest message.
func (r *reading) findHead(ctx context.Context) error {
	m, err := r.b.get(ctx, r.s.name, getRequest{Last: r.subject})
	if is(err, codeNotFound) {
		return nil
	}
	if is(err, codeNoStream) {
		r.s.doubt()
	}
	r.head = m
	return err
}

// seen reports whether the rule shows a message; m.pending says how many are newer.
func (r *reading) seen(m stored) bool {
	return m.pending < uint64(r.h.Size) && (r.h.Age == 0 || r.now.Sub(m.at) < r.h.Age)
}

// expired is up to which number of the stream messages may have expired and be gone.
func (r *reading) expired() uint64 { return r.s.expired(r.epoch, r.now) }

// surveyNothing is for a topic of which nothing is stored.
func (r *reading) surveyNothing(ctx context.Context) error {
	var info streamInfo
	if err := r.b.api(ctx, "STREAM.INFO."+r.s.name, nil, &info); err != nil {
		return err
	}
	r.last = info.State.Last
	raise(&r.s.high, r.last)
	r.floor = min(r.expired(), r.last)
	if info.State.Messages <= 1 && r.floor == 0 { // the epoch alone
		r.last = 0
	}
	return nil
}

// findFloor finds the newest of several stored messages that the rule does not show.
func (r *reading) findFloor(ctx context.Context) error {
	oldest := r.head // the oldest that is shown
	if r.h.Age > 0 {
		at := r.now.Add(-r.h.Age)
		m, ok, err := r.probe(ctx, getRequest{Start: &at, Next: r.subject, Batch: 1})
		if err != nil {
			return err
		}
		if !ok || r.now.Sub(r.head.at) >= r.h.Age {
			r.floor = r.head.seq
			return nil
		}
		oldest = m
	}
	if r.h.Age == 0 || oldest.pending >= uint64(r.h.Size) {
		m, err := r.ranked(ctx, r.h.Size, r.head.seq+1, 0)
		if err != nil {
			return err
		}
		oldest = m
	}
	found, err := r.b.direct(ctx, r.s.name, getRequest{MultiLast: []string{r.subject}, UpTo: oldest.seq - 1})
	if err != nil {
		return err
	}
	r.floor = oldest.seq - 1
	if len(found.messages) > 0 {
		r.floor = found.messages[0].seq
	}
	return nil
}

// probe reads one message, which says how many are newer.
func (r *reading) probe(ctx context.Context, q getRequest) (stored, bool, error) {
	found, err := r.b.direct(ctx, r.s.name, q)
	if err != nil || len(found.messages) == 0 {
		return stored{}, false, err
	}
	return found.messages[0], true, nil
}
