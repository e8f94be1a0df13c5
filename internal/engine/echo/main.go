// Command echo sends every message back, over the engine alone: something for
// conformance suites and fuzzers to be pointed at.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/ws"
)

// readLimit is the largest message that is echoed.
const readLimit = 64 << 20

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "address to listen on")
	netSockets := flag.Bool("net", false, "use the net.Conn socket for every connection")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	fmt.Printf("echo on ws://%s/\n", l.Addr())
	if err := serve(ctx, l, *netSockets); err != nil {
		log.Fatal(err)
	}
}

// serve echoes on l until ctx ends.
func serve(ctx context.Context, l net.Listener, netSockets bool) error {
	e, err := engine.New(engine.Options{
		ReadLimit: readLimit, QueueSize: 1 << 16, QueueBytes: 4 * readLimit, NetSockets: netSockets,
	})
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler(e), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }() // owner: this call; ends with srv.Shutdown
	<-ctx.Done()
	bound, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = errors.Join(srv.Shutdown(bound), e.Shutdown(bound, ws.CloseGoingAway, ""))
	<-served
	return err
}

// connection echoes.
type connection struct{ engine.Conn }

// Opened has nothing to do.
func (c *connection) Opened() {}

// Message sends the message back. A client that does not read is closed as too slow.
func (c *connection) Message(op ws.Opcode, payload []byte) {
	c.Send(&engine.Frame{Bytes: ws.AppendFrame(nil, op, payload)})
}

// Closed has nothing to do.
func (c *connection) Closed(error) {}

// Behind is not called: no topic is replayed.
func (c *connection) Behind(engine.Held, uint64) {}

func handler(e *engine.Engine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hs, err := ws.Check(r)
		if err != nil {
			var refusal *ws.HandshakeError
			if errors.As(err, &refusal) {
				ws.WriteError(w, refusal)
			}
			return
		}
		if !e.Reserve() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		nc, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			e.Release()
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		early, _ := rw.Reader.Peek(rw.Reader.Buffered())
		if _, err := nc.Write(hs.AppendResponse(nil, "")); err != nil {
			e.Release()
			nc.Close()
			return
		}
		c := new(connection)
		e.Attach(&c.Conn, nc, append([]byte(nil), early...), c)
	})
}
