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

	epoch atomic.Pointer[epoch] // nil before the stream is known
	high  atomic.Uint64         // the greatest number seen

	mu      sync.Mutex    // guards the fields below
	size    int           // asked for
	age     time.Duration // asked for; 0: no limit
	asked   bool
	fits    bool          // JetStream has it so
	hasAge  time.Duration // how long messages are stored; 0: no limit
	alone   bool          // one replica: all reads are the leader's
	limited bool          // somebody has set more limits
	held    []wild        // came by wildcards while the epoch was not known
	asking  bool          // somebody finds out for them
	checked uint64        // up to here all followed topics were compared
}

// stream returns the stream of a history, which may not be there yet.
func (b *Broker) stream(h broker.History) *stream {
	return b.streamOf(tokenOf(h.Name)).ask(h)
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked || h.Size > s.size || longer(h.Age, s.age) {
		if !s.asked || longer(h.Age, s.age) {
			s.age = h.Age
		}
		s.size, s.asked, s.fits = max(s.size, h.Size), true, false
	}
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
	if s.used() {
		if err := s.fit(ctx); err != nil {
			return nil, err
		}
	}
	return s.verify(ctx)
}

// used reports whether a history is known that the stream is for.
func (s *stream) used() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// known returns the epoch of a stream that is as it should be, or nil.
func (s *stream) known() *epoch {
	s.mu.Lock()
	fits := s.fits
	s.mu.Unlock()
	if !fits {
		return nil
	}
	return s.epoch.Load()
}

// doubt has the stream be looked at again before it is used.
func (s *stream) doubt() {
	s.mu.Lock()
	s.fits = false
	s.mu.Unlock()
}

// subject is where a topic's publications are stored.
func (s *stream) subject(topic string) string {
	var buf [320]byte
	return string(appendSubject(append(buf[:0], s.kept...), topic))
}
