package livetest

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// streamSize is how many bytes a stream takes that nobody reads, much as a kernel's
// buffers do.
const streamSize = 64 << 10

// errCut is what both ends of a connection see that was cut.
var errCut = errors.New("the connection was cut")

// stream is one direction of a connection: a bounded buffer. Whoever waits does so in a
// way that testing/synctest takes for idle.
type stream struct {
	mu      sync.Mutex // guards the fields below
	changed *sync.Cond // on mu: any of them changed, or a deadline has passed
	buf     []byte
	stalled bool  // nothing is read, although there may be something
	ended   error // nothing more is written; what the reader gets after the rest
	gone    error // the reader has gone; what the writer gets
	readBy  deadline
	writeBy deadline
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// read waits for at least one byte, for the end, or for the deadline.
func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.gone != nil:
			return 0, s.gone
		case s.readBy.passed():
			return 0, os.ErrDeadlineExceeded
		case s.stalled:
		case len(s.buf) > 0:
			n := copy(b, s.buf)
			s.buf = s.buf[n:]
			s.changed.Broadcast()
			return n, nil
		case s.ended != nil:
			return 0, s.ended
		}
		s.changed.Wait()
	}
}

// write waits until there is room for all of b, and returns how much of it was taken.
func (s *stream) write(b []byte) (taken int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for taken < len(b) {
		room := streamSize - len(s.buf)
		switch {
		case s.ended != nil:
			return taken, io.ErrClosedPipe
		case s.gone != nil:
			return taken, s.gone
		case s.writeBy.passed():
			return taken, os.ErrDeadlineExceeded
		case room <= 0:
			s.changed.Wait()
			continue
		}
		n := min(room, len(b)-taken)
		s.buf = append(s.buf, b[taken:taken+n]...)
		taken += n
		s.changed.Broadcast()
	}
	return taken, nil
}

// end says that nothing more is written, and err to the reader once it has the rest.
func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = err
	}
	s.writeBy.set(s, time.Time{})
	s.changed.Broadcast()
}

// leave says that nothing more is read, and err to the writer.
func (s *stream) leave(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone == nil {
		s.gone, s.buf = err, nil
	}
	s.readBy.set(s, time.Time{})
	s.changed.Broadcast()
}

func (s *stream) stall(stalled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = stalled
	s.changed.Broadcast()
}

// deadline is a point in time at which those who wait for a stream are woken. The
// stream's lock is held during all its calls.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (d *deadline) set(s *stream, at time.Time) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.at = at; !at.IsZero() {
		d.timer = time.AfterFunc(time.Until(at), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
}
