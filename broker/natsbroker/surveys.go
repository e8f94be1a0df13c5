package natsbroker

import (
	"context"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// surveys are those under way. Many who ask for one topic at once, as after a node has
// died, share one that began after all of them had asked.
type surveys struct {
	mu  sync.Mutex // guards all, and what is in it
	all map[surveyed]*surveying
}

// surveyed is what a survey is of.
type surveyed struct {
	s     *stream
	epoch *epoch
	topic string
	size  int
	age   time.Duration
}

type surveying struct{ next *survey }

// survey is one, or what will be one.
type survey struct {
	wanted bool
	done   chan struct{} // closed when it is over
	r      *reading      // set before
	err    error         // set before
}

// survey returns how far a topic goes at this moment, and what of it is gone.
func (b *Broker) survey(ctx context.Context, s *stream, e *epoch, topic string, h broker.History) (*reading, error) {
	key := surveyed{s, e, topic, h.Size, h.Age}
	b.surveys.mu.Lock()
	g := b.surveys.all[key]
	if g == nil {
		if b.surveys.all == nil {
			b.surveys.all = make(map[surveyed]*surveying)
		}
		g = &surveying{next: &survey{done: make(chan struct{})}}
		b.surveys.all[key] = g
		b.start(func() { b.surveyAll(key, g) }) // ends when nobody asks any more
	}
	v := g.next
	v.wanted = true
	b.surveys.mu.Unlock()
	select {
	case <-v.done:
		if v.err != nil {
			return nil, v.err
		}
		r := *v.r
		return &r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.ctx.Done():
		return nil, broker.ErrClosed
	}
}

// surveyAll surveys one topic until nobody asks.
func (b *Broker) surveyAll(key surveyed, g *surveying) {
	for {
		b.surveys.mu.Lock()
		v := g.next
		if !v.wanted {
			delete(b.surveys.all, key)
			b.surveys.mu.Unlock()
			return
		}
		g.next = &survey{done: make(chan struct{})}
		b.surveys.mu.Unlock()
		ctx, cancel := context.WithTimeout(b.ctx, readTries*answerWait)
		h := broker.History{Size: key.size, Age: key.age}
		v.r = &reading{b: b, s: key.s, epoch: key.epoch, subject: key.s.subject(key.topic), h: h, now: time.Now()}
		v.err = v.r.survey(ctx)
		cancel()
		close(v.done)
	}
}
