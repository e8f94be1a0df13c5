package load_test

import (
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/bench/internal/host"
	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/wire"
)

// fault makes of the publications so far, the newest last, the frames that the subscriber gets next.
type fault func(messages [][]byte) []byte

// faultyServer serves one subscriber, with the fault, and any number of publishers.
type faultyServer struct {
	fault fault

	mu         sync.Mutex // guards what follows
	subscriber net.Conn
	messages   [][]byte
	onPong     []byte // what the answer to a ping is answered with
}

// serve upgrades one connection, and has act take what it sends, until it ends.
func serve(c net.Conn, act func(c net.Conn, op byte, message []byte)) {
	defer c.Close()
	var got []byte
	buf := make([]byte, 4096)
	upgraded := false
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		got = append(got, buf[:n]...)
		if head, _ := wire.Head(got); !upgraded && head != nil {
			upgraded = true
			key := wire.Field(head, "Sec-WebSocket-Key")
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "+wire.Accept(key)+"\r\n\r\n")
			got = got[len(head):]
		}
		for upgraded {
			frame, n, err := wire.Next(got)
			if err != nil || n == 0 {
				break
			}
			wire.Mask(frame.Payload, frame.Key)
			act(c, frame.Op, frame.Payload)
			got = got[n:]
		}
	}
}

func (f *faultyServer) act(c net.Conn, op byte, message []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if op == wire.OpPong {
		_, _ = c.Write(f.onPong)
		return
	}
	_ = host.Act(message, func(string) {
		f.subscriber = c
		_, _ = c.Write(wire.Append(nil, wire.OpText, host.Answer))
	}, func(string) {
		f.messages = append(f.messages, append([]byte(nil), message...))
		_, _ = f.subscriber.Write(f.fault(f.messages))
	})
}

// start serves until the test ends and returns the server as a scenario wants it.
func (f *faultyServer) start(t *testing.T) *process.Server {
	t.Helper()
	addr := listen(t, func(c net.Conn) { serve(c, f.act) })
	return &process.Server{Addr: addr, Dialect: host.Founding, PID: os.Getpid()}
}

// listen serves connections at the address it returns until the test ends.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { // owner: the test; ends when ln is closed
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() { serve(c) }) // owner: the test; ends with the connection
		}
	})
	t.Cleanup(func() {
		ln.Close()
		running.Wait()
	})
	return ln.Addr().String()
}

func text(message []byte) []byte { return wire.Append(nil, wire.OpText, message) }

// newest sends the newest publication, which is what a server without a fault does.
func newest(messages [][]byte) []byte { return text(messages[len(messages)-1]) }

// third applies f to the third publication alone.
func third(f fault) fault {
	return func(messages [][]byte) []byte {
		if len(messages) == 3 {
			return f(messages)
		}
		return newest(messages)
	}
}

var tiny = load.Config{
	Sessions: 1, FrameBytes: 170, Window: 8, Rate: 1000, Duration: 50 * time.Millisecond, Bursts: 1,
}

func TestEveryFaultOfAServerIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		fault fault
		want  string
	}{
		"lost":     {func([][]byte) []byte { return nil }, "got publication 3 of topic room, but 2 was due"},
		"doubled":  {func(m [][]byte) []byte { return append(newest(m), newest(m)...) }, "got publication 2 of topic room twice"},
		"late":     {func(m [][]byte) []byte { return append(newest(m), text(m[0])...) }, "got publication 0 of topic room twice or late"},
		"altered":  {func(m [][]byte) []byte { return text(append(m[2][:len(m[2])-1], ' ')) }, "neither a delivery nor the answer"},
		"error":    {func([][]byte) []byte { return text([]byte(`{"topic":"error"}`)) }, "neither a delivery nor the answer"},
		"masked":   {func(m [][]byte) []byte { return wire.AppendMasked(nil, wire.OpText, m[2], 1) }, "got a masked frame"},
		"reserved": {func([][]byte) []byte { return []byte{0xF1, 0} }, "a reserved bit is set"},
		"closed": {
			func([][]byte) []byte { return wire.Append(nil, wire.OpClose, []byte("\x0f\xa8too slow")) },
			"closed client 1 (joined): 4008 too slow",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := (&faultyServer{fault: third(c.fault)}).start(t)
			_, err := load.Run(server, "paced", tiny)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestAServerWithoutFaultIsMeasured(t *testing.T) {
	server := (&faultyServer{fault: newest}).start(t)
	r, err := load.Run(server, "paced", tiny)
	if err != nil {
		t.Fatal(err)
	}
	if r.Publications != 50 || r.Deliveries != 50 || r.Latency == nil || r.Latency.Count != 50 {
		t.Errorf("50 publications became %d, delivered %d times, latencies %+v", r.Publications, r.Deliveries, r.Latency)
	}
}

func TestFramesCutAnywhereArePutTogether(t *testing.T) {
	// The last byte of one publication comes with the next one, but for the last of the ten that warm up
	// and of the fifty that count.
	var kept []byte
	server := (&faultyServer{fault: func(m [][]byte) []byte {
		out := append(kept, newest(m)...)
		if len(m) == 10 || len(m) == 60 {
			kept = nil
			return out
		}
		kept = out[len(out)-1:]
		return out[:len(out)-1]
	}}).start(t)
	if _, err := load.Run(server, "paced", tiny); err != nil {
		t.Error(err)
	}
}

func TestPingsAreAnswered(t *testing.T) {
	// The third publication is held back until the ping sent in its place is answered.
	f := &faultyServer{}
	f.fault = third(func(m [][]byte) []byte {
		f.onPong = newest(m)
		return wire.Append(nil, wire.OpPing, []byte("?"))
	})
	config := tiny
	config.Window = 1 // so that the next one comes after the answer
	if _, err := load.Run(f.start(t), "saturated", config); err != nil {
		t.Error(err)
	}
}

func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	server := (&faultyServer{fault: newest}).start(t)
	server.Addr = "127.0.0.1:1"
	if _, err := load.Run(server, "saturated", tiny); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v, want a refused connection", err)
	}
}

func TestRunRefusesALoadThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*load.Config){
		"no sessions":       func(c *load.Config) { c.Sessions = 0 },
		"too many sessions": func(c *load.Config) { c.Sessions = 20_000 },
		"no window":         func(c *load.Config) { c.Window = 0 },
		"no rate":           func(c *load.Config) { c.Rate = 0 },
		"no time":           func(c *load.Config) { c.Duration = 0 },
		"no bursts":         func(c *load.Config) { c.Bursts = 0 },
		"tiny frames":       func(c *load.Config) { c.FrameBytes = 40 },
		"no such frame":     func(c *load.Config) { c.FrameBytes = 128 },
	} {
		config := tiny
		change(&config)
		server := (&faultyServer{fault: newest}).start(t)
		if _, err := load.Run(server, "saturated", config); err == nil {
			t.Errorf("%s: nothing was refused", name)
		}
	}
}
