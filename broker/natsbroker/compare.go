package natsbroker

import (
	"context"
	"errors"

	"github.com/livetopics/live/broker"
)

// compare compares a stream with what was delivered of it, and has what is missing be
// read.
func (s *stream) compare(ctx context.Context) error {
	if s.epoch.Load() == nil {
		return nil // nobody has used it
	}
	ctx, cancel := context.WithTimeout(ctx, 4*answerWait)
	defer cancel()
	s.b.counters.compared.Add(1)
	s.questions.release()
	if s.known() == nil {
		if _, err := s.ready(ctx); err != nil {
			return err
		}
	} else if _, err := s.again(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	after := s.checked
	s.mu.Unlock()
	e := s.epoch.Load()
	upTo, err := s.b.compareTopics(ctx, s, s.b.follows.of(s), after)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch.Load().Name == e.Name {
		s.checked = max(s.checked, upTo)
	}
	return nil
}

// compareTopics compares topics of a stream, as far as something was published to them
// after a number. It returns up to which number that is done for all.
func (b *Broker) compareTopics(ctx context.Context, s *stream, topics []*topic, after uint64) (uint64, error) {
	least := ^uint64(0)
	for len(topics) > 0 {
		some := topics[:min(len(topics), mostAtOnce)]
		topics = topics[len(some):]
		heads, upTo, err := s.heads(ctx, some, after)
		if err != nil {
			return 0, err
		}
		least = min(least, upTo)
		var late []*topic
		for t, head := range heads {
			if t.expect(head) {
				late = append(late, t)
			}
		}
		b.maintain.add(late...)
	}
	if least == ^uint64(0) {
		least = 0
	}
	return least, nil
}

// lookAt compares topics newly followed.
func (b *Broker) lookAt(all []fresh) {
	for _, f := range all {
		if _, err := b.compareTopics(b.ctx, f.s, f.topics, f.after); err != nil {
			b.maintain.compare(f.s)
		}
	}
}

// heads returns the numbers of the newest publications of some topics, as far as they
// are above a number, and up to which number of the stream that holds.
func (s *stream) heads(ctx context.Context, topics []*topic, after uint64) (map[*topic]uint64, uint64, error) {
	by := make(map[string]*topic, len(topics))
	for _, t := range topics {
		by[s.subject(t.name)] = t
	}
	heads := make(map[*topic]uint64)
	upTo := uint64(0)
	for len(by) > 0 {
		q := getRequest{Seq: after + 1, UpTo: upTo, Batch: mostAtOnce}
		for subject := range by {
			q.MultiLast = append(q.MultiLast, subject)
		}
		found, err := s.b.direct(ctx, s.name, q)
		if err != nil {
			return nil, 0, err
		}
		if upTo == 0 {
			upTo = found.upTo
		}
		for _, m := range found.messages {
			if t := by[m.subject]; t != nil {
				heads[t] = m.seq
				delete(by, m.subject)
			}
		}
		if found.pending == 0 || len(found.messages) == 0 {
			break
		}
	}
	if upTo == 0 { // none was found, and nothing says as of when
		upTo = after
	}
	return heads, upTo, nil
}

// last returns the stream's newest number.
func (s *stream) last(ctx context.Context) (uint64, error) {
	var info streamInfo
	err := s.b.api(ctx, "STREAM.INFO."+s.name, nil, &info)
	return info.State.Last, err
}

// beginAnew has all followed topics of a stream begin anew: it has another epoch.
func (b *Broker) beginAnew(s *stream) {
	s.mu.Lock()
	s.checked = 0
	s.mu.Unlock()
	e := s.epoch.Load()
	for _, t := range b.follows.of(s) {
		t.renew(e)
	}
	b.maintain.compare(s)
}

// expect notes that a publication was acknowledged, so that it must come if its topic
// is followed here.
func (b *Broker) expect(s *stream, subject string, seq uint64) {
	t, _ := b.follows.find(s.spread + subject[len(s.kept):])
	if t != nil && t.expect(seq) {
		b.maintain.add(t)
	}
}

// unreachable reports whether the servers are away, rather than something wrong.
func unreachable(err error) bool {
	return errors.Is(err, broker.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
}
