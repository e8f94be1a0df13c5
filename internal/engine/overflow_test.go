package engine

import (
	"errors"
	"strings"
	"testing"
)

// slowStage is a stage of one connection that is subscribed to the topics, takes
// events, and whose socket takes nothing.
func slowStage(t *testing.T, o Options, topics ...string) (*stage, *Conn) {
	t.Helper()
	o.Hole = holeFrame
	s := newStage(t, o, 1)
	c := s.conns[0]
	c.TakesEvents()
	s.subscribe(c, topics...)
	s.settle()
	s.stall(c)
	return s, c
}

// wantDrained compares what the slow connection is written once its socket takes all.
func (s *stage) wantDrained(want string) {
	s.Helper()
	s.drain(s.conns[0])
	s.settle()
	s.wantStream(0, want)
	if s.conns[0].Ended() {
		s.Errorf("it has ended: %v", s.conns[0].Err())
	}
}

func TestDropOldestKeepsTheNewestAndTellsOfTheRest(t *testing.T) {
	s, _ := slowStage(t, Options{QueueSize: 4}, "room")
	for seq := uint64(1); seq <= 9; seq++ {
		s.publish(pub("room", seq, DropOldest))
	}
	s.wantDrained("room 1-6 lost 6,7,8,9,")
	if st := s.e.Stats(); st.Dropped != 6 || st.TooSlow != 0 {
		t.Errorf("Stats has %d dropped, %d too slow; want 6, 0", st.Dropped, st.TooSlow)
	}
	s.publish(pub("room", 10, DropOldest))
	s.wantStream(0, "room 1-6 lost 6,7,8,9,10,")
}

func TestHolesOfTopicsWithoutNumbersSayHowManyWereLost(t *testing.T) {
	s, _ := slowStage(t, Options{QueueSize: 4}, "room")
	for _, text := range []string{"a", "b", "c", "d", "e", "f"} {
		s.publish(unnumbered("room", text, DropOldest))
	}
	s.wantDrained("room 0-0 lost 2,c,d,e,f,")
}

func TestNobodyIsToldOfHolesWhoTakesNoEvents(t *testing.T) {
	for name, o := range map[string]Options{"no TakesEvents": {Hole: holeFrame}, "no Hole": {}} {
		t.Run(name, func(t *testing.T) {
			o.QueueSize = 4
			s := newStage(t, o, 1)
			if o.Hole == nil {
				s.conns[0].TakesEvents()
			}
			s.subscribe(s.conns[0], "room", "price")
			s.stall(s.conns[0])
			for seq := uint64(1); seq <= 6; seq++ {
				s.publish(pub("price", seq, KeepLatest), pub("room", seq, DropOldest))
			}
			s.drain(s.conns[0])
			s.wantStream(0, "5,6,6,")
		})
	}
}

func TestFrameThatWasBegunIsNeverTakenOut(t *testing.T) {
	for _, policy := range []Overflow{DropOldest, KeepLatest, Replay} {
		s, c := slowStage(t, Options{QueueSize: 2}, "room")
		var stream []byte
		s.onLoop(c, func(*loop) {
			s.socket(c).room = 2
			s.socket(c).wrote = func(_ *Conn, b []byte) { stream = append(stream, b...) }
		})
		for seq := uint64(1); seq <= 5; seq++ {
			s.publish(pub("room", seq, policy))
		}
		s.drain(c)
		want := map[Overflow]string{DropOldest: "1,room 2-4 lost 3,5,", KeepLatest: "1,room 2-4 lost 3,5,", Replay: "1,"}[policy]
		if got := payloads(stream); got != want {
			t.Errorf("policy %d: the stream is %q, want %q", policy, got, want)
		}
	}
}

func TestQueueBytesHold(t *testing.T) {
	s, c := slowStage(t, Options{QueueBytes: 100}, "room")
	for seq := uint64(1); seq <= 5; seq++ {
		f := textFrame(strings.Repeat(string('0'+rune(seq)), 30))
		f.Pub = &Pub{Topic: "room", Seq: seq, Overflow: DropOldest}
		s.publish(f)
		s.onLoop(c, func(*loop) {
			if c.out.bytes > 100 {
				t.Errorf("%d bytes wait, want 100 at most", c.out.bytes)
			}
		})
	}
	s.wantDrained("room 1-3 lost 3," + strings.Repeat("4", 30) + "," + strings.Repeat("5", 30) + ",")
}

func TestNewestOfDropOldestStaysHoweverLargeUnlessAnotherWasBegun(t *testing.T) {
	large := strings.Repeat("x", 120)
	for room, want := range map[int]string{0: "room 1-1 lost 1," + large + ",", 2: "1,room 2-2 lost 1,"} {
		s, c := slowStage(t, Options{QueueBytes: 100}, "room")
		var stream []byte
		s.onLoop(c, func(*loop) {
			s.socket(c).room = room
			s.socket(c).wrote = func(_ *Conn, b []byte) { stream = append(stream, b...) }
		})
		f := textFrame(large)
		f.Pub = &Pub{Topic: "room", Seq: 2, Overflow: DropOldest}
		s.publish(pub("room", 1, DropOldest), f)
		s.drain(c)
		if got := payloads(stream); got != want || c.Ended() {
			t.Errorf("with %d bytes begun: the stream is %q, want %q; ended: %v", room, got, want, c.Ended())
		}
	}
}

