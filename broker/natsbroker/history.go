package natsbroker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livetopics/live/broker"
)

// lagTries is how often a server that is behind is asked again, each time after
// waiting longer.
const lagTries = 7

// History reads from any server that has the stream, but asks its leader how far it
// must have got. A page may be shorter than was asked for.
//
// The position of a topic of which nothing is stored is the stream's: whatever may
// still come to the topic comes after it.
func (b *Broker) History(ctx context.Context, name string, h broker.History, q broker.Query) (broker.Page, error) {
	if err := b.enter(ctx); err != nil || !h.On() {
		return broker.Page{}, err
	}
	s := b.stream(h)
	for {
		answers := s.trouble.answers.Load()
		page, err := b.history(ctx, s, name, h, q)
		if err == nil {
			return page, nil
		}
		// Where others get answers, this one was only slow.
		slow := errors.Is(err, errNoAnswer) && s.trouble.answers.Load() != answers && b.Err() == nil
		if !slow || ctx.Err() != nil {
			return broker.Page{}, b.outcome(err)
		}
	}
}

func (b *Broker) history(ctx context.Context, s *stream, name string, h broker.History, q broker.Query) (page broker.Page, err error) {
	e, err := s.ready(ctx)
	if err != nil {
		return page, err
	}
	if err := s.trouble.enter(); err != nil {
		return page, err
	}
	defer func() { s.trouble.leave(err) }()
	if q.Since > 0 && q.Limit > 0 && !q.Newest && q.Before == 0 {
		page, whole, err := b.missed(ctx, s, name, h, q)
		if whole || err != nil {
			return page, err
		}
	}
	r, err := b.survey(ctx, s, e, name, h)
	if err != nil {
		return page, err
	}
	page.Epoch, page.Floor = r.epoch.Name, r.floor
	if r.head.seq == 0 {
		page.Seq = r.nothing(q)
		return page, nil
	}
	var all []stored
	switch {
	case q.Limit <= 0 || r.floor >= r.head.seq:
	case q.Newest && q.Limit == 1:
		all = []stored{r.head}
	case q.Newest || q.Before > 0:
		all, err = r.backward(ctx, q)
	default:
		all, err = r.forward(ctx, max(q.Since, r.floor), q.Limit, q.MaxBytes)
	}
	if err != nil {
		return page, err
	}
	put(&page, r.head, all, q)
	return page, nil
}

// put puts what was read into a page.
func put(page *broker.Page, head stored, all []stored, q broker.Query) {
	page.Publications, page.Seq = publications(all, q), head.seq
	if n := len(page.Publications); n > 0 {
		page.Seq = max(page.Seq, page.Publications[n-1].Seq)
	}
}

// publications unpacks a page, and cuts it to the bytes that were asked for.
func publications(all []stored, q broker.Query) []broker.Publication {
	list := make([]broker.Publication, 0, len(all))
	for i := range all {
		var f frame
		if !parseFrame(all[i].data, &f) {
			continue // nobody of us wrote it
		}
		f.m.Seq, f.m.At = all[i].seq, all[i].at.UnixMilli()
		list = append(list, f.m)
	}
	if q.MaxBytes <= 0 {
		return list
	}
	left := q.MaxBytes
	if q.Newest || q.Before > 0 {
		for i := len(list) - 1; i >= 0; i-- {
			if left -= len(list[i].Data); left < 0 {
				return list[min(i+1, len(list)-1):]
			}
		}
		return list
	}
	for i := range list {
		if left -= len(list[i].Data); left < 0 {
			return list[:max(i, 1)]
		}
	}
	return list
}

// reading reads one topic's history.
type reading struct {
	b       *Broker
	s       *stream
	epoch   *epoch
	subject string
	h       broker.History
	now     time.Time

	head  stored // the newest, by the leader; 0 if there is none
	floor uint64 // the newest that is gone or must not be seen
	count uint64 // how many are stored
	last  uint64 // of the stream, where the topic has none
}

// nothing is the position of a topic of which nothing is stored. Who pages through it
// is where he was, unless something may have expired since.
func (r *reading) nothing(q broker.Query) uint64 {
	if q.Limit <= 0 || q.Newest || q.Before > 0 {
		return r.last
	}
	return min(max(q.Since, r.floor), r.last)
}

// forward reads what comes after a number. It waits for a server that is behind, and
// if that takes too long reads from the leader.
func (r *reading) forward(ctx context.Context, after uint64, limit, maxBytes int) ([]stored, error) {
	var all []stored
	for try := range lagTries {
		if after >= r.head.seq {
			return all, nil
		}
		q := getRequest{Seq: after + 1, Next: r.subject, Batch: min(limit-len(all), mostAtOnce)}
		if maxBytes > 0 {
			q.MaxBytes = maxBytes + len(r.subject)
		}
		found, err := r.b.direct(ctx, r.s.name, q)
		if err != nil {
			return nil, err
		}
		if n := len(found.messages); n > 0 {
			all = append(all, found.messages...)
			after = found.messages[n-1].seq
		}
		if len(all) >= limit || found.pending > 0 || after >= r.head.seq {
			return all, nil
		}
		if err := pause(ctx, time.Millisecond<<try); err != nil {
			return nil, err
		}
	}
	return r.slowly(ctx, all, after, limit)
}

// slowly reads what is left of a page from the leader, one by one: some of it at
// least.
func (r *reading) slowly(ctx context.Context, all []stored, after uint64, limit int) ([]stored, error) {
	for n := 0; after < r.head.seq && len(all) < limit && n < 32; n++ {
		m, err := r.b.get(ctx, r.s.name, getRequest{Seq: after + 1, Next: r.subject})
		if is(err, codeNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		all, after = append(all, m), m.seq
	}
	if len(all) == 0 && after < r.head.seq {
		return nil, fmt.Errorf("natsbroker: what %s has at %d cannot be read: %w", r.s.name, r.head.seq, errNoAnswer)
	}
	return all, nil
}
