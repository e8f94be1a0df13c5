package engine

import (
	"errors"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// fell is what a Handler was told by Behind.
type fell struct {
	held  Held
	after uint64
}

// behindHandler passes on what Behind is told.
type behindHandler struct {
	silent
	fell chan fell
}

func (h behindHandler) Behind(held Held, after uint64) { h.fell <- fell{held, after} }

// replayStage is slowStage with a Handler that tells the test of Behind.
func replayStage(t *testing.T, o Options, topics ...string) (*stage, *Conn, <-chan fell) {
	t.Helper()
	o.Hole = holeFrame
	s := newStage(t, o, 0)
	h := behindHandler{fell: make(chan fell, 10)}
	c := s.join(h)
	c.TakesEvents()
	s.subscribe(c, topics...)
	s.settle()
	s.stall(c)
	return s, c, h.fell
}

func (s *stage) publishEach(topic string, first, last uint64, o Overflow) {
	for seq := first; seq <= last; seq++ {
		s.publish(pub(topic, seq, o))
	}
}

func TestReplayGoesOnWhereTheSocketStopped(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 3}, "room")
	s.onLoop(c, func(*loop) { s.socket(c).room = 6 }) // two frames
	s.publishEach("room", 1, 6, Replay)
	if n := len(told); n != 0 {
		t.Errorf("Behind was called %d times before the socket took anything", n)
	}
	s.publishEach("room", 7, 9, Replay)
	s.drain(c)
	f := await(s.rig, told, "Behind")
	if f.after != 2 || f.held.Topic() != "room" || f.held.Added {
		t.Errorf("Behind was told %d of %q, want 2 of room", f.after, f.held.Topic())
	}
	s.wantStream(0, "1,2,")
	catchUp(t, f.held, all(2), Late) // what the queue had is only in history
	f.held.Send(textFrame("page 3 to 6"))
	catchUp(t, f.held, all(6), Live)
	s.publishEach("room", 10, 10, Replay)
	s.wantDrained("1,2,page 3 to 6,7,8,9,10,")
	if st := s.e.Stats(); st.Replayed != 1 || st.TooSlow != 0 || st.Dropped != 0 {
		t.Errorf("Stats has %d replayed, %d too slow, %d dropped; want 1, 0, 0", st.Replayed, st.TooSlow, st.Dropped)
	}
}

func TestReplayLeavesOtherTopicsAlone(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 4}, "room", "log")
	s.publish(pub("room", 1, Replay), pub("log", 1, Disconnect), pub("room", 2, Replay), pub("log", 2, Disconnect), pub("room", 3, Replay))
	s.publish(pub("room", 4, Replay), pub("log", 3, Disconnect))
	s.drain(c)
	if f := await(s.rig, told, "Behind"); f.after != 0 {
		t.Errorf("Behind was told %d, want 0", f.after)
	}
	s.publish(pub("room", 5, Replay), pub("log", 4, Disconnect))
	s.wantStream(0, "1,2,3,4,")
}

func TestEachTopicOfReplayFallsBehindForItself(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 3}, "a", "b")
	s.publishEach("a", 1, 2, Replay)
	s.publishEach("b", 7, 8, Replay)
	s.drain(c)
	got := map[string]uint64{}
	for range 2 {
		f := await(s.rig, told, "Behind")
		got[f.held.Topic()] = f.after
	}
	if got["a"] != 0 || got["b"] != 6 {
		t.Errorf("Behind was told %v, want a: 0, b: 6", got)
	}
}

func TestSubscriptionThatIsReplayedCanFallBehindAgain(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 2}, "room")
	for round := range uint64(3) {
		first := 10 * round
		s.stall(c)
		s.publishEach("room", first+1, first+5, Replay)
		s.drain(c)
		f := await(s.rig, told, "Behind")
		if f.after != first {
			t.Errorf("Behind was told %d, want %d", f.after, first)
		}
		catchUp(t, f.held, all(first+5), Live)
		s.publishEach("room", first+6, first+10, Replay)
	}
	s.wantDrained("6,7,8,9,10,16,17,18,19,20,26,27,28,29,30,")
}

