package load

import (
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/livetopics/live/bench/internal/dialect"
	"github.com/livetopics/live/bench/internal/wire"
)

const (
	// path is where every server serves WebSocket.
	path = "/ws"
	// handshakeKey is every client's Sec-WebSocket-Key: a load needs no proof against caches.
	handshakeKey = "bG9hZCBnZW5lcmF0b3IuIQ=="
	// readBuffer is the largest read in bytes; a frame must fit.
	readBuffer = 256 << 10
	// stall is how long nothing may arrive while something is due.
	stall = 10 * time.Second
)

// node is one of the processes that are the server together.
type node struct {
	addr    unix.SockaddrInet4
	upgrade []byte // the opening handshake
}

// Generator owns all clients of one server. One goroutine may use it.
type Generator struct {
	dialect dialect.Dialect
	nodes   []node // of the server, at least one

	poll  *poller
	conns []*conn // by descriptor
	buf   []byte  // what was read last, behind what was left over before
	open  int     // clients that are connected
	ready int     // clients that have joined
	start time.Time
	key   uint32 // the last masking key
	heard int64  // when the server was last heard
}

// New returns a generator for the server whose nodes are at these addresses, each an IPv4 host:port, and whose
// clients talk in the dialect of that name. Close frees it.
func New(dialectName string, addrs ...string) (*Generator, error) {
	d, err := dialect.Named(dialectName)
	if err != nil {
		return nil, err
	}
	var nodes []node
	for _, addr := range addrs {
		ap, err := netip.ParseAddrPort(addr)
		if err != nil || !ap.Addr().Is4() {
			return nil, fmt.Errorf("load: %q is not an IPv4 address with a port: %w", addr, err)
		}
		nodes = append(nodes, node{
			addr:    unix.SockaddrInet4{Port: int(ap.Port()), Addr: ap.Addr().As4()},
			upgrade: wire.Request(addr, path, handshakeKey),
		})
	}
	poll, err := newPoller()
	if err != nil {
		return nil, err
	}
	return &Generator{
		dialect: d,
		nodes:   nodes,
		poll:    poll,
		buf:     make([]byte, readBuffer),
		start:   time.Now(),
		key:     0x9E3779B9,
	}, nil
}

// Close closes every socket, each with a reset.
func (g *Generator) Close() {
	for _, c := range g.conns {
		if c != nil {
			g.drop(c)
		}
	}
	g.poll.close()
}

// drop closes one client's socket.
func (g *Generator) drop(c *conn) {
	unix.Close(c.fd)
	g.conns[c.fd] = nil
	g.open--
}

// now is the time in nanoseconds since the generator was made.
func (g *Generator) now() int64 { return int64(time.Since(g.start)) }

// turn waits for the server, at most for timeout, and handles what has come. It fails as soon as anything
// comes that should not.
func (g *Generator) turn(timeout time.Duration) error {
	events, err := g.poll.wait(timeout)
	for i := range events {
		c := g.conns[events[i].Fd]
		if c == nil {
			continue
		}
		if events[i].Events&unix.EPOLLOUT != 0 {
			err = g.writable(c)
		}
		if err == nil && events[i].Events&^unix.EPOLLOUT != 0 && c.state != connecting {
			err = g.readable(c)
		}
		if err != nil {
			return err
		}
	}
	return err
}
