// Command topics is this project's library with rules: topics that remember, and topics that do not. It is
// told what to publish over HTTP, so that the publisher's cost is the same for all.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/bench/internal/host"
)

var (
	age   = flag.Duration("age", 0, "how long stored publications live")
	grace = flag.Duration("grace", 0, "how long who left is still present; 0 for the default")
)

func newServer() *live.Server {
	server := live.New(live.Options{Timeouts: live.Timeouts{Presence: *grace}, Limits: live.Limits{MessagesPerSecond: -1}})
	server.Topic("plain:{room}", live.Rule{CanSubscribe: live.Anyone})
	server.Topic("chat:{room}", live.Rule{CanSubscribe: live.Anyone, History: live.History{Size: 2000}})
	server.Topic("store:{room}", live.Rule{CanSubscribe: live.Anyone, History: live.History{Size: 10, Age: *age}})
	server.Topic("crowd:{room}", live.Rule{CanSubscribe: live.Anyone, Presence: true})
	return server
}

// publish publishes n messages of a size to each of so many topics: prefix, or prefix and a number.
func publish(server *live.Server, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number := func(name string) int { n, _ := strconv.Atoi(q.Get(name)); return max(n, 1) }
	data := []byte(`"` + strings.Repeat("x", number("size")-2) + `"`)
	topics := []string{q.Get("topic")}
	if n := number("topics"); n > 1 {
		topics = topics[:0]
		for i := range n {
			topics = append(topics, q.Get("topic")+strconv.Itoa(i))
		}
	}
	var p live.Position
	for range number("n") {
		for _, topic := range topics {
			var err error
			if p, err = server.PublishWith(r.Context(), topic, data, live.PublishOptions{}); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
	}
	fmt.Fprintf(w, "%s %d", p.Epoch, p.Seq)
}

func main() {
	ln := host.Listen()
	server := newServer()
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.HandleFunc("/publish", func(w http.ResponseWriter, r *http.Request) { publish(server, w, r) })
	// Owned by this process, and ends with it.
	go func() { log.Fatal((&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(ln)) }()
	host.Run(ln.Addr(), "live")
}
