package natsbroker

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// lateAfter is how long something that is known to be there may take to come, before it
// is read from the history.
const lateAfter = time.Second

// maintain looks after what nothing newer shows to be missing: one goroutine.
type maintain struct {
	b *Broker // set once

	mu    sync.Mutex // guards the fields below
	lines []lateTopic
	fresh []fresh              // to be compared once more
	soon  map[*stream]struct{} // to be compared now
	all   bool                 // all streams are
	echo  time.Time            // when all are compared once more; zero: not

	wake chan struct{} // holds one
}

// fresh are topics that were followed lately, when their stream had that number.
type fresh struct {
	s      *stream
	topics []*topic
	after  uint64
}

// lateTopic is looked at again at that time.
type lateTopic struct {
	t  *topic
	at time.Time
}

func (m *maintain) init(b *Broker) {
	m.b, m.wake, m.soon = b, make(chan struct{}, 1), make(map[*stream]struct{})
}

func (m *maintain) nudge() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// again has a topic that is marked as filling be filled later.
func (m *maintain) again(t *topic) {
	t.mu.Lock()
	t.filling, t.late = false, true
	t.mu.Unlock()
	m.add(t)
}

// add puts topics marked as late into the line.
func (m *maintain) add(topics ...*topic) {
	m.mu.Lock()
	at := time.Now().Add(lateAfter)
	for _, t := range topics {
		m.lines = append(m.lines, lateTopic{t, at})
	}
	m.mu.Unlock()
	m.nudge()
}

// look has topics newly followed be compared once more: the stream's leader may have
// heard of them late.
func (m *maintain) look(f fresh) {
	m.mu.Lock()
	m.fresh = append(m.fresh, f)
	m.mu.Unlock()
	m.nudge()
}

// compare has a stream be compared with what was delivered, now and once more in a
// moment, since what shows that something may be missing may come before the last that
// is; nil is all of them.
func (m *maintain) compare(s *stream) {
	m.mu.Lock()
	m.echo = time.Now().Add(lateAfter)
	if s == nil {
		m.all = true
	} else {
		m.soon[s] = struct{}{}
	}
	m.mu.Unlock()
	m.nudge()
}

// work runs until the broker is closed.
func (m *maintain) work() {
	b := m.b
	every := b.opts.CheckEvery
	timer := time.NewTimer(every)
	defer timer.Stop()
	slow := time.Now().Add(jittered(every))
	for {
		timer.Reset(m.rest(slow))
		select {
		case <-m.wake:
		case <-timer.C:
		case <-b.ctx.Done():
			return
		}
		b.fill(m.due()...)
		streams, fresh := m.take()
		if !time.Now().Before(slow) {
			slow = time.Now().Add(jittered(every))
			streams = b.allStreams()
		}
		b.lookAt(fresh)
		for _, s := range streams {
			if err := s.compare(b.ctx); err != nil && b.ctx.Err() == nil {
				b.opts.Logger.Debug("natsbroker: a stream is not compared yet", "stream", s.name, "error", err)
				m.later(s)
			}
		}
	}
}

// later has a stream be compared in a moment: it did not answer.
func (m *maintain) later(s *stream) {
	if pause(m.b.ctx, jittered(patience/4)) == nil {
		m.compare(s)
	}
}

// jittered is about d.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// rest is how long there is nothing to do.
func (m *maintain) rest(slow time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := slow
	if len(m.lines) > 0 && m.lines[0].at.Before(next) {
		next = m.lines[0].at
	}
	if !m.echo.IsZero() && m.echo.Before(next) {
		next = m.echo
	}
	if fresh := time.Now().Add(lateAfter); len(m.fresh) > 0 && fresh.Before(next) {
		next = fresh
	}
	return max(time.Until(next), time.Millisecond)
}

// due takes the topics of which something is still missing.
func (m *maintain) due() (lag []*topic) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	n := 0
	for ; n < len(m.lines) && !m.lines[n].at.After(now); n++ {
		if t := m.lines[n].t; t.lags() {
			lag = append(lag, t)
		}
	}
	if m.lines = m.lines[n:]; len(m.lines) == 0 {
		m.lines = nil
	}
	return lag
}

// take takes what is to be compared now.
func (m *maintain) take() (streams []*stream, fresh []fresh) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fresh, m.fresh = m.fresh, nil
	if !m.echo.IsZero() && !time.Now().Before(m.echo) {
		m.all, m.echo = true, time.Time{}
		if len(m.b.line) > cap(m.b.line)/2 { // still too much comes
			m.echo = time.Now().Add(lateAfter)
		}
	}
	if m.all {
		streams = m.b.allStreams()
	} else {
		for s := range m.soon {
			streams = append(streams, s)
		}
	}
	m.all = false
	clear(m.soon)
	return streams, fresh
}

func (b *Broker) allStreams() (all []*stream) {
	b.streams.Range(func(_, s any) bool {
		all = append(all, s.(*stream))
		return true
	})
	return all
}

// again verifies the stream's epoch.
func (s *stream) again(ctx context.Context) (*epoch, error) {
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.verify(ctx)
}
