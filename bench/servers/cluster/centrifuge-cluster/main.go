// Command centrifuge-cluster is a node of a cluster made with github.com/centrifugal/centrifuge: on Redis with its
// own broker, with history and recovery or without, and on NATS with the broker of this folder. There is no
// presence.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/livetopics/live/bench/internal/host"
)

var (
	at      = flag.String("broker", "", "`URL` of the broker: redis://… or nats://…")
	history = flag.Int("history", 0, "how many publications a channel remembers")
)

// connect gives node the broker of the flags.
func connect(node *centrifuge.Node) error {
	if strings.HasPrefix(*at, "nats://") {
		b, err := newNATSBroker(*at)
		if err == nil {
			node.SetBroker(b)
		}
		return err
	}
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: *at})
	if err != nil {
		return err
	}
	b, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Shards: []*centrifuge.RedisShard{shard}})
	if err == nil {
		node.SetBroker(b)
	}
	return err
}

func connected(node *centrifuge.Node) centrifuge.ConnectHandler {
	var options []centrifuge.PublishOption
	if *history > 0 {
		options = append(options, centrifuge.WithHistory(*history, time.Hour))
	}
	return func(client *centrifuge.Client) {
		client.OnSubscribe(func(_ centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
			answer(centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{EnableRecovery: *history > 0}}, nil)
		})
		client.OnPublish(func(e centrifuge.PublishEvent, answer centrifuge.PublishCallback) {
			// Published here rather than by the library, which would add who published to every
			// delivery and make its frames longer than the other's.
			result, err := node.Publish(e.Channel, e.Data, options...)
			answer(centrifuge.PublishReply{Result: &result}, err)
		})
	}
}

// authenticated lets everybody in under no name; the library wants somebody to say so.
func authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{})))
	})
}

// run runs the node until this process is told to end; it returns where the node does not start.
func run() error {
	flag.Parse()
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel:   centrifuge.LogLevelWarn,
		LogHandler: func(e centrifuge.LogEntry) { log.Print(e.Message, e.Fields) },
	})
	if err != nil {
		return err
	}
	if err := connect(node); err != nil {
		return fmt.Errorf("the broker at %s: %w", *at, err)
	}
	node.OnConnect(connected(node))
	return serve(node)
}

func main() { log.Fatal(run()) }

// serve runs the node as run does.
func serve(node *centrifuge.Node) error {
	ln := host.Listen()
	if err := node.Run(); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/ws", authenticated(centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{})))
	// Owned by this process, and ends with it.
	go func() { log.Fatal(http.Serve(ln, mux)) }()
	dialect := host.Centrifuge
	if *history > 0 {
		dialect = host.Positioned
	}
	host.Run(ln.Addr(), dialect)
	return nil
}
