// Command liveitem keeps an item on many screens up to date. A client says
//
//	{"topic":"watch","data":{"item":"tea"}}
//
// and gets the item as it is and then every change, on the topic "item:tea".
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

const usage = `liveitem: open http://%[1]s/ , or
  wscat -c ws://%[1]s/ws
  > {"topic":"watch","data":{"item":"tea"}}
and then, elsewhere
  curl -X PUT http://%[1]s/items/tea -d '{"price":495}'
`

var demo = page.Page{
	Title: "Live updates of an item",
	About: "Watch an item here and change its price with curl.",
	Path:  "/ws",
	Try:   []page.Try{{Topic: "watch", Data: `{"item":"tea"}`}, {Topic: "watch", Data: `{"item":"coffee"}`}},
}

// newHandler makes the program: its routes, and the live server behind them, which the caller shuts down.
func newHandler() (http.Handler, *live.Server) {
	items := newShop()
	server := live.New(live.Options{
		OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
			var m struct{ Item string }
			_ = json.Unmarshal(data, &m) // what does not fit stays empty, and no item has that name
			if topic == "watch" {
				watch(s, items, m.Item)
			}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	mux.Handle("/", demo.Handler())
	put := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var change struct{ Price int }
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&change)
		if err != nil || change.Price <= 0 {
			http.Error(w, `send {"price":495}, in cents`, http.StatusBadRequest)
			return
		}
		reprice(w, server, items, r.PathValue("id"), change.Price)
	})
	// That no foreign page can have a browser call it is what CrossOriginProtection sees to.
	mux.Handle("PUT /items/{id}", http.NewCrossOriginProtection().Handler(put))
	return mux, server
}

// watch subscribes first and looks second: the other way round, a change between the two would be lost.
func watch(s *live.Session, items *shop, id string) {
	if _, known := items.get(id); !known {
		_ = s.Send(live.Message{Topic: "error", Data: []byte(`{"code":"not_found","message":"watch tea or coffee"}`)})
		return
	}
	if err := s.Server().Subscribe(s, "item:"+id); err != nil {
		return // the session has ended
	}
	now, _ := items.get(id)
	if data, err := json.Marshal(now); err == nil {
		_ = s.Send(live.Message{Topic: "item:" + id, Data: data})
	}
}

// reprice changes an item and shows it to everybody who watches it.
func reprice(w http.ResponseWriter, server *live.Server, items *shop, id string, price int) {
	changed, known := items.reprice(id, price)
	if !known {
		http.Error(w, "there are tea and coffee", http.StatusNotFound)
		return
	}
	data, err := json.Marshal(changed)
	if err == nil {
		err = server.Publish("item:"+id, data)
	}
	if err != nil {
		http.Error(w, "changed, but not shown: try again", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data)
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
