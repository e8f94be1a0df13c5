package live_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
)

// pipes is a listener whose connections are in memory, so that a server with clients
// runs in a testing/synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (l *pipes) Close() error { close(l.done); return nil }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// inBubble runs a test of a server in a bubble, where time passes when everything waits.
func inBubble(t *testing.T, o live.Options, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.NoPoller = true
		if o.Timeouts.Idle == 0 {
			o.Timeouts.Idle = -1
		}
		r := newRig(socketKind{name: "pipe"}, o)
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		r.http = &httptest.Server{Listener: l}
		web := &http.Server{Handler: r.server.Handler()}
		go web.Serve(l)    // ends with the bubble's test
		t.Cleanup(func() { // after the clients' own, which were made later
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := r.server.Shutdown(ctx); err != nil {
				t.Errorf("Shutdown after the test: %v", err)
			}
			web.Close()
			if s := r.server.Stats(); s.Sessions != 0 || s.Topics != 0 || s.Subscriptions != 0 {
				t.Errorf("left in the server after the test: %+v", s)
			}
		})
		test(t, r)
	})
}

// plugIn connects a client in memory, in a bubble.
func (r *rig) plugIn(t *testing.T, edit ...func(*request)) (*speaker, *live.Session) {
	t.Helper()
	ours, theirs := net.Pipe()
	r.http.Listener.(*pipes).conns <- theirs
	c, answer, err := r.askOver(ours, edit...)
	if err != nil || c == nil {
		t.Fatalf("connect: %v %v", answer, err)
	}
	t.Cleanup(func() { c.nc.Close() })
	return &speaker{client: c}, within(t, "the session", r.joined)
}

// pass lets time pass in a bubble, and what is due then happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// settle lets happen in a bubble what can without time.
func settle() { synctest.Wait() }
