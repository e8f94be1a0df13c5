package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/livetopics/live/client"
	"github.com/livetopics/live/test/chaos/internal/record"
)

// stream records what comes of one subscription.
type stream struct {
	sub   *client.Subscription
	round *round
	slow  bool // it stops reading now and then

	mu     sync.Mutex // guards what follows
	record record.Stream
	last   record.Position
	lastID record.ID
}

// newStream begins one. Nothing may have been taken of sub.
func (r *round) newStream(who string, sub *client.Subscription, slow bool) *stream {
	began := record.Position(sub.Position())
	return &stream{
		sub: sub, round: r, slow: slow, last: began,
		record: record.Stream{
			Who: who, Topic: sub.Topic(), Began: began, Since: r.now(), Live: true,
			Plain: plain(sub.Topic()), Lossy: lossy(sub.Topic()) && !r.o.exact(),
		},
	}
}

// stall is how long a slow reader stops, and after how many messages.
const (
	stall      = 400 * time.Millisecond
	stallEvery = 50
)

// read takes all that comes until the subscription ends.
func (s *stream) read(ctx context.Context) {
	n := 0
	for m := range s.sub.Messages(ctx) {
		s.take(&m)
		if n++; s.slow && n%stallEvery == 0 {
			wait(ctx, stall)
		}
	}
	if err := s.sub.Err(); err != nil && !errors.Is(err, client.ErrClosed) && !errors.Is(err, client.ErrUnsubscribed) {
		s.round.found("subscription", "%s on %s ended: %v", s.record.Who, s.record.Topic, err)
	}
}

func (s *stream) take(m *client.Message) {
	now := s.round.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case m.Kind == client.KindPublication:
		s.round.counts.deliveries.Add(1)
		if m.Recovered {
			s.round.counts.recovered.Add(1)
		}
		id, err := record.ReadBody(s.record.Topic, m.Data)
		if err != nil {
			s.record.Strange = append(s.record.Strange, err.Error())
			return
		}
		at := record.Position{Epoch: m.Epoch, Seq: m.Seq}
		s.record.Events = append(s.record.Events, record.Event{ID: id, At: at, When: now})
		s.last, s.lastID = at, id
	case m.Missing():
		if !s.record.Plain {
			s.round.counts.losses.Add(1)
		}
		at := record.Position(m.Position())
		s.record.Events = append(s.record.Events, record.Event{At: at, From: m.From, When: now})
		s.last, s.lastID = at, 0
	}
}

// at is where the stream is, and the last publication that came.
func (s *stream) at() (record.Position, record.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.lastID
}

// wait waits, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
