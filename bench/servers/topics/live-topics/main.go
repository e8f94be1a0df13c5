// Command live-topics is this project's library with rules: topics that remember, topics that do not, and
// topics that show who is there. What no client does by an operation, it is told over HTTP.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/bench/internal/host"
)

var (
	history = flag.Int("history", 0, "how many publications the topic room remembers")
	age     = flag.Duration("age", time.Hour, "how long stored publications live")
	grace   = flag.Duration("grace", 0, "how long who left is still present; 0 for the default")
)

// sessions are all that have connected, in no order; they stay.
type sessions struct {
	mu   sync.Mutex // guards list
	list []*live.Session
}

func (all *sessions) add(_ context.Context, s *live.Session) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.list = append(all.list, s)
	return nil
}

// newServer names a user by the URL: who comes back is who left.
func newServer(all *sessions) *live.Server {
	server := live.New(live.Options{
		OnAuth:    func(_ context.Context, r *http.Request) (any, error) { return r.URL.Query().Get("user"), nil },
		OnConnect: all.add,
		Identify:  func(value any) (string, any) { user, _ := value.(string); return user, nil },
		Limits:    live.Limits{MessagesPerSecond: 1_000_000, BytesPerSecond: 1 << 30, HistoryBytes: -1},
		Timeouts:  live.Timeouts{Presence: *grace},
	})
	open := live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone}
	with := func(change func(*live.Rule)) live.Rule {
		r := open
		change(&r)
		return r
	}
	server.Topic("room", with(func(r *live.Rule) { r.History.Size = *history }))
	server.Topic("plain:{room}", open)
	server.Topic("chat:{room}", with(func(r *live.Rule) { r.History = live.History{Size: 2000, Age: *age} }))
	server.Topic("store:{room}", with(func(r *live.Rule) { r.History = live.History{Size: 10, Age: *age} }))
	server.Topic("crowd:{room}", with(func(r *live.Rule) { r.Presence = true }))
	return server
}

// publish publishes n messages to each of some topics, in turn: to topic itself, or to topic and a number.
// It answers with the last position.
func publish(server *live.Server, r *http.Request) (string, error) {
	n, topics := host.Number(r, "n"), []string{r.URL.Query().Get("topic")}
	if many := host.Number(r, "topics"); many > 1 {
		prefix := topics[0]
		topics = topics[:0]
		for i := range many {
			topics = append(topics, prefix+strconv.Itoa(i))
		}
	}
	var p live.Position
	for i := range n {
		for _, topic := range topics {
			var err error
			if p, err = server.PublishWith(r.Context(), topic, host.Data(i), live.PublishOptions{}); err != nil {
				return "", err
			}
		}
	}
	return fmt.Sprintf("%s %d", p.Epoch, p.Seq), nil
}

// subscribe subscribes every session to the topics from first to before end.
func (all *sessions) subscribe(server *live.Server, r *http.Request) (string, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	prefix := r.URL.Query().Get("topic")
	for i := host.Number(r, "first"); i < host.Number(r, "end"); i++ {
		topic := prefix + strconv.Itoa(i)
		for _, s := range all.list {
			if err := server.Subscribe(s, strings.Clone(topic)); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

func main() {
	ln := host.Listen()
	all := new(sessions)
	server := newServer(all)
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/publish", host.Order(func(r *http.Request) (string, error) { return publish(server, r) }))
	mux.Handle("/subscribe", host.Order(func(r *http.Request) (string, error) { return all.subscribe(server, r) }))
	// Owned by this process, and ends with it.
	go func() { log.Fatal(http.Serve(ln, mux)) }()
	dialect := host.Operations
	if *history > 0 {
		dialect = host.Numbered
	}
	host.Run(ln.Addr(), dialect)
}