func TestUnsubscribeOfWhatIsToBeReplayed(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 2}, "room")
	s.publishEach("room", 1, 4, Replay)
	s.e.Unsubscribe(c, "room")
	s.drain(c)
	f := await(s.rig, told, "Behind")
	if f.held.Send(numbered(1)) {
		t.Error("Send says that the subscription goes on")
	}
	catchUp(t, f.held, all(4), Live)
	s.publishEach("room", 5, 5, Replay)
	s.wantDrained("")
}

func TestReplayWithoutNumbersIsDisconnect(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 2}, "room")
	for range 3 {
		s.publish(unnumbered("room", "x", Replay))
	}
	if !errors.Is(c.Err(), ErrTooSlow) || len(told) != 0 {
		t.Errorf("ended with %v, Behind called %d times; want ErrTooSlow, none", c.Err(), len(told))
	}
}

func TestBehindIsNotCalledForAConnectionThatHasEnded(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 2}, "room")
	s.publishEach("room", 1, 4, Replay)
	c.Close(ws.CloseNormal, "", nil)
	s.drain(c)
	s.settle()
	if n := len(told); n != 0 {
		t.Errorf("Behind was called %d times", n)
	}
	s.wantStream(0, "close,")
}

// What a turn has collected for a subscription that falls behind is as old as what
// waits: written later, it would come twice.
func TestWhatTheTurnHoldsFallsBehindWithTheQueue(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 2}, "room")
	s.publishEach("room", 1, 2, Replay)
	s.onLoop(c, func(l *loop) {
		l.next.publishOne(s.e.route.stripe("room").topics["room"].shards[0], pub("room", 3, Replay), nil)
		l.control(c, textFrame("pong").Bytes)
	})
	s.drain(c)
	f := await(s.rig, told, "Behind")
	catchUp(t, f.held, all(3), Live)
	s.publishEach("room", 4, 4, Replay)
	s.wantDrained("pong,4,")
}

// The loop finds the queue full while its inbox holds that the subscription was behind
// and is live again. What waits is older than where it went on: sent later, it would come
// after what the client was told of that.
func TestFullQueueWhileTheInboxHoldsACatchUpEndsTheConnection(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 3}, "room")
	s.publishEach("room", 1, 3, Replay)
	s.onLoop(c, func(l *loop) {
		h := s.hold(c, "room")
		s.publishRange("room", 4, 5, Replay)
		catchUp(t, h, all(3), Live)
		l.next.send(c, textFrame("one too many"))
		l.flushNow(c)
	})
	s.settle()
	if n := len(told); n != 0 || !errors.Is(c.Err(), ErrTooSlow) {
		t.Errorf("ended with %v, Behind called %d times; want ErrTooSlow, none", c.Err(), n)
	}
}

func TestAfterWrittenIsCalledWhenAllIsWritten(t *testing.T) {
	s, c := slowStage(t, Options{})
	written := make(chan string, 3)
	c.Send(numbered(1))
	c.AfterWritten(func() { written <- s.streams[0] })
	c.Send(numbered(2))
	s.settle()
	if len(written) > 0 {
		t.Error("called while a frame waits")
	}
	s.drain(c)
	if got := await(s.rig, written, "AfterWritten"); got != "1,2," {
		t.Errorf("called after %q", got)
	}
	s.onLoop(c, func(*loop) {
		c.Send(numbered(3))
		c.AfterWritten(func() { written <- s.streams[0] })
		c.Send(numbered(4))
	})
	if got := await(s.rig, written, "AfterWritten"); got != "1,2,3," {
		t.Errorf("called after %q, want it before what was sent later", got)
	}
}

func TestAfterWrittenIsNotCalledForAConnectionThatEnded(t *testing.T) {
	s, c := slowStage(t, Options{QueueSize: 1}, "room")
	c.Send(numbered(1))
	c.AfterWritten(func() { t.Error("called, and the frame was never written") })
	s.settle()
	s.publish(pub("room", 1, Disconnect))
	if !c.Ended() {
		t.Fatal("it has not ended")
	}
	s.drain(c)
	c.AfterWritten(func() { t.Error("called after the end") })
	s.settle()
	s.wantStream(0, "too slow,")
}
