package natsbroker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
)

// spare is how much longer than its rule says a message is stored: until then, what
// has expired still says exactly up to where things are gone.
const spare = 10 * time.Minute

// stream is where the histories of one name are kept.
type stream struct {
	b       *Broker       // set once
	name    string        // set once: JetStream's
	kept    string        // set once: the beginning of the stored subjects
	spread  string        // set once: and of those they come by
	making  chan struct{} // holds one while somebody makes or changes the stream
	trouble trouble

	questions questions

	epoch atomic.Pointer[epoch]          // nil before the stream is known
	high  atomic.Uint64                  // the greatest number seen
	asked atomic.Pointer[broker.History] // the largest that has to fit; nil: none
	fits  atomic.Bool                    // JetStream has it so

	mu      sync.Mutex    // guards the fields below
	hasAge  time.Duration // how long messages are stored; 0: no limit
	hasPer  uint64        // how many of each topic
	alone   bool          // one replica: all reads are the leader's
	limited bool          // somebody has set more limits
	held    []wild        // came by wildcards while the epoch was not known
	asking  bool          // somebody finds out for them
	checked uint64        // up to here all followed topics were compared
}

// stream returns the stream of a history, which may not be there yet.
func (b *Broker) stream(h broker.History) *stream {
	if s, ok := b.named.Load(h.Name); ok {
		return s.(*stream).ask(h)
	}
	s := b.streamOf(tokenOf(h.Name))
	b.named.Store(h.Name, s)
	return s.ask(h)
}

// streamOf returns the stream of that token.
func (b *Broker) streamOf(token string) *stream {
	if s, ok := b.streams.Load(token); ok {
		return s.(*stream)
	}
	s := &stream{
		b: b, name: b.opts.Prefix + "_h_" + token,
		kept: b.subjects.kept + token + ".", spread: b.subjects.spread + token + ".",
		making: make(chan struct{}, 1),
	}
	s.trouble.log, s.trouble.name = b.opts.Logger, s.name
	kept, _ := b.streams.LoadOrStore(token, s)
	return kept.(*stream)
}

// ask notes what has to fit into the stream.
func (s *stream) ask(h broker.History) *stream {
	if old := s.asked.Load(); old != nil && h.Size <= old.Size && !longer(h.Age, old.Age) {
		return s
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.asked.Load(); old != nil {
		h.Size = max(h.Size, old.Size)
		if !longer(h.Age, old.Age) {
			h.Age = old.Age
		}
	}
	s.asked.Store(&h)
	s.fits.Store(false)
	return s
}

// longer reports whether a is longer than b, where 0 is for ever.
func longer(a, b time.Duration) bool { return b != 0 && (a == 0 || a > b) }

// ready makes the stream if need be, and returns its epoch.
func (s *stream) ready(ctx context.Context) (*epoch, error) {
	if e := s.known(); e != nil {
		return e, nil
	}
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e := s.known(); e != nil {
		return e, nil
	}
	if s.asked.Load() != nil {
		if err := s.fit(ctx); err != nil {
			return nil, err
		}
	}
	return s.verify(ctx)
}

// known returns the epoch of a stream that is as it should be, or nil.
func (s *stream) known() *epoch {
	if !s.fits.Load() {
		return nil
	}
	return s.epoch.Load()
}

// doubt has the stream be looked at again before it is used.
func (s *stream) doubt() { s.fits.Store(false) }

// expired is up to which number messages may have expired and be gone by now.
func (s *stream) expired(e *epoch, now time.Time) uint64 {
	s.mu.Lock()
	age, limited := s.hasAge, s.limited
	s.mu.Unlock()
	if limited {
		return ^uint64(0) >> 1 // by limits that are not ours: nobody knows
	}
	return e.gone(age, now, s.high.Load())
}

// full reports whether a topic with so many messages may have had more.
func (s *stream) full(messages uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return messages >= s.hasPer
}

// subject is where a topic's publications are stored.
func (s *stream) subject(topic string) string {
	var buf [320]byte
	return string(appendSubject(append(buf[:0], s.kept...), topic))
}
