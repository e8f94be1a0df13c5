package engine

import (
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// stage is a single loop full of fakeSockets, with a record of who was written what
// and in which order. Whatever the test does from within a write happens at a known
// place of the fan-out.
type stage struct {
	*rig
	conns []*Conn
	place map[*Conn]int // index into conns
	// Loop only, to be read after settle.
	order   []int          // of the writes, by index into conns
	streams map[int]string // of each, the payloads of its frames, parted by commas
	at      func(n int)    // called in the write that has n before it; may be nil
}

func newStage(t testing.TB, o Options, conns int) *stage {
	t.Helper()
	o.Loops, o.NetSockets = 1, true
	s := &stage{rig: newRig(t, o), place: map[*Conn]int{}, streams: map[int]string{}}
	for range conns {
		s.join(silent{})
	}
	s.settle()
	return s
}

// join adds a connection whose socket takes everything.
func (s *stage) join(h Handler) *Conn {
	f := &fakeSocket{room: anyRoom, wrote: s.wrote}
	c := s.fake(f, h)
	s.place[c] = len(s.conns)
	s.conns = append(s.conns, c)
	return c
}

func (s *stage) socket(c *Conn) *fakeSocket { return s.fakes[s.place[c]] }

func (s *stage) wrote(c *Conn, b []byte) {
	n := len(s.order)
	s.order = append(s.order, s.place[c])
	s.streams[s.place[c]] += payloads(b)
	if s.at != nil {
		s.at(n)
	}
}

// payloads are those of whole, small frames, each followed by a comma. A close frame
// is its code.
func payloads(b []byte) string {
	text := ""
	for len(b) >= 2 && len(b) >= 2+int(b[1]) {
		body := b[2 : 2+b[1]]
		if ws.Opcode(b[0]&0x0f) == ws.OpClose {
			text += closeName(body) + ","
		} else {
			text += string(body) + ","
		}
		b = b[2+len(body):]
	}
	return text
}

func closeName(body []byte) string {
	code, _, err := ws.ParseClose(body)
	if err != nil {
		return err.Error()
	}
	return map[int]string{ws.CloseNormal: "close", CloseTooSlow: "too slow", ws.CloseGoingAway: "away"}[code]
}

// everybody subscribes all connections.
func (s *stage) everybody(topic string) {
	s.Helper()
	for _, c := range s.conns {
		s.subscribe(c, topic)
	}
	s.settle()
}

// during sets what happens in the write that has n before it, on the loop.
func (s *stage) during(n int, f func()) {
	s.at = func(now int) {
		if now == n {
			f()
		}
	}
}

// wantStream compares what a connection was written, after settle.
func (s *stage) wantStream(place int, want string) {
	s.Helper()
	if got := s.streams[place]; got != want {
		s.Errorf("connection %d was written %q, want %q", place, got, want)
	}
}
