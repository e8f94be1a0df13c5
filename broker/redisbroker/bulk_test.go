//go:build servers

package redisbroker_test

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// callsOf is how often the server was asked to do a command.
func callsOf(t *testing.T, server *redistest.Server, command string) int {
	t.Helper()
	found := regexp.MustCompile("cmdstat_" + command + ":calls=([0-9]+)").FindStringSubmatch(server.Do("INFO", "commandstats"))
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// followAll follows many topics at once.
func followAll(tb testing.TB, b broker.Broker, n int, h broker.History) {
	tb.Helper()
	var run sync.WaitGroup
	for i := range 200 {
		run.Go(func() {
			for j := i; j < n; j += 200 {
				if err := b.Follow(tb.Context(), fmt.Sprint("topic:", j), h); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	run.Wait()
}

func TestManyTopicsAreFollowedWithFewCommands(t *testing.T) {
	server := redistest.Start(t)
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL()}, got.deliver)
	const n = 20_000
	start := time.Now()
	followAll(t, b, n, kept)
	t.Logf("%d topics followed after %v with %d commands", n, time.Since(start), callsOf(t, server, "subscribe"))
	if calls := callsOf(t, server, "subscribe"); calls > n/20 {
		t.Errorf("%d commands for %d topics", calls, n)
	}

	server.Do("CONFIG", "RESETSTAT")
	seen := b.Stats().Resyncs
	start = time.Now()
	server.Do("CLIENT", "KILL", "TYPE", "pubsub")
	eventually(t, "end of the check", func() bool { return b.Stats().Resyncs >= seen+n })
	publish(t, b, "topic:7", "after")
	got.has(t, "after")
	t.Logf("%d topics followed and checked again after %v with %d commands", n, time.Since(start), callsOf(t, server, "subscribe"))
	if calls := callsOf(t, server, "subscribe"); calls > n/100 {
		t.Errorf("%d commands for %d topics after a reconnect", calls, n)
	}
}
