// Command topics-centrifuge does with github.com/centrifugal/centrifuge, on its memory engine, what command
// topics does with ours: channels with history and recovery, and channels without.
package main

import (
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/livetopics/live/bench/internal/host"
)

func connected(client *centrifuge.Client) {
	client.OnSubscribe(func(e centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
		remembers := strings.HasPrefix(e.Channel, "chat:")
		answer(centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{EnableRecovery: remembers}}, nil)
	})
}

// authenticated lets everybody in under no name; the library wants somebody to say so.
func authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{})))
	})
}

// publish publishes n messages of a size.
func publish(node *centrifuge.Node, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	n, _ := strconv.Atoi(q.Get("n"))
	size, _ := strconv.Atoi(q.Get("size"))
	data := []byte(`"` + strings.Repeat("x", max(size, 2)-2) + `"`)
	var options []centrifuge.PublishOption
	if strings.HasPrefix(q.Get("topic"), "chat:") {
		options = append(options, centrifuge.WithHistory(2000, time.Hour))
	}
	var p centrifuge.PublishResult
	for range n {
		var err error
		if p, err = node.Publish(q.Get("topic"), data, options...); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	fmt.Fprintf(w, "%s %d", p.Epoch, p.Offset)
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
	mux.HandleFunc("/publish", func(w http.ResponseWriter, r *http.Request) { publish(node, w, r) })
	// Owned by this process, and ends with it.
	go func() { log.Fatal((&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(ln)) }()
	host.Run(ln.Addr(), host.Centrifuge)
}
