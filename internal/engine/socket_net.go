package engine

import (
	"net"
	"sync"
	"time"
)

const (
	// netBuffer is how much a netSocket takes before it is full, much as a kernel's
	// send buffer does.
	netBuffer = 256 << 10
	// netKeep is how large a buffer an idle netSocket keeps.
	netKeep = 4 << 10
)

// netSocket is a connection over any net.Conn. A goroutine reads from it, another
// writes to it while there is something to write. Both come to the loop through its
// inbox.
type netSocket struct {
	conn *Conn    // set once
	nc   net.Conn // set once

	more chan struct{} // a token: the loop has taken what was read, read on
	gone chan struct{} // closed by close

	held bool // loop only: reading is not wanted
	owed bool // loop only: the reader waits for its token

	mu      sync.Mutex // guards the fields below
	buf     []byte     // to be written next
	spare   []byte     // memory for buf
	writing bool       // a goroutine writes
	shut    bool       // closeWrite was called
	full    bool       // write refused something: the loop is to be told
	err     error      // of the last write
}

var _ socket = (*netSocket)(nil)

func newNetSocket(c *Conn, nc net.Conn) *netSocket {
	nc.SetDeadline(time.Time{}) // what an HTTP server may have left behind
	return &netSocket{conn: c, nc: nc, more: make(chan struct{}, 1), gone: make(chan struct{})}
}

func (s *netSocket) open() error {
	s.conn.loop.engine.run.Go(s.read) // owner: the connection; ends with close
	return nil
}

// tell gives the loop something to do, unless the socket is closed by then.
func (s *netSocket) tell(f func(*loop)) {
	l := s.conn.loop
	l.inbox.push(command{kind: cmdCall, conn: s.conn, fn: func() {
		if s.conn.state != closed {
			f(l)
		}
	}})
}

func (s *netSocket) read() {
	buf := make([]byte, netKeep)
	for {
		n, err := s.nc.Read(buf)
		if n > 0 {
			s.tell(func(l *loop) {
				s.owed = true
				l.received(s.conn, buf[:n])
				s.pay()
			})
		}
		if err != nil {
			s.tell(func(l *loop) { l.ended(s.conn, err) })
			return
		}
		if n == 0 {
			continue
		}
		select {
		case <-s.more:
		case <-s.gone:
			return
		}
		if n == len(buf) && n < readSize {
			buf = make([]byte, 4*n)
		}
	}
}

// pay gives the reader its token if reading is wanted.
func (s *netSocket) pay() {
	if s.owed && !s.held {
		s.owed = false
		s.more <- struct{}{} // has room: there is one token, and the reader waits for it
	}
}

func (s *netSocket) wantRead(want bool) {
	s.held = !want
	s.pay()
}

// write takes b into the buffer, and starts a goroutine to send it unless one does.
func (s *netSocket) write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	n := min(len(b), netBuffer-len(s.buf))
	s.full = n < len(b)
	s.buf = append(s.buf, b[:n]...)
	s.start()
	return n, nil
}

// start starts the writing goroutine unless there is one. s.mu is held.
func (s *netSocket) start() {
	if !s.writing {
		s.writing = true
		s.conn.loop.engine.run.Go(s.send) // owner: the connection; ends when all is sent, or with close
	}
}

// send sends what is in the buffer until there is nothing.
func (s *netSocket) send() {
	for {
		s.mu.Lock()
		b, full := s.buf, s.full
		if len(b) == 0 || s.err != nil {
			s.writing = false
			shut := s.shut
			if cap(s.spare) > netKeep {
				s.spare = nil
			}
			s.mu.Unlock()
			if shut {
				s.endWrite()
			}
			return
		}
		s.buf, s.spare, s.full = s.spare[:0], nil, false
		s.mu.Unlock()
		if full {
			s.tell(func(l *loop) { l.writable(s.conn) })
		}
		_, err := s.nc.Write(b)
		s.mu.Lock()
		if s.spare = b[:0]; err != nil {
			s.err = err
		}
		s.mu.Unlock()
		if err != nil {
			s.tell(func(l *loop) { l.ended(s.conn, err) })
		}
	}
}

// endWrite shuts our side, or both sides of what has no sides.
func (s *netSocket) endWrite() {
	if half, ok := s.nc.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		s.nc.Close()
	}
}

// wantWrite has nothing to do: send tells the loop whenever write refused something.
func (s *netSocket) wantWrite(bool) {}

func (s *netSocket) closeWrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	s.start()
}

// close leaves the closing to a goroutine: TLS says goodbye, which can block.
func (s *netSocket) close() {
	close(s.gone)
	s.conn.loop.engine.run.Go(func() { s.nc.Close() }) // owner: the engine; ends within TLS's 5 s
}
