// Command guarded decides who may subscribe to what, by the topic's prefix:
//
//	public:…      everybody
//	user:ID       that user
//	team:NAME     the team's members
//	admin:…       admins
//	all else      nobody
//
// A client asks with {"topic":"subscribe","data":{"topic":"team:red"}}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/examples/internal/page"
)

const usage = `guarded: open http://%[1]s/ , or
  wscat -c 'ws://%[1]s/ws?token=token-of-ann'
  > {"topic":"subscribe","data":{"topic":"team:red"}}
and then, elsewhere
  curl http://%[1]s/topics/team:red -d '{"text":"for the team"}'
`

var demo = page.Page{
	Title: "Guarded subscriptions",
	About: "Ann is in team red, bob is an admin; what curl sends to /topics/team:red reaches who may have it.",
	Path:  "/ws?token=token-of-ann",
	Try: []page.Try{
		{Topic: "subscribe", Data: `{"topic":"public:news"}`},
		{Topic: "subscribe", Data: `{"topic":"team:red"}`},
		{Topic: "subscribe", Data: `{"topic":"user:bob"}`},
		{Topic: "subscribe", Data: `{"topic":"admin:log"}`},
	},
}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) {
	server := live.New(live.Options{OnAuth: authenticate, OnMessage: subscribe})
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/", demo.Handler())
	// For the back end only: a real program asks the caller who it is. That no foreign page can have a browser
	// call it is what CrossOriginProtection sees to.
	mux.Handle("POST /topics/{topic}", http.NewCrossOriginProtection().Handler(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
			if err == nil {
				err = server.Publish(r.PathValue("topic"), body)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusAccepted)
		})))
	return mux, server
}

// subscribe is OnMessage: every wish of a client passes canSubscribe, and there is no other way to subscribe.
func subscribe(_ context.Context, s *live.Session, topic string, data []byte) {
	var m struct{ Topic string }
	_ = json.Unmarshal(data, &m) // what does not fit stays empty, which is a topic that nobody may have
	switch {
	case topic != "subscribe":
		send(s, "error", map[string]string{"code": "bad_request", "message": "send to subscribe"})
	case !canSubscribe(s.Value().(user), m.Topic):
		// One answer for what is forbidden and what does not exist: nobody learns which teams there are.
		send(s, "error", map[string]string{"code": "forbidden", "topic": m.Topic})
	default:
		if err := s.Server().Subscribe(s, m.Topic); err != nil { // such as public:two words
			send(s, "error", map[string]string{"code": "bad_request", "message": err.Error()})
			return
		}
		send(s, "subscribed", map[string]string{"topic": m.Topic})
	}
}

func send(s *live.Session, topic string, v any) {
	if data, err := json.Marshal(v); err == nil {
		_ = s.Send(live.Message{Topic: topic, Data: data})
	}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "TCP address to listen on")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf(usage, l.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := serve(ctx, l); err != nil {
		log.Fatal(err)
	}
}

// serve answers on l until ctx ends. Then it takes nobody new, lets requests finish and every session have what
// waits for it, and closes the sessions with 1001 (going away), for 10 seconds at most.
func serve(ctx context.Context, l net.Listener) error {
	handler, server := newHandler()
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// net/http forgets a connection once it is a WebSocket, and does not wait for this function either.
	drained := make(chan error, 1)
	web.RegisterOnShutdown(func() { drained <- server.Shutdown(closing) })
	return errors.Join(web.Shutdown(closing), <-drained)
}
