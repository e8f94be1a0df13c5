package engine

import (
	"errors"
	"math"

	"github.com/livetopics/live/internal/ws"
)

// fakeSocket is a socket whose system is the test. Its methods are called by the
// loop, and so are the test's funcs: they may push, and must not wait for the loop.
type fakeSocket struct {
	loop *loop
	conn *Conn

	room  int                     // how many bytes it takes; anyRoom for all
	err   error                   // of the next write
	wrote func(c *Conn, b []byte) // may be nil; b is what was taken
	shut  bool                    // closeWrite was called
	gone  bool                    // close was called
	reads bool                    // the last wantRead
	waits bool                    // the last wantWrite
	calls int                     // of write
}

// anyRoom is the room of a fakeSocket that takes everything.
const anyRoom = math.MaxInt

var errFake = errors.New("the fake socket is broken")

var _ socket = (*fakeSocket)(nil)

func (s *fakeSocket) open() error { s.reads = true; return nil }

func (s *fakeSocket) write(b []byte) (int, error) {
	s.calls++
	if s.err != nil {
		return 0, s.err
	}
	n := min(len(b), s.room)
	s.room -= n
	if s.wrote != nil {
		s.wrote(s.conn, b[:n])
	}
	return n, nil
}

func (s *fakeSocket) wantRead(want bool)  { s.reads = want }
func (s *fakeSocket) wantWrite(want bool) { s.waits = want }
func (s *fakeSocket) closeWrite()         { s.shut = true }
func (s *fakeSocket) close()              { s.gone = true }

// attachFake does for a fakeSocket what Attach does for a net.Conn.
func attachFake(e *Engine, s *fakeSocket, h Handler) *Conn {
	l := e.loops[int(e.next.Add(1))%len(e.loops)]
	c := &Conn{loop: l, handler: h, watchAt: notWatched, sock: s}
	s.loop, s.conn = l, c
	e.live.Add(1)
	l.inbox.push(command{kind: cmdCall, conn: c, fn: func() { l.open(c, nil) }})
	return c
}

// silent is a Handler that does nothing.
type silent struct{}

func (silent) Opened()                   {}
func (silent) Message(ws.Opcode, []byte) {}
func (silent) Closed(error)              {}
func (silent) Behind(Held, uint64)       {}
