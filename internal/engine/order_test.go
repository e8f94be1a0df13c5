package engine

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// The load of the tests of order.
const (
	orderPublishers = 4
	orderEach       = 300 // publications of one publisher
	orderReaders    = 8
)

func TestEverySubscriberSeesOneOrderAndEveryPublication(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops = 3
		o.QueueSize = 1 << 20
		r := newRig(t, o)
		var peers []*peer
		for range orderReaders {
			p := r.dial()
			r.subscribe(&p.conn, "room", "mine")
			peers = append(peers, p)
		}
		var publishers, readers sync.WaitGroup
		for who := range orderPublishers {
			publishers.Go(func() {
				for n := range orderEach {
					r.e.Publish("room", textFrame(fmt.Sprintf("%d:%d", who, n)), nil)
				}
			})
		}
		streams := make([][]string, orderReaders)
		for i, p := range peers {
			readers.Go(func() { streams[i] = p.readAll(orderPublishers * orderEach) })
		}
		publishers.Wait()
		readers.Wait()
		for i, s := range streams {
			if !slices.Equal(s, streams[0]) {
				t.Errorf("reader %d saw another order than reader 0", i)
			}
		}
		wantEachInOrder(t, streams[0])
	})
}

// readAll reads n text frames. It may be called by any goroutine.
func (p *peer) readAll(n int) []string {
	var list []string
	for len(list) < n {
		op, payload, err := p.next()
		if err != nil || op != ws.OpText {
			p.rig.Errorf("frame %d is %v %q, error %v", len(list), op, payload, err)
			break
		}
		list = append(list, payload)
	}
	return list
}

// wantEachInOrder wants every publisher's frames to be there once, in its order.
func wantEachInOrder(t *testing.T, stream []string) {
	t.Helper()
	next := make([]int, orderPublishers)
	for _, s := range stream {
		var who, n int
		if _, err := fmt.Sscanf(s, "%d:%d", &who, &n); err != nil || n != next[who] {
			t.Fatalf("got %q, want publication %d of that publisher", s, next[who])
		}
		next[who]++
	}
	for who, n := range next {
		if n != orderEach {
			t.Errorf("publisher %d: %d publications came, want %d", who, n, orderEach)
		}
	}
}

// Every worker has connections of its own, of which it knows what they must get of
// what it publishes itself; what others publish comes in between.
func TestRandomCallsFromManyGoroutinesKeepTheOrderOfEach(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops, o.QueueSize, o.InboxSize = 2, 1<<20, 64
		r := newRig(t, o)
		var workers []*worker
		for id := range uint64(4) {
			w := &worker{rig: r, rng: rand.New(rand.NewPCG(id, 8)), id: uint32(id)}
			for range 3 {
				w.peers = append(w.peers, r.dial())
			}
			w.want, w.subscribed = make([][]uint32, 3), make([][2]bool, 3)
			workers = append(workers, w)
		}
		var all sync.WaitGroup
		for _, w := range workers {
			all.Go(w.run)
		}
		all.Wait()
		for _, w := range workers {
			w.compare()
		}
	})
}

// worker is one goroutine of the test above.
type worker struct {
	*rig
	rng        *rand.Rand
	id, n      uint32
	peers      []*peer
	subscribed [][2]bool  // to each of its two topics, which everybody publishes to
	want       [][]uint32 // what its peers are to get from this worker itself
}

var shared = [2]string{"shared:a", "shared:b"}

func (w *worker) run() {
	for range 400 {
		who, topic := w.rng.IntN(len(w.peers)), w.rng.IntN(len(shared))
		c := &w.peers[who].conn
		switch w.rng.IntN(5) {
		case 0, 1:
			f := w.frame()
			w.e.Publish(shared[topic], f, nil)
			for i := range w.peers {
				if w.subscribed[i][topic] {
					w.want[i] = append(w.want[i], w.n)
				}
			}
		case 2:
			if err := c.Send(w.frame()); err != nil {
				w.Errorf("Send: %v", err)
			}
			w.want[who] = append(w.want[who], w.n)
		case 3:
			w.e.Subscribe(c, shared[topic])
			w.subscribed[who][topic] = true
		case 4:
			w.e.Unsubscribe(c, shared[topic])
			w.subscribed[who][topic] = false
		}
	}
	for _, p := range w.peers {
		p.conn.Close(ws.CloseNormal, "", nil)
	}
}

// frame is the next one: the worker's number and the frame's.
func (w *worker) frame() *Frame {
	w.n++
	b := binary.BigEndian.AppendUint32(nil, w.id)
	return &Frame{Bytes: ws.AppendFrame(nil, ws.OpBinary, binary.BigEndian.AppendUint32(b, w.n))}
}

// compare reads all streams up to the close frame.
func (w *worker) compare() {
	for i, p := range w.peers {
		var got []uint32
		for {
			op, payload, err := p.next()
			if err != nil {
				w.Fatalf("worker %d, connection %d: %v before the close frame", w.id, i, err)
			}
			if op == ws.OpClose {
				break
			}
			if binary.BigEndian.Uint32([]byte(payload)) == w.id {
				got = append(got, binary.BigEndian.Uint32([]byte(payload[4:])))
			}
		}
		if !slices.Equal(got, w.want[i]) {
			w.Errorf("worker %d, connection %d got %v of its own, want %v", w.id, i, got, w.want[i])
		}
	}
}
