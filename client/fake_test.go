package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
	"github.com/livetopics/live/client"
)

// fake is a server that does what its test says.
type fake struct {
	http    *httptest.Server
	visits  chan *peer                          // each connection
	refuse  atomic.Int32                        // an HTTP status, 0 for none
	inspect atomic.Pointer[func(*http.Request)] // sees each handshake
	tries   atomic.Int32                        // handshakes
}

// peer is the server's side of one connection.
type peer struct {
	t      testing.TB
	ws     *websocket.Conn
	frames chan operation
	over   chan error // how it ended, for the server
}

// operation is what a client sent.
type operation struct {
	Op, Topic, Dedup, Key string
	ID                    uint64
	Topics                json.RawMessage
	Data                  json.RawMessage
	Last                  int
	Presence              bool
	Echo                  *bool
}

func newFake(t testing.TB) *fake {
	f := &fake{visits: make(chan *peer, 64)}
	f.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.tries.Add(1)
		if see := f.inspect.Load(); see != nil {
			(*see)(r)
		}
		if status := f.refuse.Load(); status != 0 {
			http.Error(w, "not now", int(status))
			return
		}
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"live.v1"}})
		if err != nil {
			return
		}
		ws.SetReadLimit(1 << 20)
		p := &peer{t: t, ws: ws, frames: make(chan operation, 1000), over: make(chan error, 1)}
		p.send(`{"event":"welcome","data":{"session":"S"}}`)
		f.visits <- p
		p.read()
	}))
	t.Cleanup(f.http.Close)
	return f
}

func (f *fake) url() string { return "ws" + strings.TrimPrefix(f.http.URL, "http") + "/ws" }

// dial makes a client of the fake's.
func (f *fake) dial(t testing.TB, o client.Options) *client.Client {
	t.Helper()
	o.URLs = append(o.URLs, f.url())
	return open(t, o)
}

func (p *peer) read() {
	for {
		_, text, err := p.ws.Read(context.Background())
		if err != nil {
			p.over <- err
			p.ws.CloseNow()
			return
		}
		var o operation
		if err := json.Unmarshal(text, &o); err != nil {
			o.Op = "broken: " + string(text)
		}
		p.frames <- o
	}
}

func (p *peer) send(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	p.ws.Write(context.Background(), websocket.MessageText, []byte(text)) // the client may be gone
}

// expect takes the next frame, which must be that operation.
func (p *peer) expect(op string) operation {
	p.t.Helper()
	o := within(p.t, op, p.frames)
	if o.Op != op {
		p.t.Fatalf("the client sent %+v, want %s", o, op)
	}
	return o
}

// answer takes the next frame, and sends a result.
func (p *peer) answer(op, result string) operation {
	p.t.Helper()
	o := p.expect(op)
	p.send(`{"id":%d,"result":%s}`, o.ID, result)
	return o
}

// close sends a close frame. The client need not be there any more.
func (p *peer) close(code int, reason string) { p.ws.Close(websocket.StatusCode(code), reason) }

// closedWith waits for the end, and tells the client's close code.
func (p *peer) closedWith() int {
	p.t.Helper()
	return int(websocket.CloseStatus(within(p.t, "the end of a connection", p.over)))
}
