// Command format gives all messages one format: a type that says what it is, and a payload that belongs to the
// type. It is a list of tasks that several people edit. All on the topic "board", a client sends commands
//
//	{"topic":"board","data":{"type":"task.add","payload":{"title":"buy tea"}}}
//	{"topic":"board","data":{"type":"task.finish","payload":{"id":1}}}
//
// and gets events: first board.state, then task.added and task.finished, or failed. Types are named for what
// they are about; a command is a wish ("add"), an event is a fact ("added").
package main

import (
	"context"
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
)

const usage = `format: open http://%[1]s/ in two windows, or
  wscat -c ws://%[1]s/ws
  > {"topic":"board","data":{"type":"task.add","payload":{"title":"buy tea"}}}
`

var demo = page.Page{
	Title: "One format for all messages",
	About: "Open two windows: both see the same list of tasks change.",
	Path:  "/ws",
	Try: []page.Try{
		{Topic: "board", Data: `{"type":"task.add","payload":{"title":"buy tea"}}`},
		{Topic: "board", Data: `{"type":"task.finish","payload":{"id":1}}`},
	},
}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) {
	b := &board{}
	b.server = live.New(live.Options{
		OnConnect: func(_ context.Context, s *live.Session) error { return b.open(s) },
		OnMessage: func(_ context.Context, s *live.Session, _ string, data []byte) {
			if err := b.handle(data); err != nil {
				_ = s.Send(live.Message{Topic: topic, Data: encode(failed{Message: err.Error()})})
			}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/ws", b.server.Handler())
	mux.Handle("/", demo.Handler())
	return mux, b.server
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
