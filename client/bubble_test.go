package client_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/livetopics/live/client"
)

// pipes is a listener whose connections are in memory, so that a test has a clock of its
// own.
type pipes struct {
	conns chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.over) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bubble is a server in memory.
type bubble struct {
	status int  // of the answer to handshakes, if it is not 0
	deaf   bool // reads nothing
	tried  chan time.Time
	visits chan *peer // each connection
}

func (b *bubble) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.tried <- time.Now()
	if b.status != 0 {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(b.status)
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"live.v1"}})
	if err != nil {
		return
	}
	p := &peer{ws: ws, frames: make(chan operation, 1000), over: make(chan error, 1)}
	p.send(`{"event":"welcome","data":{"session":"S"}}`)
	b.visits <- p
	if b.deaf {
		<-r.Context().Done()
		return
	}
	p.read()
}

// inBubble runs a test with a server in memory and a clock of its own.
func inBubble(t *testing.T, test func(t *testing.T, b *bubble, o client.Options)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), over: make(chan struct{})}
		b := &bubble{tried: make(chan time.Time, 1000), visits: make(chan *peer, 1000)}
		ctx, stop := context.WithCancel(context.Background())
		web := &http.Server{Handler: b, BaseContext: func(net.Listener) context.Context { return ctx }}
		var serving sync.WaitGroup
		serving.Go(func() { web.Serve(p) })
		test(t, b, client.Options{URL: "ws://server/ws", DialContext: p.dial})
		stop()
		web.Close()
		p.Close()
		serving.Wait()
	})
}

func TestTheTimesBetweenAttemptsAreJittered(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble, o client.Options) {
		b.status = 502
		last := time.Now()
		c := client.New(o)
		if first := <-b.tried; first != last {
			t.Errorf("the first attempt was made after %v", first.Sub(last))
		}
		for _, seconds := range []time.Duration{1, 2, 4, 8, 16, 30, 30, 30} {
			next := <-b.tried
			// What the server asks for comes before our share of the spread.
			if wait := next.Sub(last) - 7*time.Second; wait < 0 || wait > seconds*time.Second {
				t.Errorf("another attempt was made after %v, want at most %d s", wait, seconds)
			}
			last = next
		}
		c.Close()
	})
}

func TestASilentServerIsAskedAndKeptIfItAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble, o client.Options) {
		c := client.New(o)
		p := <-b.visits
		for range 10 {
			if err := c.Send(context.Background(), "a", 1); err != nil {
				t.Error(err)
			}
			<-time.After(time.Minute)
			if err := p.ws.Ping(context.Background()); err != nil {
				t.Error(err)
			}
			<-time.After(10 * time.Minute)
		}
		if s := c.State(); s.Phase != client.Connected || len(b.tried) != 1 {
			t.Errorf("after two hours: %+v", s)
		}
		c.Close()
	})
}

func TestASilentServerIsLeftIfItDoesNotAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble, o client.Options) {
		b.deaf = true
		left := make(chan time.Time, 100)
		o.OnState = func(s client.State) {
			if s.Phase == client.Waiting {
				left <- time.Now()
			}
		}
		began := time.Now()
		c := client.New(o)
		if after := (<-left).Sub(began); after <= 25*time.Second || after > 35*time.Second {
			t.Errorf("it was left after %v", after)
		}
		c.Close()
	})
}

func TestAPublicationIsNotSentAgainAfterItsDedupIsForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble, o client.Options) {
		c := client.New(o)
		began := time.Now()
		done := publishing(context.Background(), c, client.PublishOptions{})
		p := <-b.visits
		<-p.frames
		b.status = 503
		p.ws.CloseNow()
		got := <-done
		if waited := time.Since(began); !errors.Is(got.err, client.ErrUnknown) || waited != 100*time.Second {
			t.Errorf("after %v: %v", waited, got.err)
		}
		c.Close()
	})
}

func TestADrainedClientMovesWhenItIsToldTo(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble, o client.Options) {
		c := client.New(o)
		p := <-b.visits
		<-time.After(time.Minute)
		p.send(`{"event":"drain","data":{"reconnect_ms":8000}}`)
		began := time.Now()
		p = <-b.visits
		if waited := time.Since(began); waited != 8*time.Second {
			t.Errorf("it moved after %v", waited)
		}
		moves := 0 // to be told again and again makes no haste
		for began = time.Now(); time.Since(began) < time.Minute; moves++ {
			p.send(`{"event":"drain","data":{"reconnect_ms":0}}`)
			p = <-b.visits
		}
		if moves > 100 {
			t.Errorf("it moved %d times within a minute", moves)
		}
		c.Close()
	})
}

func TestCloseDoesNotWaitForAServerThatIsDeaf(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble, o client.Options) {
		b.deaf = true
		c := client.New(o)
		<-b.visits
		done := publishing(context.Background(), c, client.PublishOptions{})
		<-time.After(2 * time.Second)
		began := time.Now()
		c.Close()
		if waited := time.Since(began); waited > 2*time.Second {
			t.Errorf("Close took %v", waited)
		}
		if got := <-done; !errors.Is(got.err, client.ErrClosed) {
			t.Errorf("Publish: %v", got.err)
		}
	})
}
