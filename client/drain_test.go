package client_test

import (
	"testing"

	"github.com/livetopics/live/client"
)

// subscribed is a client with a subscription on a fake, and its first connection.
func subscribed(t *testing.T, topic, answer string) (*fake, *client.Client, *client.Subscription, *peer) {
	t.Helper()
	f := newFake(t)
	c := f.dial(t, client.Options{})
	result := make(chan *client.Subscription, 1)
	go func() {
		s, err := c.Subscribe(soon(t), topic, client.SubscribeOptions{})
		if err != nil {
			t.Error(err)
		}
		result <- s
	}()
	p := within(t, "the first connection", f.visits)
	p.answer("subscribe", answer)
	return f, c, within(t, "the subscription", result), p
}

func TestADrainedClientMovesAndMissesNothing(t *testing.T) {
	f, _, s, first := subscribed(t, "chat:a", `{"topics":{"chat:a":{"epoch":"E","seq":0,"head":0}}}`)
	first.send(`{"topic":"chat:a","data":1,"seq":1}`)
	wants(t, s, "publication 1 #1")
	first.send(`{"event":"drain","data":{"reconnect_ms":1}}`)
	second := within(t, "the second connection", f.visits)
	asked := second.expect("subscribe")
	if want := `{"chat:a":{"epoch":"E","seq":1}}`; string(asked.Topics) != want {
		t.Errorf("asked for %s, want %s", asked.Topics, want)
	}
	first.send(`{"topic":"chat:a","data":2,"seq":2}`)
	wants(t, s, "publication 2 #2")
	second.send(`{"id":%d,"result":{"topics":{"chat:a":{"epoch":"E","seq":1,"head":3,"recovered":true}}}}`, asked.ID)
	second.send(`{"topic":"chat:a","data":2,"seq":2}`)
	second.send(`{"topic":"chat:a","data":3,"seq":3}`)
	wants(t, s, "publication 3 #3 recovered")
	if code := first.closedWith(); code != 1000 {
		t.Errorf("the first connection was closed with %d", code)
	}
	second.send(`{"topic":"chat:a","data":4,"seq":4}`)
	wants(t, s, "publication 4 #4")
}

func TestAPlainTopicMovesAtTheAnswer(t *testing.T) {
	f, _, s, first := subscribed(t, "price:a", `{"topics":{"price:a":{}}}`)
	first.send(`{"event":"drain","data":{"reconnect_ms":0}}`)
	second := within(t, "the second connection", f.visits)
	asked := second.expect("subscribe")
	first.send(`{"topic":"price:a","data":1}`)
	wants(t, s, "publication 1")
	second.send(`{"id":%d,"result":{"topics":{"price:a":{}}}}`, asked.ID)
	second.send(`{"topic":"price:a","data":2}`)
	wants(t, s, "lost", "publication 2")
}

func TestWhatWasAskedBeforeADrainIsAnswered(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	answers := make(chan string, 2)
	call := func(name string) {
		got, err := c.Call(soon(t), name, nil)
		if err != nil {
			t.Error(err)
		}
		answers <- string(got)
	}
	first := within(t, "the first connection", f.visits)
	go call("old")
	asked := first.expect("call")
	first.send(`{"event":"drain","data":{"reconnect_ms":0}}`)
	second := within(t, "the second connection", f.visits)
	eventually(t, "the client has moved", func() bool { return f.tries.Load() == 2 && c.State().Phase == client.Connected })
	go call("new")
	second.answer("call", `"new"`)
	if got := within(t, "the new answer", answers); got != `"new"` {
		t.Errorf("the new one is answered %s", got)
	}
	first.send(`{"id":%d,"result":"old"}`, asked.ID)
	if got := within(t, "the old answer", answers); got != `"old"` {
		t.Errorf("the old one is answered %s", got)
	}
	if code := first.closedWith(); code != 1000 {
		t.Errorf("the first connection was closed with %d", code)
	}
}

func TestAClientThatCannotMoveStaysUntilItIsClosed(t *testing.T) {
	f, c, s, first := subscribed(t, "chat:a", `{"topics":{"chat:a":{"epoch":"E","seq":0,"head":0}}}`)
	f.refuse.Store(503)
	first.send(`{"event":"drain","data":{"reconnect_ms":0}}`)
	eventually(t, "it has tried to move", func() bool { return f.tries.Load() > 3 })
	first.send(`{"topic":"chat:a","data":1,"seq":1}`)
	wants(t, s, "publication 1 #1")
	f.refuse.Store(403) // which would end a client that has no connection
	eventually(t, "it is refused", func() bool { return f.tries.Load() > 4 })
	first.send(`{"topic":"chat:a","data":2,"seq":2}`)
	wants(t, s, "publication 2 #2")
	f.refuse.Store(0)
	first.close(1001, "the server is shutting down")
	second := within(t, "the second connection", f.visits)
	second.answer("subscribe", `{"topics":{"chat:a":{"epoch":"E","seq":2,"head":2,"recovered":true}}}`)
	second.send(`{"topic":"chat:a","data":3,"seq":3}`)
	wants(t, s, "publication 3 #3")
	if err := c.Err(); err != nil {
		t.Error(err)
	}
}

func TestADrainedClientPrefersAnotherServer(t *testing.T) {
	a, b := newFake(t), newFake(t)
	open(t, client.Options{URLs: []string{a.url(), b.url()}})
	var first *peer
	other := a
	select {
	case first = <-a.visits:
		other = b
	case first = <-b.visits:
	}
	first.send(`{"event":"drain","data":{"reconnect_ms":0}}`)
	within(t, "a connection to the other server", other.visits)
}
