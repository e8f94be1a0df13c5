// Command centrifuge-topics does with github.com/centrifugal/centrifuge, on its memory engine, what command
// live-topics does with ours: channels with history and recovery, and channels without.
package main

import (
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/livetopics/live/bench/internal/host"
)

// remembers tells whether a channel has history.
func remembers(channel string) bool { return strings.HasPrefix(channel, "chat:") }

func connected(client *centrifuge.Client) {
	client.OnSubscribe(func(e centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
		answer(centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{EnableRecovery: remembers(e.Channel)}}, nil)
	})
}

// authenticated lets everybody in under no name; the library wants somebody to say so.
func authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{})))
	})
}

// publish publishes n messages, and answers with the last position.
func publish(node *centrifuge.Node, r *http.Request) (string, error) {
	channel := r.URL.Query().Get("topic")
	var options []centrifuge.PublishOption
	if remembers(channel) {
		options = append(options, centrifuge.WithHistory(2000, time.Hour))
	}
	var p centrifuge.PublishResult
	for i := range host.Number(r, "n") {
		var err error
		if p, err = node.Publish(channel, host.Data(i), options...); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s %d", p.Epoch, p.Offset), nil
}

func main() {
	ln := host.Listen()
	node, err := centrifuge.New(centrifuge.Config{ClientChannelLimit: 1000})
	if err != nil {
		log.Fatal(err)
	}
	node.OnConnect(connected)
	if err := node.Run(); err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ws", authenticated(centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		WriteTimeout: 20 * time.Second, // its second is too short for a thousand at once
	})))
	mux.Handle("/publish", host.Order(func(r *http.Request) (string, error) { return publish(node, r) }))
	// Owned by this process, and ends with it.
	go func() { log.Fatal(http.Serve(ln, mux)) }()
	host.Run(ln.Addr(), host.Centrifuge)
}
