package load

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/livetopics/live/bench/internal/wire"
)

// halfOpen is how many clients may be on their way in at once: enough to keep a server busy, and well
// below any backlog.
const halfOpen = 64

// join connects n clients to the nodes in turn, subscribes each to the streams, which are of one topic (none: to
// nothing), and returns when all have their answer. It fails when the server is silent for ten seconds.
func (g *Generator) join(n int, streams ...*stream) ([]*conn, error) {
	clients := make([]*conn, 0, n)
	target := g.ready + n
	err := g.until(func() bool { return len(clients) == n || g.open-g.ready < halfOpen }, "room to connect")
	for err == nil && len(clients) < n {
		var c *conn
		if c, err = g.connect(len(clients)%len(g.nodes), streams); err == nil {
			clients = append(clients, c)
			err = g.until(func() bool { return g.open-g.ready < halfOpen }, "clients to join")
		}
	}
	if err == nil {
		err = g.until(func() bool { return g.ready == target }, "the last clients to join")
	}
	return clients, err
}

// connect begins one client of a node.
func (g *Generator) connect(at int, streams []*stream) (*conn, error) {
	fd, err := dial(g.nodes[at].addr)
	if err != nil {
		return nil, err
	}
	for len(g.conns) <= fd {
		g.conns = append(g.conns, nil)
	}
	c := &conn{fd: fd, number: g.open, node: at, feeds: feedsOf(streams), waiting: true}
	g.conns[fd] = c
	g.open++
	return c, g.poll.watch(unix.EPOLL_CTL_ADD, fd, true)
}

// writable goes on with what c waited for: the end of connect(2), or room for bytes.
func (g *Generator) writable(c *conn) error {
	if c.state == connecting {
		code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		if err != nil {
			return fmt.Errorf("load: connecting %v: %w", c, err)
		}
		c.state = upgrading
		c.out = append(c.out, g.nodes[c.node].upgrade...)
	}
	return g.flush(c)
}

// upgraded handles the answer to the handshake, once its head is whole, and returns what follows it.
func (g *Generator) upgraded(c *conn, b []byte) ([]byte, error) {
	head, err := wire.Head(b)
	if head == nil {
		return b, err
	}
	if err := wire.Upgraded(head, handshakeKey); err != nil {
		return nil, fmt.Errorf("load: %v: %w", c, err)
	}
	hello := g.dialect.Hello()
	if hello == nil {
		return b[len(head):], g.subscribe(c)
	}
	c.state = greeting
	return b[len(head):], g.send(c, wire.OpText, hello)
}

// subscribe asks for c's topic, or lets c in at once where it has none.
func (g *Generator) subscribe(c *conn) error {
	if len(c.feeds) == 0 {
		g.enter(c)
		return nil
	}
	c.state = subscribing
	return g.send(c, wire.OpText, g.dialect.Subscribe(c.feeds[0].topic))
}

// enter counts c as joined: from here on it is due every publication.
func (g *Generator) enter(c *conn) {
	c.state = joined
	g.ready++
	for i := range c.feeds {
		c.feeds[i].due = c.feeds[i].sent
		c.feeds[i].subscribers++
	}
}

// leave closes one client that has joined.
func (g *Generator) leave(c *conn) {
	g.drop(c)
	g.ready--
	for _, f := range c.feeds {
		f.subscribers--
	}
}
