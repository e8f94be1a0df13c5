package live_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// socketKind is what stands between a client and the engine.
type socketKind struct {
	name    string
	wrapped bool // a net.Conn that is no *net.TCPConn
	tls     bool
}

var (
	tcpSocket     = socketKind{name: "tcp"}
	wrappedSocket = socketKind{name: "wrapped", wrapped: true}
	tlsSocket     = socketKind{name: "tls", tls: true}
)

// onEachSocket runs a test over both kinds of socket that the engine has.
func onEachSocket(t *testing.T, test func(t *testing.T, kind socketKind)) {
	t.Helper()
	for _, kind := range []socketKind{tcpSocket, wrappedSocket} {
		t.Run(kind.name, func(t *testing.T) { test(t, kind) })
	}
}

// onTLSToo is onEachSocket with real TLS besides.
func onTLSToo(t *testing.T, test func(t *testing.T, kind socketKind)) {
	t.Helper()
	onEachSocket(t, test)
	t.Run(tlsSocket.name, func(t *testing.T) { test(t, tlsSocket) })
}

// rig is a server under test behind a real HTTP server on loopback.
type rig struct {
	server *live.Server
	http   *httptest.Server
	log    *logBook
	kind   socketKind
	joined chan *live.Session // every session, before its OnConnect
	left   chan ending        // every session, after its OnClose
}

// ending is what OnClose was told.
type ending struct {
	session *live.Session
	err     error
}

// serve starts a server of the kind. When the test ends it shuts the server down, and
// checks that nothing is left in it.
func serve(t *testing.T, kind socketKind, o live.Options) *rig {
	t.Helper()
	return serveBehind(t, kind, o, func(h http.Handler) http.Handler { return h })
}

// serveBehind is serve with a middleware.
func serveBehind(t *testing.T, kind socketKind, o live.Options, middleware func(http.Handler) http.Handler) *rig {
	t.Helper()
	r := newRig(kind, o)
	r.start(t, middleware(r.server.Handler()), 0)
	return r
}

// serveTight is serve with small send buffers in the kernel.
func serveTight(t *testing.T, kind socketKind, o live.Options) *rig {
	t.Helper()
	r := newRig(kind, o)
	r.start(t, r.server.Handler(), 64<<10)
	return r
}

func newRig(kind socketKind, o live.Options) *rig {
	r := &rig{kind: kind, log: &logBook{}, joined: make(chan *live.Session, 1<<15), left: make(chan ending, 1<<15)}
	if o.Logger == nil {
		o.Logger = r.log.logger()
	}
	onConnect, onClose := o.OnConnect, o.OnClose
	o.OnConnect = func(ctx context.Context, s *live.Session) error {
		r.joined <- s
		if onConnect == nil {
			return nil
		}
		return onConnect(ctx, s)
	}
	o.OnClose = func(s *live.Session, err error) {
		defer func() { r.left <- ending{s, err} }()
		if onClose != nil {
			onClose(s, err)
		}
	}
	r.server = live.New(o)
	return r
}

func (r *rig) start(t *testing.T, h http.Handler, sendBuffer int) {
	t.Helper()
	r.http = httptest.NewUnstartedServer(h)
	r.http.Listener = &listener{Listener: r.http.Listener, wrap: r.kind.wrapped, sendBuffer: sendBuffer}
	r.http.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(r.log, nil), slog.LevelError)
	if r.kind.tls {
		r.http.StartTLS()
	} else {
		r.http.Start()
	}
	t.Cleanup(func() { r.stop(t) })
}

func (r *rig) stop(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown after the test: %v", err)
	}
	r.http.Close()
	if s := r.server.Stats(); s.Sessions != 0 || s.Topics != 0 || s.Subscriptions != 0 {
		t.Errorf("left in the server after the test: %+v", s)
	}
}

// publish publishes, which must work.
func (r *rig) publish(t *testing.T, topic, data string) {
	t.Helper()
	if err := r.server.Publish(topic, []byte(data)); err != nil {
		t.Fatalf("Publish(%q, %.80s): %v", topic, data, err)
	}
}

// subscribe subscribes, which must work.
func (r *rig) subscribe(t *testing.T, s *live.Session, topics ...string) {
	t.Helper()
	for _, topic := range topics {
		if err := r.server.Subscribe(s, topic); err != nil {
			t.Fatalf("Subscribe(%q): %v", topic, err)
		}
	}
}

// listener gives connections of the kind that a test is about.
type listener struct {
	net.Listener
	wrap       bool
	sendBuffer int // of the kernel, in bytes; 0 for its default
}

// disguised is a connection that is not known to be nothing but a descriptor.
type disguised struct{ net.Conn }

func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if l.sendBuffer > 0 {
		nc.(*net.TCPConn).SetWriteBuffer(l.sendBuffer)
	}
	if l.wrap {
		nc = disguised{nc}
	}
	return nc, nil
}

// logBook is what the server logged.
type logBook struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *logBook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// has reports whether one line has all of the words.
func (b *logBook) has(words ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
lines:
	for line := range strings.SplitSeq(b.buf.String(), "\n") {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue lines
			}
		}
		return true
	}
	return false
}

// within takes what comes from ch, which must not take too long.
func within[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("waited too long for %s", what)
		panic("not reached")
	}
}

// eventually waits until a condition holds for which there is no channel.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long until %s", what)
		}
		<-tick.C
	}
}
