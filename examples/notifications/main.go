// Command notifications sends notifications to one user, wherever that user is connected: each session
// subscribes to the topic "user:" and the user's ID when it opens, and the back end publishes to that.
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

const usage = `notifications: open http://%[1]s/ , or
  wscat -c 'ws://%[1]s/ws?token=token-of-ann'
and then, elsewhere
  curl http://%[1]s/users/ann/notifications -d '{"title":"Your parcel is here"}'
`

var demo = page.Page{
	Title: "Notifications to one user",
	About: "Every window with ann's token has what curl sends to /users/ann/notifications.",
	Path:  "/ws?token=token-of-ann",
}

// users says whose token it is. A real program asks its session store, or checks a signature.
var users = map[string]string{"token-of-ann": "ann", "token-of-bob": "bob"}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) {
	server := live.New(live.Options{OnAuth: authenticate, OnConnect: welcome})
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/", demo.Handler())
	// For the back end only: a real program asks the caller who it is. That no foreign page can have a browser
	// call it is what CrossOriginProtection sees to.
	guard := http.NewCrossOriginProtection()
	mux.Handle("POST /users/{user}/notifications", guard.Handler(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
			if err != nil {
				http.Error(w, "a notification has at most 16 KiB", http.StatusRequestEntityTooLarge)
				return
			}
			if err := notify(server, r.PathValue("user"), body); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusAccepted)
		})))
	return mux, server
}

// notify sends a notification, a JSON value, to all sessions of a user. It can be called from anywhere in the
// program: a handler, a job, a timer. A user who is not connected does not get it: what must not be missed
// belongs in a database as well.
func notify(server *live.Server, user string, data []byte) error {
	return server.Publish("user:"+user, data)
}

// authenticate finds the user of a connection. What it returns is the session's Value for good, so that no
// message of the client can change whose notifications it gets.
func authenticate(_ context.Context, r *http.Request) (any, error) {
	user, ok := users[r.URL.Query().Get("token")]
	if !ok {
		return nil, errors.New("no such token")
	}
	return user, nil
}

// welcome subscribes a session before anything else happens to it. Once the client has read "welcome", it
// misses nothing.
func welcome(_ context.Context, s *live.Session) error {
	user := s.Value().(string)
	if err := s.Server().Subscribe(s, "user:"+user); err != nil {
		return err // closes the session
	}
	data, err := json.Marshal(map[string]string{"user": user})
	if err != nil {
		return err
	}
	return s.Send(live.Message{Topic: "welcome", Data: data})
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
