package engine

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// echoes is a Handler that sends every message back.
func echoes() *recorder {
	return &recorder{onMessage: func(c *Conn, op ws.Opcode, b []byte) { c.Send(&Frame{Bytes: ws.AppendFrame(nil, op, b)}) }}
}

// wrapped is a net.Conn of somebody's own.
type wrapped struct{ net.Conn }

func TestAnyNetConnIsServed(t *testing.T) {
	for _, c := range []struct {
		name string
		pair func(t *testing.T) (client, server net.Conn)
	}{
		{"TCP", func(t *testing.T) (net.Conn, net.Conn) { return tcpPair(t) }},
		{"Unix", unixPair},
		{"pipe", func(*testing.T) (net.Conn, net.Conn) { return net.Pipe() }},
		{"wrapper", func(t *testing.T) (net.Conn, net.Conn) {
			client, server := tcpPair(t)
			return client, wrapped{server}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			overSockets(t, func(t *testing.T, o Options) {
				r := newRig(t, o)
				client, server := c.pair(t)
				client.SetDeadline(time.Now().Add(patience))
				p := r.attach(client, server, nil, echoes())
				p.send(ws.OpText, "hello")
				p.wantText("hello")
				p.conn.Close(ws.CloseNormal, "", nil)
				p.wantClose(ws.CloseNormal)
				p.wantEnd()
			})
		})
	}
}

func unixPair(t *testing.T) (client, server net.Conn) {
	ln, err := net.Listen("unix", t.TempDir()+"/s")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if client, err = net.Dial("unix", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}

func TestDeadlineThatWasSetBeforeAttachIsForgotten(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		client, server := tcpPair(t)
		client.SetDeadline(time.Now().Add(patience))
		server.SetDeadline(time.Unix(1, 0))
		p := r.attach(client, server, nil, echoes())
		p.send(ws.OpText, "hello")
		p.wantText("hello")
	})
}

func TestSocketThatWasClosedBeforeAttachEndsTheSession(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		client, server := tcpPair(t)
		server.Close()
		p := r.attach(client, server, nil, &recorder{})
		if err := p.ended(); err == nil {
			t.Error("Closed without an error")
		}
	})
}

func TestMessagesInterleavedByteByByteAreKeptApart(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops = 1
		r := newRig(t, o)
		peers := []*peer{r.dialWith(echoes()), r.dialWith(echoes()), r.dialWith(echoes())}
		text := []string{strings.Repeat("a", 200), strings.Repeat("b", 200), strings.Repeat("c", 200)}
		for at := range len(masked(ws.OpText, text[0])) {
			for i, p := range peers {
				p.write(masked(ws.OpText, text[i])[at : at+1])
			}
		}
		for i, p := range peers {
			p.wantText(text[i])
		}
	})
}

func TestLargeMessagesGoBothWays(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.ReadLimit, o.QueueBytes = 8<<20, 64<<20
		p := newRig(t, o).dialWith(echoes())
		large := strings.Repeat("0123456789abcdef", 4<<16)
		go p.nc.Write(masked(ws.OpText, large)) // owner: the test; ends when it is read, or with the connection
		p.wantText(large)
	})
}
