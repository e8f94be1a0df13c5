package load

import (
	"golang.org/x/sys/unix"

	"github.com/livetopics/live/bench/internal/wire"
)

// mask returns the next masking key: another one for every frame, so that a server's unmasking is the
// real thing (RFC 6455, section 5.3).
func (g *Generator) mask() uint32 {
	g.key ^= g.key << 13
	g.key ^= g.key >> 17
	g.key ^= g.key << 5
	return g.key
}

// send sends one frame for c. It does not block.
func (g *Generator) send(c *conn, op byte, payload []byte) error {
	c.out = wire.AppendMasked(c.out, op, payload, g.mask())
	return g.flush(c)
}

// publish sends n publications of s for c, in one write as far as the socket takes it. It does not block.
func (g *Generator) publish(c *conn, s *stream, n int) error {
	for range n {
		message, err := s.next(g.now())
		if err != nil {
			return err
		}
		c.out = wire.AppendMasked(c.out, wire.OpText, message, g.mask())
	}
	return g.flush(c)
}

// flush writes what waits for c and watches its socket for as long as some of it is left.
func (g *Generator) flush(c *conn) error {
	if err := c.flush(); err != nil {
		return err
	}
	if left := len(c.out) > 0; left != c.waiting {
		c.waiting = left
		return g.poll.watch(unix.EPOLL_CTL_MOD, c.fd, left)
	}
	return nil
}
