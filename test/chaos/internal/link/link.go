package link

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Link listens at an address of its own and forwards to another, which may change. Its
// methods may be called by many goroutines at once.
type Link struct {
	listener net.Listener
	running  sync.WaitGroup // accept, and two for each connection

	delay  atomic.Int64 // nanoseconds
	refuse atomic.Bool

	mu     sync.Mutex // guards what follows
	to     string
	conns  map[*conn]bool
	order  []*conn // as they came, those that are gone among them until it is swept
	made   uint64
	closed bool
}

// dialTimeout is for the connection to where a link goes.
const dialTimeout = 2 * time.Second

// Listen starts a link at an address, "127.0.0.1:0" for a free one. Until To is called it
// goes nowhere, and refuses.
func Listen(address string) (*Link, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	l := &Link{listener: listener, conns: map[*conn]bool{}}
	l.running.Go(l.accept) // owner: the link; ends when Close has closed the listener
	return l, nil
}

// Addr is where the link listens: host and port.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// To sets where new connections go. Those there are stay. "" is nowhere.
func (l *Link) To(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = address
}

// Delay holds up every piece that is forwarded from now on by d. It is a slow line too:
// one piece waits for the one before it.
func (l *Link) Delay(d time.Duration) { l.delay.Store(int64(d)) }

// Refuse says whether new connections are reset at once.
func (l *Link) Refuse(yes bool) { l.refuse.Store(yes) }

// Len is how many connections there are, and how many there were in all.
func (l *Link) Len() (now int, ever uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns), l.made
}

// Close cuts all connections, and waits for the link's goroutines.
func (l *Link) Close() error {
	err := l.listener.Close()
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	for _, c := range l.some(All) {
		c.cut(true)
	}
	l.running.Wait()
	return err
}

func (l *Link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		to := l.to
		l.mu.Unlock()
		if to == "" || l.refuse.Load() {
			reset(near)
			continue
		}
		// Owned by the link; ends when the connection does, which Close cuts.
		l.running.Go(func() { l.serve(near, to) })
	}
}

// serve connects near to where it goes, and forwards until one of them ends.
func (l *Link) serve(near net.Conn, to string) {
	far, err := net.DialTimeout("tcp", to, dialTimeout)
	if err != nil {
		reset(near)
		return
	}
	c := &conn{link: l, near: near, far: far, gone: make(chan struct{})}
	l.mu.Lock()
	l.conns[c] = true
	l.order = append(l.order, c)
	l.made++
	late := l.closed
	l.mu.Unlock()
	if late {
		c.cut(true)
	}
	var both sync.WaitGroup
	both.Go(func() { c.forward(far, near) })
	both.Go(func() { c.forward(near, far) })
	both.Wait()
	c.cut(false)
	l.mu.Lock()
	delete(l.conns, c)
	if len(l.order) > 2*len(l.conns)+16 {
		l.sweep()
	}
	l.mu.Unlock()
}

// sweep forgets connections that are gone. The caller holds mu.
func (l *Link) sweep() {
	kept := l.order[:0]
	for _, c := range l.order {
		if l.conns[c] {
			kept = append(kept, c)
		}
	}
	clear(l.order[len(kept):])
	l.order = kept
}
