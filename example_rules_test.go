package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/livetopics/live"
)

// A rule says what clients may do on the topics of a pattern. What is no rule's is
// closed to them.
func ExampleServer_Topic() {
	server := live.New(live.Options{})
	defer server.Shutdown(context.Background())

	server.Topic("chat:{room}", live.Rule{
		CanSubscribe: live.Anyone,
		CanPublish: func(ctx context.Context, s *live.Session, t live.Match) error {
			if t.Param("room") == "announcements" {
				return live.Errorf(live.CodeForbidden, "%s is read-only", t.Topic)
			}
			return nil
		},
		History:  live.History{Size: 100, Age: time.Hour},
		Presence: true,
	})
	server.Topic("news", live.Rule{CanSubscribe: live.Anyone}) // clients listen only
	server.Topic("orders:{id}", live.Rule{})                   // for the program's own use

	http.Handle("/ws", server.Handler())
}

// A mistake in a pattern or a rule is found when it is registered.
func ExampleServer_Topic_refused() {
	server := live.New(live.Options{})
	defer server.Shutdown(context.Background())
	defer func() { fmt.Println(recover()) }()

	server.Topic("news", live.Rule{Overflow: live.Replay})
	// Output: live: Topic("news"): Overflow: Replay needs a History to replay from
}

// Accept sees what a client publishes before anybody else does: here, it adds who says
// it, so that nobody speaks as somebody else.
func ExampleRule_accept() {
	server := live.New(live.Options{})
	server.Topic("chat:{room}", live.Rule{
		CanSubscribe: live.Anyone,
		CanPublish:   live.Anyone,
		Accept: func(ctx context.Context, s *live.Session, t live.Match, data []byte) ([]byte, error) {
			var said struct {
				From string `json:"from"`
				Text string `json:"text"`
			}
			if err := json.Unmarshal(data, &said); err != nil || said.Text == "" {
				return nil, live.Errorf(live.CodeBadRequest, "say something: the text is missing")
			}
			said.From = s.Value().(string)
			return json.Marshal(said)
		},
	})
	http.Handle("/ws", server.Handler())
}

// With a Snapshot, a client that subscribes gets the state, and then exactly what
// changes it. KeepLatest sends a slow one only the newest of each key.
func ExampleRule_snapshot() {
	type board interface{ Prices() map[string]int }
	var prices board // changed first, published to "prices" then

	server := live.New(live.Options{})
	server.Topic("prices", live.Rule{
		CanSubscribe: live.Anyone,
		Overflow:     live.KeepLatest,
		Snapshot: func(ctx context.Context, s *live.Session, t live.Match) (any, error) {
			return prices.Prices(), nil
		},
	})
	http.Handle("/ws", server.Handler())
}

// On a topic with history a publication has a position. A repeat with the same Dedup
// is published once.
func ExampleServer_PublishWith() {
	server := live.New(live.Options{})
	defer server.Shutdown(context.Background())
	server.Topic("orders:{id}", live.Rule{History: live.History{Size: 10}})

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	shipped := live.PublishOptions{Dedup: "order 7 is shipped"}
	for range 2 {
		p, err := server.PublishWith(ctx, "orders:7", []byte(`{"status":"shipped"}`), shipped)
		fmt.Println(p.Seq, err)
	}
	_, err := server.PublishWith(ctx, "orders:7", []byte(`{"status":"lost"}`), shipped)
	fmt.Println(errors.Is(err, live.ErrConflict))
	// Output:
	// 1 <nil>
	// 1 <nil>
	// true
}

// Who is here, for a handler of plain HTTP.
func ExampleServer_Presence() {
	server := live.New(live.Options{
		Identify: func(value any) (user string, info any) {
			name := value.(string)
			return name, map[string]string{"name": name}
		},
	})
	server.Topic("chat:{room}", live.Rule{CanSubscribe: live.Anyone, Presence: true})

	http.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) {
		here, err := server.Presence(r.Context(), "chat:"+r.PathValue("room"))
		if err != nil {
			http.Error(w, "not known at the moment", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, here.Count, "are here")
	})
}

// A client's call is answered with what OnCall returns.
func ExampleOptions_onCall() {
	server := live.New(live.Options{
		OnCall: func(ctx context.Context, s *live.Session, name string, data []byte) (any, error) {
			if name != "time" {
				return nil, live.Errorf(live.CodeNotFound, "there is no call %s", name)
			}
			return map[string]time.Time{"now": time.Now()}, nil
		},
	})
	http.Handle("/ws", server.Handler())
}

// Credentials run out; a client hands in new ones before. Who does not is closed with
// 4001.
func ExampleOptions_onRefresh() {
	var check func(token string) (user string, expires time.Time, err error)

	server := live.New(live.Options{
		OnRefresh: func(ctx context.Context, s *live.Session, token string) error {
			user, expires, err := check(token)
			if err != nil {
				return err // the client is told unauthorized
			}
			s.SetValue(user)
			s.SetExpiry(expires)
			return nil
		},
	})
	http.Handle("/ws", server.Handler())
}

// A topic that costs something to feed is fed only while somebody listens.
func ExampleOptions_onTopicActive() {
	server := live.New(live.Options{
		OnTopicActive: func(topic string) { log.Printf("start to feed %s", topic) },
		OnTopicIdle:   func(topic string) { log.Printf("stop feeding %s", topic) },
	})
	http.Handle("/ws", server.Handler())
}
