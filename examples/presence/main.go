// Command presence shows who is in a room, kept by hand: OnMessage lets a user in, OnClose takes out who has
// gone. A user with two windows is one member, and leaves with the last of them.
//
//	{"topic":"join","data":{"room":"go"}}     is answered with {"topic":"members","data":{"room":"go","members":["ann"]}}
//	{"topic":"leave","data":{"room":"go"}}
//
// and everybody in the room sees {"topic":"room:go","data":{"event":"join","user":"ann"}}, or "leave".
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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/examples/internal/page"
)

const usage = `presence: open http://%[1]s/ in several windows, or
  wscat -c 'ws://%[1]s/ws?name=ann'
  > {"topic":"join","data":{"room":"go"}}
`

var demo = page.Page{
	Title: "Presence by hand",
	About: "Open several windows, give them different names, join, and close some of them.",
	Path:  "/ws?name=ann",
	Try:   []page.Try{{Topic: "join", Data: `{"room":"go"}`}, {Topic: "leave", Data: `{"room":"go"}`}},
}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) { return newRoster().handler() }

func (p *roster) handler() (http.Handler, *live.Server) {
	p.server = live.New(live.Options{
		OnAuth:    authenticate,
		OnMessage: p.message,
		OnClose: func(s *live.Session, _ error) {
			for _, topic := range s.Topics() { // still there, for just this
				p.leave(s, topic)
			}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/ws", p.server.Handler())
	mux.Handle("/", demo.Handler())
	return mux, p.server
}

// authenticate lets everybody in who gives a name. A real program would look at a cookie or a token here.
func authenticate(_ context.Context, r *http.Request) (any, error) {
	name := strings.TrimSpace(r.URL.Query().Get("name"))
	if name == "" || len(name) > 40 {
		return nil, errors.New("name has 1 to 40 bytes: connect to /ws?name=ann")
	}
	return name, nil
}

// message runs for one session at a time: what Topics says cannot change under it.
func (p *roster) message(_ context.Context, s *live.Session, topic string, data []byte) {
	var m struct{ Room string }
	_ = json.Unmarshal(data, &m) // what does not fit stays empty, and no topic ends like that
	room := "room:" + m.Room
	in := slices.Contains(s.Topics(), room)
	switch {
	case topic == "join" && !in:
		p.join(s, room)
	case topic == "leave" && in:
		p.leave(s, room)
		_ = p.server.Unsubscribe(s, room) // afterwards: who leaves sees it done
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