func TestKeepLatestKeepsTheNewestOfEachTopicAndKeyInOrder(t *testing.T) {
	s, _ := slowStage(t, Options{QueueSize: 4}, "room", "price")
	s.publish(
		keyed("room", 1, KeepLatest, "a"), keyed("room", 2, KeepLatest, "b"),
		keyed("price", 1, KeepLatest, "a"), keyed("room", 3, KeepLatest, "b"),
		keyed("room", 4, KeepLatest, "a"), keyed("price", 2, KeepLatest, "b"))
	s.wantDrained("room 1-2 lost 2,1,3,4,2,")
	if st := s.e.Stats(); st.Dropped != 2 {
		t.Errorf("Stats has %d dropped, want 2", st.Dropped)
	}
}

func TestKeepLatestWithoutNumbersLeavesNoHole(t *testing.T) {
	s, _ := slowStage(t, Options{}, "room")
	s.publish(unnumbered("room", "a", KeepLatest), unnumbered("room", "b", KeepLatest), unnumbered("room", "c", KeepLatest))
	s.wantDrained("c,")
}

// What tells of dropped frames must not fill the queue itself.
func TestKeepLatestOfInterleavedTopicsNeverFillsTheQueue(t *testing.T) {
	s, _ := slowStage(t, Options{QueueSize: 4}, "room", "price")
	for seq := uint64(1); seq <= 50; seq++ {
		s.publish(pub("room", seq, KeepLatest), pub("price", seq, KeepLatest))
	}
	s.wantDrained("room 1-49 lost 49,price 1-49 lost 49,50,50,")
}

func TestDropOldestOfMoreTopicsThanFitNeverFillsTheQueue(t *testing.T) {
	s, _ := slowStage(t, Options{QueueSize: 4}, names(12)...)
	want := ""
	for _, name := range names(12) {
		s.publish(pub(name, 1, DropOldest))
	}
	for _, name := range names(8) {
		want += name + " 1-1 lost 1,"
	}
	s.wantDrained(want + "1,1,1,1,")
}

func TestTopicOfDisconnectEndsTheConnectionBesideTheOthers(t *testing.T) {
	s, c := slowStage(t, Options{QueueSize: 3}, "log", "room", "price")
	s.publish(pub("log", 1, Disconnect), pub("room", 1, DropOldest), pub("price", 1, KeepLatest), pub("log", 2, Disconnect))
	if c.Ended() {
		t.Fatalf("ended where DropOldest makes room: %v", c.Err())
	}
	s.publish(pub("log", 3, Disconnect), pub("log", 4, Disconnect))
	if !errors.Is(c.Err(), ErrTooSlow) {
		t.Errorf("ended with %v, want ErrTooSlow", c.Err())
	}
	s.drain(c)
	s.wantStream(0, "too slow,")
}

func TestPoliciesOfOneConnectionActOnTheirOwnTopics(t *testing.T) {
	s, _ := slowStage(t, Options{QueueSize: 8}, "log", "room", "price")
	for seq := uint64(1); seq <= 2; seq++ {
		s.publish(pub("log", seq, Disconnect))
		for n := 4*seq - 3; n <= 4*seq; n++ {
			s.publish(pub("room", n, DropOldest), pub("price", n, KeepLatest))
		}
	}
	s.wantDrained("1,room 1-3 lost 3,4,2,5,6,7,price 1-7 lost 7,8,8,")
}

func TestReplyIsNeverRefused(t *testing.T) {
	s, c := slowStage(t, Options{QueueSize: 4}, "room")
	s.publish(pub("room", 1, DropOldest), pub("room", 2, DropOldest), pub("room", 3, DropOldest), pub("room", 4, DropOldest))
	if err := c.Send(numbered(0)); !errors.Is(err, ErrQueueFull) {
		t.Errorf("Send to a full queue: %v, want ErrQueueFull", err)
	}
	if err := c.Reply(textFrame("reply")); err != nil {
		t.Errorf("Reply to a full queue: %v", err)
	}
	s.settle()
	s.wantDrained("room 1-2 lost 2,3,4,reply,")
}

func TestReplyToAQueueWithoutRoomEndsTheConnection(t *testing.T) {
	s, c := slowStage(t, Options{QueueSize: 1}, "room")
	for n := range 2 {
		if err := c.Reply(numbered(n)); err != nil {
			t.Errorf("Reply %d: %v", n, err)
		}
		s.settle()
	}
	if err := c.Reply(numbered(2)); !errors.Is(err, ErrClosed) || !errors.Is(c.Err(), ErrTooSlow) {
		t.Errorf("Reply after the end: %v, ended with %v; want ErrClosed, ErrTooSlow", err, c.Err())
	}
}
