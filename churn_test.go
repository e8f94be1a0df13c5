package live_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

// within64 does something n times, by 64 goroutines.
func within64(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	var next atomic.Int64
	var work sync.WaitGroup
	for range 64 {
		work.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				if err := do(i); err != nil {
					t.Errorf("%d of %d: %v", i, n, err)
					return
				}
			}
		})
	}
	work.Wait()
}

func TestTenThousandConnectsAndDisconnectsLeaveNothing(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 10_000
		var opened, ended atomic.Int64
		r := serve(t, kind, live.Options{
			OnConnect: func(_ context.Context, s *live.Session) error {
				opened.Add(1)
				s.Server().Subscribe(s, "all")
				return s.Server().Subscribe(s, "own:"+s.ID())
			},
			OnMessage: func(_ context.Context, s *live.Session, _ string, data []byte) {
				s.Server().Publish("own:"+s.ID(), data)
			},
			OnClose: func(*live.Session, error) { ended.Add(1) },
		})
		r.pair(t)
		files, goroutines, memory := descriptors(), runtime.NumGoroutine(), heap()
		within64(t, n, func(i int) error { return visit(r, i) })
		eventually(t, "all have been told to OnClose", func() bool { return ended.Load() == n })
		if s := r.server.Stats(); opened.Load() != n+1 || s.Opened != n+1 || s.Sessions != 1 || s.Topics != 2 || s.Subscriptions != 2 {
			t.Errorf("%d opened, Stats: %+v", opened.Load(), s)
		}
		eventually(t, "goroutines and descriptors are as before", func() bool {
			return runtime.NumGoroutine() <= goroutines+2 && descriptors() <= files
		})
		for len(r.joined) > 0 { // the rig's own memory of them
			<-r.joined
			<-r.left
		}
		if grown := heap() - memory; grown > 4<<20 {
			t.Errorf("the heap has grown by %d bytes", grown)
		}
	})
}

// visit connects, talks, and leaves in one of several ways.
func visit(r *rig, i int) error {
	c, err := r.open()
	if err != nil {
		return err
	}
	defer c.nc.Close()
	if i%4 == 0 { // without a word
		return nil
	}
	if err := c.write(frame(true, opText, envelope("x", "1"))); err != nil {
		return err
	}
	if _, err := c.receive(); err != nil {
		return err
	}
	switch i % 4 {
	case 1:
		c.nc.(*net.TCPConn).SetLinger(0) // a reset
	case 2:
		c.write(closeFrame(1000, ""))
		var frame *closed
		if _, err := c.receive(); !errors.As(err, &frame) {
			return err
		}
	}
	return nil
}

func TestSubscribeAndPublishDuringCloseLeaveNothing(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		for round := range 200 {
			c, s := r.pair(t)
			var work sync.WaitGroup
			for w := range 3 {
				work.Go(func() {
					for i := range 20 {
						topic := fmt.Sprintf("t:%d:%d", w, i%7)
						r.server.Subscribe(s, topic)
						r.server.Publish(topic, []byte("1"))
						s.Send(live.Message{Topic: "direct"})
						if i%3 == 0 {
							r.server.Unsubscribe(s, topic)
						}
					}
				})
			}
			switch round % 3 {
			case 0:
				s.Close()
			case 1:
				c.nc.Close()
			case 2:
				c.write(closeFrame(1000, ""))
			}
			work.Wait()
			c.nc.Close()
			within(t, "OnClose", r.left)
			if st := r.server.Stats(); st.Topics != 0 || st.Subscriptions != 0 || st.Sessions != 0 {
				t.Fatalf("round %d: left behind: %+v", round, st)
			}
		}
	})
}

func TestSessionsMayBreakInTheMiddleOfALargeFanOut(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const crowd, breaking = 1200, 150
		r := serve(t, kind, live.Options{
			QueueSize: 1 << 16,
			OnConnect: func(_ context.Context, s *live.Session) error { return s.Server().Subscribe(s, "all") },
		})
		within64(t, crowd, func(int) error {
			c, err := r.open()
			if err == nil {
				t.Cleanup(func() { c.nc.Close() })
			}
			return err
		})
		for range crowd {
			within(t, "a session", r.joined)
		}
		var publisher sync.WaitGroup
		stop := make(chan struct{})
		publisher.Go(func() {
			for range 1000 {
				select {
				case <-stop:
					return
				default:
					r.server.Publish("all", []byte(`"to all"`))
				}
			}
		})
		for range breaking {
			c, s := r.pair(t)
			r.server.Subscribe(s, "few")
			c.nc.(*net.TCPConn).SetLinger(0)
			c.nc.Close()
			for range 20 {
				s.Send(live.Message{Topic: "direct"})
				r.server.Publish("few", []byte("1"))
			}
			s.Close()
			within(t, "OnClose", r.left)
		}
		close(stop)
		publisher.Wait()
	})
}
