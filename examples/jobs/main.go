// Command jobs shows the progress of a background job. POST /jobs starts one and answers with its topic, and a
// client that sends {"topic":"watch","data":{"topic":"job:…"}} sees it proceed.
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
)

const usage = `jobs: open http://%[1]s/ ; start a job with
  curl -X POST http://%[1]s/jobs
and send on the page, or in wscat -c ws://%[1]s/ws, with the topic that curl has shown,
  {"topic":"watch","data":{"topic":"job:…"}}
`

var demo = page.Page{
	Title: "A job's progress",
	About: "Start a job with curl -X POST to /jobs, and watch the topic that it answers with.",
	Path:  "/ws",
	Try:   []page.Try{{Topic: "watch", Data: `{"topic":"job:…"}`}},
}

// newHandler makes the program: its routes, and what ends all that it has started. work is what every job does.
func newHandler(work job) (http.Handler, func(context.Context) error) {
	jobs := newRunner(work)
	server := live.New(live.Options{
		OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
			var m struct{ Topic string }
			_ = json.Unmarshal(data, &m) // what does not fit stays empty, and no job has that topic
			if topic != "watch" || !jobs.watch(s, m.Topic) {
				_ = s.Send(live.Message{Topic: "error", Data: []byte(`{"code":"not_found","message":"watch a job's topic"}`)})
			}
		},
	})
	jobs.server = server
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/", demo.Handler())
	mux.Handle("POST /jobs", http.NewCrossOriginProtection().Handler(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			topic, err := jobs.start()
			if err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusAccepted)
			_ = json.NewEncoder(w).Encode(map[string]string{"topic": topic})
		})))
	return mux, func(ctx context.Context) error {
		jobs.stop() // first: how each of them ended still reaches those who watch
		return server.Shutdown(ctx)
	}
}

// countToTen is this program's idea of work.
func countToTen(ctx context.Context, report func(done, total int)) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := range 10 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			report(i+1, 10)
		}
	}
	return nil
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

// serve answers on l until ctx ends. Then it takes nobody new, stops the jobs, lets requests finish and every
// session have what waits for it, and closes the sessions with 1001 (going away), for 10 seconds at most.
func serve(ctx context.Context, l net.Listener) error {
	handler, shutdown := newHandler(countToTen)
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
	web.RegisterOnShutdown(func() { drained <- shutdown(closing) })
	return errors.Join(web.Shutdown(closing), <-drained)
}
