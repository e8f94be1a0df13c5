package engine

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// benchFrame is 170 bytes of payload, as in the load generator.
var benchFrame = &Frame{Bytes: ws.AppendFrame(nil, ws.OpText, make([]byte, 170))}

// fanOut is a loop with n subscribers whose sockets take everything at no cost.
func fanOut(t testing.TB, n int) *rig {
	r := newRig(t, Options{Loops: 1, NetSockets: true})
	for range n {
		r.subscribe(r.fake(&fakeSocket{room: anyRoom}, silent{}), "room")
	}
	r.settle()
	return r
}

// BenchmarkPublish is the engine's own cost of a publication: no system is behind
// the sockets. Publications collect while the loop is busy, as they do in a server.
func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("subscribers=%d", n), func(b *testing.B) {
			r := fanOut(b, n)
			b.ReportAllocs()
			for b.Loop() {
				r.e.Publish("room", benchFrame, nil)
			}
			r.settle()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/delivery")
		})
	}
}

// BenchmarkPublishOneByOne waits for each publication to be written to the last
// subscriber, so that none are written together.
func BenchmarkPublishOneByOne(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("subscribers=%d", n), func(b *testing.B) {
			r := fanOut(b, n-1)
			written := make(chan struct{}, 1)
			last := &fakeSocket{room: anyRoom, wrote: func(*Conn, []byte) { written <- struct{}{} }}
			r.subscribe(r.fake(last, silent{}), "room")
			b.ReportAllocs()
			for b.Loop() {
				r.e.Publish("room", benchFrame, nil)
				<-written
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/delivery")
		})
	}
}

// BenchmarkPublishToSockets has the system behind the sockets, and a goroutine that
// reads what comes out of each.
func BenchmarkPublishToSockets(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range []int{1, 100, 1000} {
			b.Run(fmt.Sprintf("%s/subscribers=%d", kind, n), func(b *testing.B) {
				r := newRig(b, Options{NetSockets: kind == "net", QueueSize: 1 << 20, QueueBytes: 1 << 30})
				for range n {
					client, server := tcpPair(b)
					go io.Copy(io.Discard, client) // owner: the rig, which closes client; ends with it
					p := r.attach(client, server, nil, &recorder{})
					r.subscribe(&p.conn, "room")
				}
				r.settle()
				b.ReportAllocs()
				for b.Loop() {
					r.e.Publish("room", benchFrame, nil)
				}
				r.settle()
				if s := r.e.Stats(); s.TooSlow > 0 {
					b.Errorf("%d subscribers were too slow", s.TooSlow)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/delivery")
			})
		}
	}
}

func BenchmarkSubscribeUnsubscribe(b *testing.B) {
	for _, n := range []int{0, 1000} {
		b.Run(fmt.Sprintf("others=%d", n), func(b *testing.B) {
			r := fanOut(b, n)
			c := r.fake(&fakeSocket{room: anyRoom}, silent{})
			b.ReportAllocs()
			for b.Loop() {
				r.e.Subscribe(c, "room")
				r.e.Unsubscribe(c, "room")
				c.loop.inbox.wait()
			}
			r.settle()
		})
	}
}

// BenchmarkInboundMessage is a message from the bytes of a socket to its Handler.
func BenchmarkInboundMessage(b *testing.B) {
	for _, batch := range []int{1, 16} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			r := newRig(b, Options{Loops: 1, NetSockets: true})
			c := r.fake(&fakeSocket{room: anyRoom}, silent{})
			var one, all []byte
			one = masked(ws.OpText, string(make([]byte, 100)))
			for range batch {
				all = append(all, one...)
			}
			buf := make([]byte, len(all))
			done := make(chan struct{})
			receive := func() {
				copy(buf, all) // the reader takes the mask off in place
				c.loop.received(c, buf)
				done <- struct{}{}
			}
			b.ReportAllocs()
			for b.Loop() {
				c.loop.inbox.push(command{kind: cmdCall, fn: receive})
				<-done
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/message")
		})
	}
}

// allocs is how many allocations the whole process makes in f.
func allocs(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}
