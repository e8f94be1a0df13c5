// Command publish-http publishes from an HTTP handler, with net/http alone: what is posted to a room reaches
// everybody who follows it. Its twin publish-mizu does the same with package mizu.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"mime"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/examples/internal/page"
)

const usage = `publish-http: open http://%[1]s/ , or
  wscat -c 'ws://%[1]s/ws?room=go'
and then, elsewhere
  curl http://%[1]s/rooms/go/messages -H 'Content-Type: application/json' -d '{"text":"hello"}'
`

var demo = page.Page{
	Title: "Publishing from net/http",
	About: "What curl posts to /rooms/go/messages arrives here.",
	Path:  "/ws?room=go",
}

// message is what is posted and, once it was found to be in order, what is published.
type message struct {
	Text string `json:"text"`
}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) {
	server := live.New(live.Options{
		// Here anybody may follow any room: what OnAuth returns is the room.
		OnAuth: func(_ context.Context, r *http.Request) (any, error) { return r.URL.Query().Get("room"), nil },
		OnConnect: func(_ context.Context, s *live.Session) error {
			if err := s.Server().Subscribe(s, "room:"+s.Value().(string)); err != nil {
				return err // no such name: the session is closed with 4503
			}
			return s.Send(live.Message{Topic: "following"}) // from here on the client misses nothing
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/", demo.Handler())
	mux.HandleFunc("POST /rooms/{room}/messages", func(w http.ResponseWriter, r *http.Request) {
		m, status, err := read(w, r)
		if err != nil {
			http.Error(w, err.Error(), status)
			return
		}
		publish(w, server, "room:"+r.PathValue("room"), m)
	})
	return mux, server
}

// read takes a message from a request, or says what is wrong with it and the status that fits.
func read(w http.ResponseWriter, r *http.Request) (m message, status int, err error) {
	// A form on a foreign page can make a browser post here, but not with this type.
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
		return m, http.StatusUnsupportedMediaType, errors.New("send Content-Type: application/json")
	}
	err = json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10)).Decode(&m)
	switch tooLarge := new(http.MaxBytesError); {
	case errors.As(err, &tooLarge):
		return m, http.StatusRequestEntityTooLarge, errors.New("a message has at most 16 KiB")
	case err != nil || m.Text == "":
		return m, http.StatusBadRequest, errors.New(`send {"text":"hello"}`)
	}
	return m, http.StatusOK, nil
}

// publish sends a message to everybody who follows the topic and answers the request.
func publish(w http.ResponseWriter, server *live.Server, topic string, m message) {
	// Encoded anew, not passed on as it came: what subscribers see is what this program knows.
	data, err := json.Marshal(m)
	if err == nil {
		err = server.Publish(topic, data)
	}
	switch {
	case errors.Is(err, live.ErrInvalidTopic):
		http.Error(w, "a room's name has no spaces and no empty parts", http.StatusBadRequest)
	case err != nil:
		log.Print(err)
		http.Error(w, "it was not published: try again", http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusAccepted) // it is under way; who has read it, nobody knows
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
