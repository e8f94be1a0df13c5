package load

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// state is how far a client has come.
type state uint8

const (
	connecting  state = iota // connect(2) has not finished
	upgrading                // the handshake is sent
	greeting                 // the dialect's first message is sent
	subscribing              // the subscription is sent
	joined                   // ready for deliveries, or to publish
)

func (s state) String() string {
	return [...]string{"connecting", "upgrading", "greeting", "subscribing", "joined"}[s]
}

// conn is one client's socket.
type conn struct {
	fd      int
	number  int // in the order of joining
	state   state
	waiting bool   // for the socket to become writable
	node    int    // of the server's nodes, the one it is on
	feeds   []feed // what it subscribes to: nothing, or one topic
	order   uint64 // in which the publications of several feeds came
	partial []byte // the beginning of a frame whose end has not come
	out     []byte // bytes the socket has not taken
}

// String names the client in errors.
func (c *conn) String() string { return fmt.Sprintf("client %d (%v)", c.number, c.state) }

// feed is a stream as one subscriber has had it.
type feed struct {
	*stream
	due uint64 // number of the publication that comes next
}

// feedsOf is what subscribers of these streams, which are of one topic, begin with.
func feedsOf(streams []*stream) []feed {
	feeds := make([]feed, len(streams))
	for i, s := range streams {
		feeds[i].stream = s
	}
	return feeds
}

// dial begins a connection to addr that does not block. Its close sends a reset: fifteen thousand of
// them would otherwise hold their ports for a minute.
func dial(addr unix.SockaddrInet4) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("load: socket: %w", err)
	}
	err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err == nil {
		err = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	if err == nil {
		err = unix.Connect(fd, &addr)
	}
	if err != nil && err != unix.EINPROGRESS {
		unix.Close(fd)
		return -1, fmt.Errorf("load: connect: %w", err)
	}
	return fd, nil
}

// flush writes what waits in out, as far as the socket takes it. It does not block.
func (c *conn) flush() error {
	for len(c.out) > 0 {
		n, err := unix.Write(c.fd, c.out)
		if err == unix.EAGAIN {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load: writing for %v: %w", c, err)
		}
		c.out = c.out[:copy(c.out, c.out[n:])]
	}
	return nil
}
