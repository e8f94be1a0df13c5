// Command live-cluster is a node of a cluster made with this project's library, on NATS or on Redis by its own
// brokers. What no client does by an operation, it is told over HTTP.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/bench/internal/host"
)

var (
	at      = flag.String("broker", "", "`URL` of the broker: redis://… or nats://…")
	history = flag.Int("history", 0, "how many publications the topic room and topics plain:… remember")
)

// newServer makes a server with rules for all topics that are measured.
func newServer(link *link) *live.Server {
	server := live.New(live.Options{
		Broker: link.open,
		// What a client subscribes to by one frame of thousands of topics is no small message.
		ReadLimit: 1 << 20,
		Limits:    live.Limits{MessagesPerSecond: 1_000_000, BytesPerSecond: 1 << 30},
	})
	rule := live.Rule{
		CanSubscribe: live.Anyone, CanPublish: live.Anyone,
		History: live.History{Size: *history, Age: time.Hour},
	}
	if *history == 0 {
		rule.History = live.History{}
	}
	server.Topic("room", rule)
	server.Topic("plain:{room}", rule)
	rule.History = live.History{Size: 100, Age: time.Hour}
	server.Topic("chat:{room}", rule)
	return server
}

// run runs the node until this process is told to end; it returns where the node does not start.
func run() error {
	ln := host.Listen()
	link, err := newLink(*at)
	if err != nil {
		return err
	}
	server := newServer(link)
	if err := link.wait(); err != nil {
		return fmt.Errorf("the broker at %s: %w", *at, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/publish", host.Order(func(r *http.Request) (string, error) { return publish(server, r) }))
	mux.Handle("/counters", host.Order(func(*http.Request) (string, error) { return link.counters() }))
	// Owned by this process, and ends with it.
	go func() { log.Fatal(http.Serve(ln, mux)) }()
	dialect := host.Operations
	if *history > 0 {
		dialect = host.Numbered
	}
	host.Run(ln.Addr(), dialect)
	return nil
}

func main() { log.Fatal(run()) }
