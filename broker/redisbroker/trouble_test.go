//go:build servers

package redisbroker_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// wantUnavailable checks that calls fail at once, and that Err says why.
func wantUnavailable(t *testing.T, b broker.Broker) {
	t.Helper()
	eventually(t, "refusal at once", func() bool {
		ctx, cancel := ended(100 * time.Millisecond)
		defer cancel()
		_, err := b.Publish(ctx, &broker.Message{Topic: "a", Data: []byte("lost"), History: kept})
		return errors.Is(err, broker.ErrUnavailable) && ctx.Err() == nil
	})
	ctx := t.Context()
	errs := make(map[string]error)
	_, errs["Publish without history"] = b.Publish(ctx, &broker.Message{Topic: "plain", Data: []byte("1")})
	errs["Follow"] = b.Follow(ctx, "new", kept)
	errs["Follow of a wildcard"] = b.Follow(ctx, "new:*", kept)
	_, errs["History"] = b.History(ctx, "a", kept, broker.Query{})
	_, errs["Join"] = b.Join(ctx, "a", broker.Member{User: "ann", Sessions: 1})
	_, errs["Leave"] = b.Leave(ctx, "a", "ann")
	_, errs["Members"] = b.Members(ctx, "a", 1)
	_, errs["Tend"] = b.Tend(ctx)
	errs["Err"] = b.Err()
	for name, err := range errs {
		if !errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
	if err := b.Prepare(ctx, kept); err != nil {
		t.Errorf("Prepare: %v", err)
	}
}

// wantBack checks that all goes on, with a follower that was there before.
func wantBack(t *testing.T, b broker.Broker, got *recorder) {
	t.Helper()
	publish(t, b, "a", "back")
	got.has(t, "back")
	eventually(t, "good health", func() bool { return b.Err() == nil })
	follow(t, b, "new", kept)
}

func TestCallsFailAtOnceWhileTheServerIsAwayAndResume(t *testing.T) {
	server := redistest.Start(t)
	for name, c := range map[string]struct{ away, back func() }{
		"killed":  {server.Kill, server.Start},
		"stopped": {server.Pause, server.Resume},
		"paused":  {func() { server.Do("CLIENT", "PAUSE", "6000", "ALL") }, func() {}},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			var got recorder
			b := open(t, redisbroker.Options{URL: server.URL(), Logger: log.logger(), Prefix: name}, got.deliver)
			follow(t, b, "a", kept)
			publish(t, b, "a", "first")
			got.has(t, "first")
			c.away()
			wantUnavailable(t, b)
			c.back()
			wantBack(t, b, &got)
			if lost, found := log.count("lost the server"), log.count("found the server"); lost != 1 || found != 1 {
				t.Errorf("the log says lost %d times and found %d times", lost, found)
			}
		})
	}
}

func TestABrokerStartsBeforeItsServer(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL()}, got.deliver)
	wantUnavailable(t, b)
	server.Start()
	publish(t, b, "a", "first")
	follow(t, b, "a", kept)
	wantBack(t, b, &got)
}

func TestAServerThatBecameAReplicaIsUnavailable(t *testing.T) {
	server, other := redistest.Start(t), redistest.Start(t)
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL()}, got.deliver)
	follow(t, b, "a", kept)
	host, port, _ := net.SplitHostPort(other.Addr)
	server.Do("REPLICAOF", host, port)
	wantUnavailable(t, b)
	server.Do("REPLICAOF", "NO", "ONE")
	wantBack(t, b, &got)
}

func TestAFullServerIsUnavailableAndSaysSo(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	publish(t, b, "a", "1")
	server.Do("CONFIG", "SET", "maxmemory", "1")
	_, err := b.Publish(t.Context(), &broker.Message{Topic: "a", Data: []byte("2"), History: kept})
	if !errors.Is(err, broker.ErrUnavailable) || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("Publish: %v", err)
	}
	eventually(t, "word of it", func() bool { return b.Err() != nil })
	server.Do("CONFIG", "SET", "maxmemory", "0")
	publish(t, b, "a", "3")
}

func TestCloseEndsWithItsContextThoughTheServerHangs(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	follow(t, b, "a", kept)
	server.Pause()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Close(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	eventually(t, "end of it", func() bool {
		ctx, cancel := ended(20 * time.Millisecond)
		defer cancel()
		return b.Close(ctx) == nil
	})
}

func TestARepeatIsSentAgainByItself(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	publish(t, b, "a", "1")
	for i := range 200 {
		m := broker.Message{Topic: "a", Dedup: strings.Repeat("d", i+1), Data: []byte("2"), History: kept}
		done := make(chan error)
		go func() { // owner: this test, which waits; ends with the call
			_, err := b.Publish(t.Context(), &m)
			done <- err
		}()
		if i%10 == 0 {
			server.Do("CLIENT", "KILL", "TYPE", "normal")
		}
		if err := <-done; err != nil {
			t.Fatalf("publication %d: %v", i, err)
		}
	}
	if p := page(t, b, "a"); p.Seq != 201 {
		t.Errorf("%d are stored, want 201", p.Seq)
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	b := open(t, redisbroker.Options{URL: redistest.Start(t).URL(), MaxBytes: 10}, nil)
	_, err := b.Publish(t.Context(), &broker.Message{Topic: "a", Data: make([]byte, 11), History: kept})
	if !errors.Is(err, broker.ErrTooLarge) || errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("Publish: %v", err)
	}
}
