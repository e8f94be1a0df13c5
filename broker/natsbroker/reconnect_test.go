package natsbroker_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

// reachable starts a server that clients can connect to, for this test.
func reachable(t *testing.T, o natsembed.Options) *natsembed.Server {
	t.Helper()
	o.Client = "127.0.0.1:0"
	s, err := natsembed.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *natsembed.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// outside opens a broker that connects from outside.
func outside(t *testing.T, o natsbroker.Options, d broker.Deliver) *natsbroker.Broker {
	t.Helper()
	b, err := natsbroker.New(o)(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, b) })
	return b.(*natsbroker.Broker)
}

func TestWhatWasPublishedWhileTheConnectionWasCutIsDelivered(t *testing.T) {
	s := reachable(t, natsembed.Options{})
	p := newProxy(t, s.ClientURL())
	var r record
	o := options()
	o.URL = s.ClientURL()
	a := outside(t, o, func(string, string, *broker.Publication) {})
	o.URL = p.url()
	b := outside(t, o, r.deliver)
	follow(t, b, "room", kept)
	follow(t, b, "quiet", kept)
	publish(t, a, "room", "1")
	r.wait(t, "room", "1")
	p.cut()
	eventually(t, "the broker notices", func() bool { return b.Err() != nil })
	publish(t, a, "room", "2")
	publish(t, a, "quiet", "q")
	publish(t, a, "room", "3")
	p.mend()
	r.wait(t, "room", "1", "2", "3")
	r.wait(t, "quiet", "q")
	if err := b.Err(); err != nil {
		t.Errorf("Err is %v", err)
	}
}

func TestCallsFailWhileTheConnectionIsCutAndThenResume(t *testing.T) {
	s := reachable(t, natsembed.Options{})
	p := newProxy(t, s.ClientURL())
	o := options()
	o.URL = p.url()
	b := outside(t, o, func(string, string, *broker.Publication) {})
	publish(t, b, "room", "1")
	p.cut()
	eventually(t, "the broker notices", func() bool { return b.Err() != nil })
	for what, call := range map[string]func() error{
		"Publish": func() error {
			_, err := b.Publish(t.Context(), &broker.Message{Topic: "room", Data: []byte("2"), History: kept})
			return err
		},
		"plain Publish": func() error {
			_, err := b.Publish(t.Context(), &broker.Message{Topic: "plain", Data: []byte("2")})
			return err
		},
		"History": func() error {
			_, err := b.History(t.Context(), "room", kept, broker.Query{Limit: 1})
			return err
		},
		"Join": func() error {
			_, err := b.Join(t.Context(), "room", broker.Member{User: "ann", Sessions: 1})
			return err
		},
		"Follow": func() error { return b.Follow(t.Context(), "room", kept) },
		"Tend":   func() error { _, err := b.Tend(t.Context()); return err },
	} {
		if err := call(); !errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("%s: the error is %v, want ErrUnavailable", what, err)
		}
	}
	if err := b.Prepare(t.Context(), kept); err != nil {
		t.Errorf("Prepare: %v", err)
	}
	p.mend()
	eventually(t, "publishing succeeds", func() bool {
		_, err := b.Publish(t.Context(), &broker.Message{Topic: "room", Data: []byte("3"), History: kept})
		return err == nil
	})
}

func TestABrokerOpensBeforeItsServer(t *testing.T) {
	s := reachable(t, natsembed.Options{})
	p := newProxy(t, s.ClientURL())
	p.cut()
	o := options()
	o.URL = p.url()
	b := outside(t, o, func(string, string, *broker.Publication) {})
	if err := b.Err(); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("Err is %v", err)
	}
	p.mend()
	eventually(t, "it connects", func() bool { return b.Err() == nil })
	publish(t, b, "room", "1")
}

func TestARestartKeepsEpochsPositionsAndDedups(t *testing.T) {
	dir := t.TempDir()
	s := reachable(t, natsembed.Options{Dir: dir})
	url := s.ClientURL()
	var r record
	o := options()
	o.URL = url
	b := outside(t, o, r.deliver)
	follow(t, b, "room", kept)
	first := publish(t, b, "room", "1")
	m := broker.Message{Topic: "room", Data: []byte("2"), Dedup: "d", History: kept}
	second, err := b.Publish(t.Context(), &m)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	eventually(t, "the broker notices", func() bool { return b.Err() != nil })
	restart(t, dir, url)
	eventually(t, "it connects", func() bool { return b.Err() == nil })
	other := outside(t, o, func(string, string, *broker.Publication) {})
	page, err := other.History(t.Context(), "room", kept, broker.Query{Since: first.Seq, Limit: 10})
	if err != nil || page.Position != second || len(page.Publications) != 1 {
		t.Errorf("another broker's page is %+v, %v; want what is after %+v up to %+v", page, err, first, second)
	}
	if again, err := other.Publish(t.Context(), &m); err != nil || again != second {
		t.Errorf("the repeat is at %+v, %v; the first at %+v", again, err, second)
	}
	publish(t, other, "room", "3")
	r.wait(t, "room", "1", "2", "3")
}

// restart starts a server anew where another was.
func restart(t *testing.T, dir, url string) *natsembed.Server {
	t.Helper()
	o := natsembed.Options{Dir: dir, Client: url[len("nats://"):]}
	s, err := natsembed.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func TestALostHistoryHasAnotherEpochAndBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	s := reachable(t, natsembed.Options{Dir: dir})
	var r record
	o := options()
	o.URL, o.Storage = s.ClientURL(), natsbroker.Memory
	b := outside(t, o, r.deliver)
	follow(t, b, "room", kept)
	for i := range 5 {
		publish(t, b, "room", fmt.Sprint("old", i))
	}
	before := publish(t, b, "room", "old5")
	r.wait(t, "room", "old0", "old1", "old2", "old3", "old4", "old5")
	stop(t, s)
	eventually(t, "the broker notices", func() bool { return b.Err() != nil })
	restart(t, dir, o.URL)
	other := outside(t, o, func(string, string, *broker.Publication) {})
	eventually(t, "it connects", func() bool { return other.Err() == nil })
	after := publish(t, other, "room", "new0")
	if after.Epoch == before.Epoch {
		t.Errorf("the epoch is %s still", after.Epoch)
	}
	publish(t, other, "room", "new1")
	r.wait(t, "room", "old0", "old1", "old2", "old3", "old4", "old5", "new0", "new1")
	if got := r.epoch("room"); got != after.Epoch {
		t.Errorf("delivered in epoch %s, want %s", got, after.Epoch)
	}
	if p := publish(t, b, "room", "new2"); p.Epoch != after.Epoch {
		t.Errorf("published in epoch %s, want %s", p.Epoch, after.Epoch)
	}
}
