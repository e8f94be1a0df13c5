package live_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// drain receives messages up to the close frame and returns it and how many there were.
func (c *client) drain(t *testing.T) (frame *closed, messages int) {
	t.Helper()
	for {
		if _, err := c.receive(); err == nil {
			messages++
		} else if errors.As(err, &frame) {
			return frame, messages
		} else {
			t.Fatalf("after %d messages: %v, want a close frame", messages, err)
		}
	}
}

func TestAStalledReaderIsClosedWith4008AndOthersHaveEverything(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 16, Timeouts: live.Timeouts{Close: patience}})
		stalled, ss := r.pair(t)
		stalled.silent = true
		well, ws := r.pair(t)
		r.subscribe(t, ss, "n")
		r.subscribe(t, ws, "n")
		data := `"` + strings.Repeat("x", 16<<10) + `"`
		published := 0
		for ; !ss.IsClosed(); published++ {
			if published == 4000 {
				t.Fatal("64 MiB were published, and the stalled reader is still there")
			}
			r.publish(t, "n", data)
			well.want(t, "n", data) // at its pace
		}
		end := within(t, "OnClose", r.left)
		wantCode(t, end.err, live.CloseTooSlow)
		if !errors.Is(end.err, live.ErrTooSlow) || end.session != ss {
			t.Errorf("OnClose had %v for %s, want ErrTooSlow", end.err, end.session.ID())
		}
		for range 20 {
			r.publish(t, "n", data)
			well.want(t, "n", data)
		}
		if s := r.server.Stats(); s.ClosedSlow != 1 || s.Subscriptions != 1 {
			t.Errorf("Stats: %+v", s)
		}
		frame, messages := stalled.drain(t)
		if frame.code != live.CloseTooSlow || frame.reason == "" {
			t.Errorf("it then read %v", frame)
		}
		if messages == 0 || messages >= published {
			t.Errorf("it then read %d messages of %d", messages, published)
		}
	})
}

func TestTheQueueIsBoundedInBytes(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 128 << 10}, Timeouts: live.Timeouts{Close: patience}})
		stalled, s := r.pair(t)
		stalled.silent = true
		data := []byte(`"` + strings.Repeat("x", 64<<10) + `"`)
		var err error
		for i := 0; err == nil; i++ {
			if i == 1000 {
				t.Fatal("64 MiB were sent, and the stalled reader is still there")
			}
			err = s.Send(live.Message{Topic: "n", Data: data})
		}
		if !errors.Is(err, live.ErrSessionClosed) {
			t.Errorf("Send: %v", err)
		}
		wantCode(t, within(t, "OnClose", r.left).err, live.CloseTooSlow)
	})
}

func TestStalledReadersCostBoundedMemory(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const stalled = 16
		r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Close: patience}})
		well, ws := r.pair(t)
		var sessions []*live.Session
		for range stalled {
			c, s := r.pair(t)
			c.silent = true
			sessions = append(sessions, s)
		}
		before := heap()
		data := `"` + strings.Repeat("x", 8<<10) + `"`
		for range 1000 { // 128 MiB for all
			for _, s := range sessions {
				s.Send(live.Message{Topic: "n", Data: []byte(data)}) // refused, or too late, in the end
			}
			ws.Send(live.Message{Topic: "n", Data: []byte(data)})
			well.want(t, "n", data)
		}
		// The queue of 64 messages of 8 KiB, and as much again that a socket holds.
		if grown, most := heap()-before, int64(stalled)*(64*(8<<10)+(1<<20)); grown > most {
			t.Errorf("the heap has grown by %d bytes, want at most %d", grown, most)
		}
	})
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestSendToAFullQueueIsErrQueueFull(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 8})
		c, s := r.pair(t)
		c.silent = true
		data := `"` + strings.Repeat("x", 16<<10) + `"`
		var err error
		sent := 0
		for ; err == nil; sent++ {
			if sent == 4000 {
				t.Fatal("64 MiB were sent, and the queue has room")
			}
			if err = s.Send(live.Message{Topic: "n", Data: []byte(data)}); err == nil {
				eventually(t, "it is written or queued", func() bool { return r.server.Stats().Delivered > uint64(sent) })
			}
		}
		if !errors.Is(err, live.ErrQueueFull) {
			t.Fatalf("Send: %v, want ErrQueueFull", err)
		}
		if s.IsClosed() {
			t.Fatal("the session was closed; it may still catch up")
		}
		for range sent - 1 {
			c.want(t, "n", data)
		}
		eventually(t, "the queue has room again", func() bool { return s.Send(live.Message{Topic: "end"}) == nil })
		c.want(t, "end", "null")
	})
}

func TestASocketThatTakesNothingIsGivenUpAfterTheWriteTimeout(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{
			QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30},
			Timeouts: live.Timeouts{Write: 200 * time.Millisecond, Close: patience},
		})
		c, s := r.pair(t)
		c.silent = true
		data := []byte(`"` + strings.Repeat("x", 64<<10) + `"`)
		for range 100 {
			s.Send(live.Message{Topic: "n", Data: data})
		}
		end := within(t, "OnClose", r.left)
		wantCode(t, end.err, live.CloseTooSlow)
		if !errors.Is(end.err, live.ErrTooSlow) {
			t.Errorf("OnClose had %v, want ErrTooSlow", end.err)
		}
		if frame, _ := c.drain(t); frame.code != live.CloseTooSlow {
			t.Errorf("the client then read %v", frame)
		}
	})
}

func TestALoopOfAThousandPublishesHarmsNoHealthyReader(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		data := make([]string, 1000)
		for i := range data {
			data[i] = fmt.Sprintf(`{"number":%d,"text":"%s"}`, i, strings.Repeat("x", 120))
		}
		for range 10 {
			for _, d := range data {
				r.publish(t, "n", d)
			}
			c.want(t, "n", data...)
		}
	})
}

func TestOneMessageHoweverLargeMayWait(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{QueueBytes: 1 << 10}})
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		data := `"` + strings.Repeat("x", 8<<20) + `"`
		for range 3 {
			r.publish(t, "n", data)
			c.want(t, "n", data)
		}
	})
}
