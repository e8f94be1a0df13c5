package natsbroker

import "context"

// survey finds out how far a topic goes, and what of it is gone: by the rule, which
// may say so of messages that are still stored, or because they are not.
func (r *reading) survey(ctx context.Context) error {
	if _, err := r.findHead(ctx, nobodySays); err != nil {
		return err
	}
	if r.head.seq == 0 {
		r.surveyNothing()
		return nil
	}
	first, err := r.b.direct(ctx, r.s.name, getRequest{Seq: 1, Next: r.subject, Batch: 2})
	if err != nil {
		return err
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

// findHead finds the newest message, and in which epoch that is.
func (r *reading) findHead(ctx context.Context, since uint64) (*question, error) {
	found, err := r.s.newest(ctx, r.subject, since)
	if err != nil {
		return nil, err
	}
	r.head, r.last, r.epoch = found.found[r.subject], found.last, found.epoch
	return found, nil
}

// seen reports whether the rule shows a message; m.pending says how many are newer.
func (r *reading) seen(m stored) bool {
	return m.pending < uint64(r.h.Size) && (r.h.Age == 0 || r.now.Sub(m.at) < r.h.Age)
}

// expired is up to which number of the stream messages may have expired and be gone.
func (r *reading) expired() uint64 { return r.s.expired(r.epoch, r.now) }

// surveyNothing is for a topic of which nothing is stored.
func (r *reading) surveyNothing() {
	r.floor = min(r.expired(), r.last)
	if r.last <= 1 && r.floor == 0 { // the epoch alone
		r.last = 0
	}
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
