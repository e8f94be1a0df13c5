package natsbroker_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
)

// plainServer is a NATS with these options, for this test.
func plainServer(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

func TestWithoutJetStreamPlainTopicsWorkAndPrepareSaysWhatToDo(t *testing.T) {
	var r record
	o := options()
	o.URL = plainServer(t, &server.Options{}).ClientURL()
	b := outside(t, o, r.deliver)
	err := b.Prepare(t.Context(), kept)
	if !errors.Is(err, broker.ErrUnsupported) || !strings.Contains(err.Error(), "-js") {
		t.Errorf("Prepare: %v", err)
	}
	if _, err := b.Publish(t.Context(), &broker.Message{Topic: "room", Data: []byte("1"), History: kept}); !errors.Is(err, broker.ErrUnsupported) {
		t.Errorf("Publish with history: %v", err)
	}
	if err := b.Prepare(t.Context(), broker.History{}); err != nil {
		t.Errorf("Prepare without history: %v", err)
	}
	follow(t, b, "plain", broker.History{})
	m := broker.Message{Topic: "plain", Data: []byte("1"), Dedup: "d"}
	for range 3 {
		if _, err := b.Publish(t.Context(), &m); err != nil {
			t.Errorf("Publish: %v", err)
		}
	}
	m.Data = []byte("2")
	if _, err := b.Publish(t.Context(), &m); !errors.Is(err, broker.ErrConflict) {
		t.Errorf("other data: %v", err)
	}
	r.wait(t, "plain", "1")
	if c, err := b.Join(t.Context(), "plain", broker.Member{User: "ann", Sessions: 1}); c != broker.Joined || err != nil {
		t.Errorf("Join: %v, %v", c, err)
	}
	if m, err := b.Members(t.Context(), "plain", 10); m.Count != 1 || err != nil {
		t.Errorf("Members: %+v, %v", m, err)
	}
	if moved, err := b.Tend(t.Context()); len(moved) > 0 || err != nil {
		t.Errorf("Tend: %v, %v", moved, err)
	}
}

func TestRefusedCredentialsAreAnError(t *testing.T) {
	o := options()
	o.URL = plainServer(t, &server.Options{Username: "u", Password: "p"}).ClientURL()
	b, err := natsbroker.New(o)(func(string, string, *broker.Publication) {})
	if err == nil {
		closeIt(t, b)
		t.Error("it opens")
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for _, o := range []natsbroker.Options{
		{Prefix: "a.b"}, {Prefix: strings.Repeat("a", 33)}, {Replicas: 6}, {Replicas: -1}, {Lease: -1}, {Lease: time.Millisecond}, {URL: "nats://a b:x"},
	} {
		if b, err := natsbroker.New(o)(func(string, string, *broker.Publication) {}); err == nil {
			closeIt(t, b)
			t.Errorf("%+v is taken", o)
		}
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	o := options()
	o.URL = plainServer(t, &server.Options{}).ClientURL()
	b := outside(t, o, func(string, string, *broker.Publication) {})
	for _, h := range []broker.History{kept, {}} {
		m := broker.Message{Topic: "room", Data: make([]byte, 1<<20), History: h}
		if _, err := b.Publish(t.Context(), &m); !errors.Is(err, broker.ErrTooLarge) {
			t.Errorf("history %v: the error is %v, want ErrTooLarge", h.On(), err)
		}
	}
}

func TestPrefixesDoNotSeeEachOther(t *testing.T) {
	var ra, rb record
	a := open(t, single(t), options(), ra.deliver)
	defer closeIt(t, a)
	b := open(t, single(t), options(), rb.deliver)
	defer closeIt(t, b)
	for _, x := range []broker.Broker{a, b} {
		follow(t, x, "room", kept)
		follow(t, x, "**", broker.History{})
	}
	publish(t, a, "room", "a")
	publish(t, b, "room", "b")
	for _, x := range []broker.Broker{a, b} {
		if _, err := x.Publish(t.Context(), &broker.Message{Topic: "end", Data: []byte("end")}); err != nil {
			t.Fatal(err)
		}
	}
	ra.wait(t, "end", "end")
	rb.wait(t, "end", "end")
	ra.wait(t, "room", "a")
	rb.wait(t, "room", "b")
}

func TestManyTopicsAreFollowedInFewRoundTrips(t *testing.T) {
	const topics, callers = 4000, 200
	var r record
	b := open(t, single(t), options(), r.deliver)
	defer closeIt(t, b)
	if err := b.Prepare(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	var run sync.WaitGroup
	for c := range callers {
		run.Go(func() {
			for i := c; i < topics; i += callers {
				h := kept
				if i%2 == 0 {
					h = broker.History{}
				}
				if err := b.Follow(t.Context(), fmt.Sprint("room:", i), h); err != nil {
					t.Errorf("Follow: %v", err)
					return
				}
			}
		})
	}
	run.Wait()
	if n := b.Stats().Rounds; n > topics/10 {
		t.Errorf("%d topics took %d round trips", topics, n)
	}
	publish(t, b, "room:17", "1")
	r.wait(t, "room:17", "1")
}
