package livetest

import (
	"bufio"
	"encoding/binary"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// link is one connection of a client.
type link struct {
	conn  *end
	in    *bufio.Reader // for the reading goroutine only
	visit *visit
	over  chan struct{} // closed when closed is set

	// Guarded by the client's lock.
	closed  *closed
	stalled bool

	writing chan struct{} // has room for who writes a frame: unlike a lock, a wait that a bubble takes for idle
	leaving bool          // a close frame was sent: nothing may follow; for who writes
}

// write sends a frame. It waits while the server does not read.
func (l *link) write(op ws.Opcode, payload []byte) error {
	return l.writeBy(time.Now().Add(patience), op, payload)
}

func (l *link) writeBy(deadline time.Time, op ws.Opcode, payload []byte) error {
	l.writing <- struct{}{}
	defer func() { <-l.writing }()
	if l.leaving && op == ws.OpClose {
		return nil
	}
	l.leaving = l.leaving || op == ws.OpClose
	l.conn.SetWriteDeadline(deadline)
	_, err := l.conn.Write(appendMasked(nil, op, payload))
	return err
}

// closeFrame is the payload of a close frame.
func closeFrame(code int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(code)) }

// Stall stops the client from reading, as a phone does that has no network: what the
// server sends fills the buffers, about 600 KiB of them, and then the session's queue.
func (c *Client) Stall() { c.setStalled(true) }

// Unstall lets the client read on.
func (c *Client) Unstall() { c.setStalled(false) }

func (c *Client) setStalled(stalled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link.stalled = stalled
	c.link.conn.in.stall(stalled)
}

// Cut breaks the connection without a close frame. What the client has sent still
// arrives; what it has not read is lost. The server notices a moment later: see
// ExpectEnded.
func (c *Client) Cut() { c.cut() }

func (c *Client) cut() {
	l := c.now()
	l.conn.cut()
	c.over(l, &closed{ws.CloseAbnormal, "it was cut by the client"})
}

// over notes that a connection has ended; how it did first counts.
func (c *Client) over(l *link, how *closed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.closed != nil {
		return
	}
	l.closed = how
	close(l.over)
	c.notify()
}

// Close says goodbye with code 1000, and waits for the server to do the same: until the
// session's hooks have dealt with what was sent before. What the server was sending is
// still read, and waits to be taken. It does nothing if the connection has ended.
func (c *Client) Close() {
	c.t.Helper()
	l := c.now()
	if err := l.write(ws.OpClose, closeFrame(ws.CloseNormal)); err == nil {
		if c.await(func() bool { return false }) == errTimeout {
			c.fail("the server has not answered the close frame")
		}
	}
}

// leave says goodbye at the end of a test, and does not wait.
func (c *Client) leave() {
	c.Unstall()
	l := c.now()
	if l.writeBy(time.Now().Add(time.Second), ws.OpClose, closeFrame(ws.CloseNormal)) != nil {
		c.cut()
	}
}

// Resume connects again, with what Dial was given and the same client ID, and subscribes
// to every topic that the client was subscribed to by operations, since the Position it
// has seen there. It returns the answers by topic. A connection that there still is, is
// cut. What came before and was not taken stays, in front of what comes now.
func (c *Client) Resume() map[string]Subscribed {
	c.t.Helper()
	c.cut()
	if refused := c.connect(); refused != nil {
		c.fail("Resume was %v", refused)
	}
	c.mu.Lock()
	topics := c.topics
	c.topics = nil
	c.mu.Unlock()
	answers := make(map[string]Subscribed, len(topics))
	for _, s := range topics {
		var opts []SubscribeOption
		if p := c.Position(s.topic); p.Epoch != "" {
			opts = append(opts, Since(p))
		}
		if s.presence {
			opts = append(opts, WithPresence())
		}
		answers[s.topic] = c.Subscribe(s.topic, opts...)
	}
	return answers
}
