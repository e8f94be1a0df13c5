package natsembed_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

// start starts a node that the test shuts down.
func start(t *testing.T, o natsembed.Options) *natsembed.Server {
	t.Helper()
	s, err := natsembed.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutdown(t, s) })
	return s
}

func shutdown(t *testing.T, s *natsembed.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// free are addresses that nobody listens on.
func free(t *testing.T, n int) []string {
	t.Helper()
	var all []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	return all
}

// open opens a broker that the test closes before the node ends.
func open(t *testing.T, s *natsembed.Server, d broker.Deliver) broker.Broker {
	t.Helper()
	if d == nil {
		d = func(string, string, *broker.Publication) {}
	}
	b, err := s.Broker(natsbroker.Options{})(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b
}

var kept = broker.History{Size: 10, Age: time.Hour}

// eventually waits until ok, half a minute at most.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("it does not happen that %s", what)
		}
	}
}

func TestANodeKeepsItsNameAndItsHistories(t *testing.T) {
	dir := t.TempDir()
	s := start(t, natsembed.Options{Dir: dir})
	name := s.Name()
	b := open(t, s, nil)
	m := broker.Message{Topic: "room", Data: []byte("1"), History: kept}
	first, err := b.Publish(t.Context(), &m)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	shutdown(t, s)
	s = start(t, natsembed.Options{Dir: dir})
	if s.Name() != name {
		t.Errorf("the name was %s and is %s", name, s.Name())
	}
	page, err := open(t, s, nil).History(t.Context(), "room", kept, broker.Query{Limit: 10})
	if err != nil || page.Position != first || len(page.Publications) != 1 {
		t.Errorf("after the restart the page is %+v, %v; published at %+v", page, err, first)
	}
}

func TestANodeInMemoryLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := natsembed.Start(natsembed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	shutdown(t, s)
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for _, c := range []struct {
		o    natsembed.Options
		says string
	}{
		{natsembed.Options{Listen: "0.0.0.0:0", Peers: []string{"a:1"}}, "Secret"},
		{natsembed.Options{Listen: ":0", Peers: []string{"a:1"}}, "Secret"},
		{natsembed.Options{Listen: "nowhere", Peers: []string{"a:1"}, Secret: "s"}, "host:port"},
		{natsembed.Options{Listen: "127.0.0.1:0", Peers: []string{"a"}}, "peer"},
		{natsembed.Options{Listen: "127.0.0.1:0"}, "Peers"},
		{natsembed.Options{Peers: []string{"a:1"}}, "Listen"},
		{natsembed.Options{Listen: "127.0.0.1:x", Peers: []string{"a:1"}}, "number"},
		{natsembed.Options{Listen: "127.0.0.1:0", Peers: []string{"a:1"}, Name: "a b"}, "Name"},
		{natsembed.Options{Client: "nowhere"}, "Client"},
	} {
		s, err := natsembed.Start(c.o)
		if err == nil {
			shutdown(t, s)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: the error is %v, and should say something of %s", c.o, err, c.says)
		}
	}
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := natsembed.Start(natsembed.Options{Listen: l.Addr().String(), Peers: free(t, 1)})
	if err == nil {
		shutdown(t, s)
		t.Fatal("it starts")
	}
}

func TestANodeAloneOfThreeServesPlainTopicsAndLaterHistories(t *testing.T) {
	peers := free(t, 3)
	var all []*natsembed.Server
	came := make(chan string, 10)
	o := natsembed.Options{Peers: peers, Secret: "s"}
	o.Listen = peers[0]
	all = append(all, start(t, o))
	b := open(t, all[0], func(_, _ string, p *broker.Publication) { came <- string(p.Data) })
	if err := b.Follow(t.Context(), "plain", broker.History{}); err != nil {
		t.Fatalf("Follow: %v", err)
	}
	if _, err := b.Publish(t.Context(), &broker.Message{Topic: "plain", Data: []byte("1")}); err != nil {
		t.Fatalf("Publish: %v", err)
	}
	if got := <-came; got != "1" {
		t.Errorf("delivered %s", got)
	}
	if err := b.Prepare(t.Context(), kept); err != nil {
		t.Errorf("Prepare: %v", err)
	}
	m := broker.Message{Topic: "room", Data: []byte("1"), History: kept}
	if _, err := b.Publish(t.Context(), &m); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("with history the error is %v, want ErrUnavailable", err)
	}
	for _, addr := range peers[1:] {
		o.Listen = addr
		all = append(all, start(t, o))
	}
	for _, s := range all {
		if s.Replicas() != 3 {
			t.Errorf("replicas: %d, want 3", s.Replicas())
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Fatalf("Ready: %v", err)
		}
	}
	eventually(t, "publishing succeeds", func() bool {
		_, err := b.Publish(t.Context(), &m)
		return err == nil
	})
}

func TestAPeerWithoutTheSecretIsRefused(t *testing.T) {
	peers := free(t, 2)
	a := start(t, natsembed.Options{Listen: peers[0], Peers: peers, Secret: "right"})
	start(t, natsembed.Options{Listen: peers[1], Peers: peers, Secret: "wrong"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := a.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ready: %v", err)
	}
}
