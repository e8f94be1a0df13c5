package engine

import (
	"testing"

	"github.com/livetopics/live/internal/ws"
)

func TestPublishReachesEverySubscriberInOrder(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		peers := []*peer{r.dial(), r.dial(), r.dial()}
		for _, p := range peers {
			r.subscribe(&p.conn, "room")
		}
		for n := range 3 {
			r.e.Publish("room", numbered(n), nil)
		}
		for _, p := range peers {
			p.wantText("0", "1", "2")
		}
	})
}

func TestMessagesReachTheHandlerInOrder(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		p.send(ws.OpText, "a")
		p.send(ws.OpBinary, "b")
		if got := p.seen(2); got[0] != "a" || got[1] != "b" {
			t.Errorf("the Handler saw %q", got)
		}
	})
}

func TestBytesThatCameWithTheHandshakeAreTheFirstToBeRead(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		client, server := tcpPair(t)
		frame := masked(ws.OpText, "early")
		p := r.attach(client, server, frame[:len(frame)-2], &recorder{})
		p.write(frame[len(frame)-2:])
		p.send(ws.OpText, "late")
		if got := p.seen(2); got[0] != "early" || got[1] != "late" {
			t.Errorf("the Handler saw %q", got)
		}
	})
}

func TestPublishLeavesOutTheExceptedConnection(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p, other := r.dial(), r.dial()
		r.subscribe(&p.conn, "room")
		r.subscribe(&other.conn, "room")
		r.e.Publish("room", numbered(1), &p.conn)
		r.e.Publish("room", numbered(2), nil)
		p.wantText("2")
		other.wantText("1", "2")
	})
}

func TestPingIsAnsweredWithItsPayload(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		p.send(ws.OpPing, "are you there?")
		p.want(ws.OpPong, "are you there?")
	})
}
