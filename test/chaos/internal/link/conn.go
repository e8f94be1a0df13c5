package link

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one connection through a link.
type conn struct {
	link      *Link
	near, far net.Conn
	still     atomic.Pointer[chan struct{}] // set while nothing moves; closed at its end
	once      sync.Once
	gone      chan struct{} // closed when it is cut
}

// piece is how many bytes are forwarded at once, at most.
const piece = 32 << 10

// forward copies until one side ends, and tells the other.
func (c *conn) forward(from, to net.Conn) {
	buf := make([]byte, piece)
	for {
		n, err := from.Read(buf)
		if n > 0 && (!c.wait() || !wrote(to, buf[:n])) {
			break
		}
		if err != nil {
			if c.wait() { // the end of a stream is held up as its bytes are
				to.(*net.TCPConn).CloseWrite()
			}
			return
		}
	}
	c.cut(true)
}

func wrote(to net.Conn, b []byte) bool {
	_, err := to.Write(b)
	return err == nil
}

// wait holds up what is forwarded as long as it has to be. It returns false when the
// connection was cut meanwhile.
func (c *conn) wait() bool {
	if d := time.Duration(c.link.delay.Load()); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.gone:
			return false
		}
	}
	for {
		still := c.still.Load()
		if still == nil {
			return true
		}
		select {
		case <-*still:
			c.still.CompareAndSwap(still, nil)
		case <-c.gone:
			return false
		}
	}
}

// cut ends the connection on both sides: by a reset, or as one that was closed.
func (c *conn) cut(hard bool) {
	c.once.Do(func() {
		close(c.gone)
		if hard {
			reset(c.near)
			reset(c.far)
			return
		}
		c.near.Close()
		c.far.Close()
	})
}

// reset closes a connection so that its peer sees a reset.
func reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}
