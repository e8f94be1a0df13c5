package engine

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// model is a loop that the test steps by hand, beside what plain slices say that
// every connection's stream is.
type model struct {
	t      *testing.T
	rng    *rand.Rand
	e      *Engine
	l      *loop
	conns  []*modelConn
	topics []string
	frames int
}

// modelConn is a connection with the stream that the plain order of calls gives it.
type modelConn struct {
	conn   *Conn
	socket *fakeSocket
	topics map[string]bool
	want   []byte // all that it is to be written
	got    []byte // all that it was written
	over   bool   // Close was called, or its socket broke
	broken bool   // its socket broke: a part of want is never written
}

const (
	modelRuns  = 400
	modelSteps = 400
	modelConns = 12
)

func TestTurnWritesToEveryConnectionWhatAPlainModelSays(t *testing.T) {
	runs := modelRuns
	if testing.Short() {
		runs /= 10
	}
	for seed := range uint64(runs) {
		newModel(t, seed).run()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{t: t, rng: rand.New(rand.NewPCG(seed, 2)), topics: names(5)}
	o := Options{Loops: 1, NetSockets: true, QueueSize: 1 << 20, QueueBytes: 1 << 30}
	m.e = &Engine{opts: o.withDefaults()}
	m.e.route.init()
	l, err := newLoop(m.e)
	if err != nil {
		t.Fatal(err)
	}
	m.l, m.e.loops = l, []*loop{l}
	for range modelConns {
		m.connect()
	}
	return m
}

func (m *model) connect() {
	c := &modelConn{topics: map[string]bool{}}
	c.socket = &fakeSocket{room: anyRoom, wrote: func(_ *Conn, b []byte) { m.wrote(c, b) }}
	c.conn = attachFake(m.e, c.socket, silent{})
	m.conns = append(m.conns, c)
}

// wrote compares what a socket takes with what comes next.
func (m *model) wrote(c *modelConn, b []byte) {
	c.got = append(c.got, b...)
	if !bytes.HasPrefix(c.want, c.got) && !m.t.Failed() {
		m.t.Errorf("connection %d was written % x, want % x", m.place(c), c.got, c.want)
	}
}

func (m *model) place(c *modelConn) int {
	for i, other := range m.conns {
		if other == c {
			return i
		}
	}
	return -1
}

// frame is a new one: 1 to 20 bytes of payload that begin with its number.
func (m *model) frame() *Frame {
	m.frames++
	return textFrame(fmt.Sprintf("%d%s", m.frames, "--------------------"[:m.rng.IntN(20)]))
}

func (m *model) run() {
	for range modelSteps {
		if m.rng.IntN(2) == 0 {
			m.call()
		} else {
			m.step()
		}
	}
	m.drain()
	for i, c := range m.conns {
		if !c.broken && !bytes.Equal(c.got, c.want) {
			m.t.Errorf("connection %d was written\n%q, want\n%q", i, c.got, c.want)
		}
	}
	for _, w := range checkLoop(m.l) {
		m.t.Error(w)
	}
	for _, c := range m.conns {
		m.l.drop(c.conn, io.EOF)
	}
	m.l.takeInbox()
	m.e.live.Wait()
	m.l.poll.close()
	checkEmpty(m.t, m.e)
}

// call does what callers do.
func (m *model) call() {
	c := m.conns[m.rng.IntN(len(m.conns))]
	topic := m.topics[m.rng.IntN(len(m.topics))]
	switch k := m.rng.IntN(100); {
	case k < 30:
		m.publish(topic, nil)
	case k < 40:
		m.publish(topic, c)
	case k < 60:
		m.send(c)
	case k < 80:
		if added, _ := m.e.Subscribe(c.conn, topic); !c.broken && added != (!c.over && !c.topics[topic]) {
			m.t.Errorf("Subscribe says added: %v, the model has %v", added, c.topics)
		}
		c.topics[topic] = !c.over
	case k < 96:
		if removed, _ := m.e.Unsubscribe(c.conn, topic); !c.broken && removed != (!c.over && c.topics[topic]) {
			m.t.Errorf("Unsubscribe says removed: %v, the model has %v", removed, c.topics)
		}
		delete(c.topics, topic)
	case k < 98:
		m.close(c)
	default:
		m.connect()
	}
}

func (m *model) publish(topic string, except *modelConn) {
	f := m.frame()
	var conn *Conn
	if except != nil {
		conn = except.conn
	}
	m.e.Publish(topic, f, conn)
	for _, c := range m.conns {
		if !c.over && c.topics[topic] && c != except {
			c.want = append(c.want, f.Bytes...)
		}
	}
}

func (m *model) send(c *modelConn) {
	f := m.frame()
	if err := c.conn.Send(f); !c.broken && (err == nil) == c.over {
		m.t.Errorf("Send to a connection that is over: %v, error %v", c.over, err)
	}
	if !c.over {
		c.want = append(c.want, f.Bytes...)
	}
}

func (m *model) close(c *modelConn) {
	if c.conn.Close(ws.CloseNormal, "", nil) == c.over && !c.broken {
		m.t.Errorf("Close of a connection that is over: %v", c.over)
	}
	if !c.over {
		c.over, c.topics = true, map[string]bool{}
		c.want = ws.AppendClose(c.want, ws.CloseNormal, "")
	}
}

// step does a piece of what a loop does, in an order that a loop might take.
func (m *model) step() {
	l := m.l
	c := m.conns[m.rng.IntN(len(m.conns))]
	switch k := m.rng.IntN(100); {
	case k < 35:
		l.takeInbox()
	case k < 50:
		l.writeUrgent()
	case k < 60 && l.cur.empty() && !l.next.empty():
		l.cur, l.next = l.next, l.cur
		l.cur.seal()
	case k < 80:
		m.writeSome(1 + m.rng.IntN(6))
	case k < 88:
		c.socket.room = m.rng.IntN(60)
	case k < 97:
		c.socket.room = anyRoom
		if c.socket.waits || c.conn.out != nil {
			l.writable(c.conn)
		}
	case k < 98 && c.conn.state != closed:
		m.breakSocket(c)
	}
}

// writeSome is writeSlice with a smaller slice.
func (m *model) writeSome(n int) {
	t := m.l.cur
	if t.empty() {
		return
	}
	for ; n > 0 && t.next < len(t.marks); n-- {
		m.l.writeMark(t, &t.marks[t.next])
		t.next++
	}
	if t.next == len(t.marks) {
		t.reset()
	}
}

// breakSocket has the next write fail, or the peer leave at once. From then on the
// model does not know what calls return.
func (m *model) breakSocket(c *modelConn) {
	c.over, c.broken, c.topics = true, true, map[string]bool{}
	c.socket.err = errFake
	if m.rng.IntN(2) == 0 {
		m.l.inbox.push(command{kind: cmdCall, fn: func() { m.l.drop(c.conn, io.EOF) }})
	}
}

// drain goes on until everything is written.
func (m *model) drain() {
	for _, c := range m.conns {
		c.socket.room = anyRoom
	}
	for m.l.inbox.size.Load() > 0 || !m.l.cur.empty() || !m.l.next.empty() {
		m.l.takeInbox()
		if m.l.cur.empty() {
			m.l.cur, m.l.next = m.l.next, m.l.cur
			m.l.cur.seal()
		}
		m.writeSome(modelConns)
	}
	for _, c := range m.conns {
		if c.conn.out != nil {
			m.l.writable(c.conn)
		}
	}
}
