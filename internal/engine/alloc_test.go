package engine

import (
	"io"
	"testing"
)

// In the steady state a publication costs at most this many allocations in the whole
// process, the slack of the runtime's own included, and a delivery none.
const allocsPerPublication = 1

func TestPublicationAllocatesTheSameForAnyNumberOfSubscribers(t *testing.T) {
	const publications = 500
	for _, n := range []int{1, 10, 100, 1000} {
		r := fanOut(t, n)
		publish := func() {
			for range publications {
				r.e.Publish("room", benchFrame, nil)
			}
			r.settle()
		}
		for range 3 { // lists grow to their size
			publish()
		}
		got := allocs(publish)
		if got > publications*allocsPerPublication {
			t.Errorf("%d publications to %d subscribers made %d allocations, want %d at most",
				publications, n, got, publications*allocsPerPublication)
		}
		t.Logf("%d subscribers: %.4f allocations per publication, %.6f per delivery",
			n, float64(got)/publications, float64(got)/float64(publications*n))
	}
}

func TestDeliveryToSocketsAllocatesNothing(t *testing.T) {
	const publications, subscribers = 300, 50
	r := newRig(t, Options{Loops: 1, QueueSize: 1 << 20})
	size := int64(publications * len(benchFrame.Bytes))
	read := make(chan error)
	goOn := make(chan struct{})
	defer close(goOn)
	for range subscribers {
		client, server := tcpPair(t)
		p := r.attach(client, server, nil, &recorder{})
		r.subscribe(&p.conn, "room")
		go func() { // owner: the test; ends with goOn
			buf := make([]byte, 32<<10)
			for range goOn {
				_, err := io.CopyBuffer(onlyWriter{}, io.LimitReader(onlyReader{client}, size), buf)
				read <- err
			}
		}()
	}
	publish := func() {
		for range subscribers {
			goOn <- struct{}{}
		}
		for range publications {
			r.e.Publish("room", benchFrame, nil)
		}
		for range subscribers {
			if err := await(r, read, "a subscriber to read everything"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 3 {
		publish()
	}
	got := allocs(publish)
	if most := uint64(publications + 20*subscribers); got > most {
		t.Errorf("%d deliveries made %d allocations, want %d at most", publications*subscribers, got, most)
	}
	t.Logf("%d deliveries to sockets: %d allocations", publications*subscribers, got)
}

// onlyReader and onlyWriter hide what io.Copy would rather use.
type (
	onlyReader struct{ r io.Reader }
	onlyWriter struct{}
)

func (r onlyReader) Read(b []byte) (int, error) { return r.r.Read(b) }
func (onlyWriter) Write(b []byte) (int, error)  { return len(b), nil }

// The frames are laid out in every way that there is: all of them in one piece, a
// topic's run of them, and the pick of one connection.
func TestLoopKeepsNoLargeMemoryOfALargeTurn(t *testing.T) {
	r := fanOut(t, 3)
	both, picked := r.fakes[0].conn, r.fakes[1].conn
	r.subscribe(both, "other")
	huge := &Frame{Bytes: make([]byte, largestArena+1)}
	r.onLoop(both, func(*loop) { // all in one turn
		r.e.Publish("room", numbered(1), nil)
		r.e.Publish("other", numbered(2), nil)
		picked.Send(numbered(3))
		r.e.Publish("room", huge, nil)
	})
	r.settle()
	r.onLoop(both, func(l *loop) {
		for _, turn := range []*turn{l.cur, l.next} {
			if cap(turn.arena) > largestArena {
				t.Errorf("a turn keeps %d bytes", cap(turn.arena))
			}
			for _, st := range turn.shards[:cap(turn.shards)] {
				if cap(st.run) > largestArena {
					t.Errorf("a shard's run keeps %d bytes", cap(st.run))
				}
			}
		}
		if cap(l.scratch) > largestArena {
			t.Errorf("the loop's scratch keeps %d bytes", cap(l.scratch))
		}
	})
}
