// Command publish-mizu publishes from an HTTP handler, with package mizu: what is posted to a room reaches
// everybody who follows it. Its twin publish-http does the same with net/http alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/examples/internal/page"
	"github.com/livetopics/live/mizu"
)

const usage = `publish-mizu: open http://%[1]s/ , or
  wscat -c 'ws://%[1]s/ws?room=go'
and then, elsewhere
  curl http://%[1]s/rooms/go/messages -H 'Content-Type: application/json' -d '{"text":"hello"}'
`

var demo = page.Page{
	Title: "Publishing from mizu",
	About: "What curl posts to /rooms/go/messages arrives here.",
	Path:  "/ws?room=go",
}

// message is what is posted and, once it was found to be in order, what is published.
type message struct {
	Text string `json:"text"`
}

// newApp makes the program: its routes, and the live server behind them, which the caller shuts down.
func newApp() (*mizu.App, *live.Server) {
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
	app := mizu.New()
	app.Get("/ws", mizu.Compat(server.Handler()))
	app.Handle("/", demo.Handler())
	app.Post("/rooms/{room}/messages", func(c *mizu.Ctx) error {
		var m message
		if err := c.BodyJSON(&m); err != nil {
			return err // answered with the status that fits
		}
		if m.Text == "" {
			return mizu.Error(http.StatusBadRequest, `send {"text":"hello"}`)
		}
		// Encoded anew, not passed on as it came: what subscribers see is what this program knows.
		data, err := json.Marshal(m)
		if err != nil {
			return err
		}
		err = server.Publish("room:"+c.Param("room"), data)
		if errors.Is(err, live.ErrInvalidTopic) {
			return mizu.Error(http.StatusBadRequest, "a room's name has no spaces and no empty parts")
		}
		if err != nil {
			return err // answered with 500; its text goes to the log
		}
		return c.Status(http.StatusAccepted).JSON(m) // it is under way; who has read it, nobody knows
	})
	return app, server
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
	app, server := newApp()
	app.OnShutdown(server.Shutdown) // which Shutdown waits for
	failed := make(chan error, 1)
	go func() { failed <- app.Serve(l) }() // app.Listen(addr) where the listener is of no interest
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return app.Shutdown(closing)
}
