// Command prices is a ticker: whoever subscribes gets the price with the answer and then each change of it, with
// nothing missed and nothing old in between, and a slow reader gets the newest price rather than all of them. A
// price is only looked for while somebody wants it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/livetopics/live"
)

const usage = `prices:
  wscat -c ws://%[1]s/ws
  > {"op":"subscribe","id":1,"topic":"price:gold"}
  > {"op":"subscribe","id":2,"topic":"price:*"}
`

// every is how often a price changes.
const every = time.Second

// market knows the prices, and follows those that somebody wants.
type market struct {
	server *live.Server // set once, before the first session

	mu     sync.Mutex // guards the fields below; held while a price is published, so that it is what snapshot says
	prices map[string]float64
	stop   map[string]context.CancelFunc
}

func newMarket() *market {
	return &market{prices: make(map[string]float64), stop: make(map[string]context.CancelFunc)}
}

func (m *market) options() live.Options {
	return live.Options{OnTopicActive: m.follow, OnTopicIdle: m.unfollow}
}

// register says what holds for prices: nobody but the program publishes them.
func (m *market) register(server *live.Server) {
	m.server = server
	server.Topic("price:{symbol}", live.Rule{CanSubscribe: live.Anyone, Overflow: live.KeepLatest, Snapshot: m.snapshot})
	server.Topic("price:*", live.Rule{CanSubscribe: live.Anyone})
}

// symbol of a topic; wildcards have none.
func symbol(topic string) (string, bool) {
	name, ok := strings.CutPrefix(topic, "price:")
	return name, ok && name != "*"
}

// snapshot is the price as it is when somebody subscribes.
func (m *market) snapshot(_ context.Context, _ *live.Session, t live.Match) (any, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.prices[t.Param("symbol")], nil
}

// follow begins to look for a price.
func (m *market) follow(topic string) {
	name, ok := symbol(topic)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ctx, stop := context.WithCancel(context.Background())
	m.stop[name] = stop
	go m.walk(ctx, name) // owner: the market; ends when nobody wants the price
}

// unfollow ends that.
func (m *market) unfollow(topic string) {
	name, ok := symbol(topic)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop[name]()
	delete(m.stop, name)
}

// walk changes a price at random. A real program would listen to an exchange.
func (m *market) walk(ctx context.Context, name string) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for price := 100.0; ; price += rand.NormFloat64() {
		m.set(name, price)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (m *market) set(name string, price float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prices[name] = price
	data, err := json.Marshal(price)
	if err == nil {
		err = m.server.Publish("price:"+name, data)
	}
	if err != nil && !errors.Is(err, live.ErrServerClosed) {
		log.Printf("price of %s: %v", name, err)
	}
}

// close stops looking for prices.
func (m *market) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, stop := range m.stop {
		stop()
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
	m := newMarket()
	defer m.close()
	server := live.New(m.options())
	m.register(server)
	mux := http.NewServeMux()
	mux.Handle("/ws", server.Handler())
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }() // owner: this call; ends when Shutdown has closed l
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
