package engine

import (
	"errors"
	"slices"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

func TestNothingIsDeliveredWhileBehindAndEverythingAfter(t *testing.T) {
	s := newStage(t, Options{}, 2)
	s.subscribe(s.conns[1], "room")
	h := s.hold(s.conns[0], "room")
	s.publishRange("room", 1, 3, Disconnect)
	s.settle()
	s.wantStream(0, "")
	catchUp(t, h, all(0), Live)
	s.publishRange("room", 4, 5, Disconnect)
	s.settle()
	s.wantStream(0, "1,2,3,4,5,")
	s.wantStream(1, "1,2,3,4,5,")
}

func TestPublicationsWithoutNumbersAreAllDeliveredAfter(t *testing.T) {
	s := newStage(t, Options{}, 1)
	h := s.hold(s.conns[0], "room")
	s.publish(unnumbered("room", "a", Disconnect), unnumbered("room", "b", Disconnect))
	s.e.Publish("room", textFrame("an event"), nil)
	s.wantStream(0, "")
	catchUp(t, h, Catch{}, Live)
	s.publish(unnumbered("room", "c", Disconnect))
	s.wantStream(0, "a,b,an event,c,")
}

func TestCatchUpLeavesOutWhatWasSent(t *testing.T) {
	for after, want := range []string{"1,2,3,event,4,", "2,3,event,4,", "3,event,4,", "event,4,", "event,", "event,"} {
		s := newStage(t, Options{}, 1)
		h := s.hold(s.conns[0], "room")
		s.publishRange("room", 1, 3, Disconnect)
		s.e.Publish("room", textFrame("event"), nil)
		s.publishRange("room", 4, 4, Disconnect)
		catchUp(t, h, all(uint64(after)), Live)
		s.settle()
		s.wantStream(0, want)
	}
}

func TestCatchUpIsLateUntilAllBeforeHoldWasSent(t *testing.T) {
	s := newStage(t, Options{}, 2)
	s.subscribe(s.conns[1], "room")
	s.publishRange("room", 1, 5, Disconnect)
	h := s.hold(s.conns[0], "room")
	if !h.Added || h.Seq != 5 {
		t.Errorf("Hold says added: %v, number %d; want true, 5", h.Added, h.Seq)
	}
	catchUp(t, h, all(4), Late)
	s.publishRange("room", 6, 6, Disconnect)
	catchUp(t, h, all(5), Live)
	s.settle()
	s.wantStream(0, "6,")
}

func TestLiveSubscriptionThatIsHeldGetsEachPublicationOnce(t *testing.T) {
	s := newStage(t, Options{}, 1)
	c := s.conns[0]
	s.subscribe(c, "room")
	s.onLoop(c, func(*loop) { // all of it waits in the inbox, and is done in one turn
		for seq := uint64(1); seq < 10; seq += 3 {
			s.publishRange("room", seq, seq, Disconnect)
			h := s.hold(c, "room")
			if h.Added || h.Seq != seq {
				t.Errorf("Hold says added: %v, number %d; want false, %d", h.Added, h.Seq, seq)
			}
			s.publishRange("room", seq+1, seq+2, Disconnect)
			catchUp(t, h, all(h.Seq), Live)
		}
	})
	s.settle()
	s.wantStream(0, "1,2,3,4,5,6,7,8,9,")
}

func TestSendsAndPublicationsAroundHoldKeepTheirOrder(t *testing.T) {
	s := newStage(t, Options{}, 1)
	c := s.conns[0]
	s.subscribe(c, "room", "other")
	s.onLoop(c, func(*loop) {
		s.publishRange("room", 1, 1, Disconnect)
		c.Send(textFrame("sent"))
		h := s.hold(c, "room")
		s.publishRange("room", 2, 2, Disconnect)
		c.Send(textFrame("reply"))
		s.e.Publish("other", textFrame("other"), nil)
		if !h.Send(textFrame("page")) {
			t.Error("Send says that the subscription has ended")
		}
		catchUp(t, h, all(1), Live)
		c.Send(textFrame("sent"))
		s.publishRange("room", 3, 3, Disconnect)
		c.Send(textFrame("last"))
	})
	s.settle()
	s.wantStream(0, "1,sent,reply,other,page,2,sent,3,last,")
}

func TestHoldOfASubscriptionThatIsBehindIsRefused(t *testing.T) {
	s := newStage(t, Options{}, 2)
	h := s.hold(s.conns[0], "room")
	if _, err := s.e.Hold(s.conns[0], "room", 0); !errors.Is(err, ErrBehind) {
		t.Errorf("Hold once more: %v, want ErrBehind", err)
	}
	if added, err := s.e.Subscribe(s.conns[0], "room"); added || err != nil {
		t.Errorf("Subscribe while behind = %v, %v; want false, nil", added, err)
	}
	s.publishRange("room", 1, 1, Disconnect)
	s.settle()
	s.wantStream(0, "")
	s.hold(s.conns[1], "room")
	catchUp(t, h, all(0), Live)
	s.hold(s.conns[0], "room")
}

func TestUnsubscribeWhileBehindEndsIt(t *testing.T) {
	s := newStage(t, Options{}, 2)
	c := s.conns[0]
	s.subscribe(s.conns[1], "room")
	for _, again := range []bool{false, true} {
		h := s.hold(c, "room")
		s.publishRange("room", 1, 1, Disconnect)
		if removed, err := s.e.Unsubscribe(c, "room"); !removed || err != nil || s.e.Subscribers("room") != 1 {
			t.Errorf("Unsubscribe = %v, %v and leaves %d; want true, nil and 1", removed, err, s.e.Subscribers("room"))
		}
		if again {
			s.subscribe(c, "room")
		}
		if h.Send(numbered(7)) {
			t.Error("Send to a subscription that has ended says that it goes on")
		}
		catchUp(t, h, all(0), Live)
	}
	s.publishRange("room", 2, 2, Disconnect)
	s.settle()
	s.wantStream(0, "2,")
}

func TestEndOfTheConnectionWhileBehindEndsIt(t *testing.T) {
	for name, end := range map[string]func(s *stage, c *Conn){
		"Close": func(_ *stage, c *Conn) { c.Close(ws.CloseNormal, "", nil) },
		"a lost connection": func(s *stage, c *Conn) {
			s.onLoop(c, func(l *loop) { l.drop(c, errFake) })
		},
		"Close and a lost connection": func(s *stage, c *Conn) {
			s.onLoop(c, func(l *loop) {
				c.Close(ws.CloseNormal, "", nil)
				l.drop(c, errFake)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, Options{}, 1)
			h := s.hold(s.conns[0], "room")
			s.publishRange("room", 1, 1, Disconnect)
			end(s, s.conns[0])
			if h.Send(numbered(1)) {
				t.Error("Send to a connection that has ended says that it goes on")
			}
			catchUp(t, h, all(0), Live)
			if _, err := s.e.Hold(s.conns[0], "room", 0); !errors.Is(err, ErrClosed) {
				t.Errorf("Hold of a connection that has ended: %v, want ErrClosed", err)
			}
			s.settle()
			if n := s.e.Subscribers("room"); n != 0 {
				t.Errorf("%d subscribers are left", n)
			}
		})
	}
}

func TestCatchUpLeavesOutOriginsAndWhatExceptsTheConnection(t *testing.T) {
	s := newStage(t, Options{}, 2)
	h := s.hold(s.conns[0], "room")
	s.subscribe(s.conns[1], "room")
	s.e.Publish("room", from("me", pub("room", 1, Disconnect)), nil)
	s.e.Publish("room", from("you", pub("room", 2, Disconnect)), s.conns[0])
	s.e.Publish("room", from("you", pub("room", 3, Disconnect)), s.conns[1])
	s.e.Publish("room", textFrame("of nobody"), nil)
	catchUp(t, h, Catch{Most: 10, Skip: func(origin string) bool { return origin == "me" }}, Live)
	s.settle()
	s.wantStream(0, "3,of nobody,")
	s.wantStream(1, "1,2,of nobody,")
}

func TestFlagsAreThoseOfHold(t *testing.T) {
	s := newStage(t, Options{}, 1)
	c := s.conns[0]
	if flags, subscribed := c.Flags("room"); flags != 0 || subscribed {
		t.Errorf("Flags without a subscription = %d, %v", flags, subscribed)
	}
	s.subscribe(c, "other")
	for _, flags := range []uint8{1, 4} {
		h, err := s.e.Hold(c, "room", flags)
		if err != nil {
			t.Fatal(err)
		}
		catchUp(t, h, all(0), Live)
	}
	if flags, subscribed := c.Flags("room"); flags != 5 || !subscribed {
		t.Errorf("Flags = %d, %v; want 5, true", flags, subscribed)
	}
	if got := c.TopicsWith(4 | 2); !slices.Equal(got, []string{"room"}) {
		t.Errorf("TopicsWith = %q, want the one that has one of the flags", got)
	}
	if _, subscribed := c.Flags("other"); !subscribed {
		t.Error("Flags does not know a subscription of Subscribe")
	}
}

func TestSeveralAreBehindAtOnceOnTwoLoops(t *testing.T) {
	r := newRig(t, Options{Loops: 2, NetSockets: true})
	var held []Held
	var streams [4]string
	for i := range streams {
		c := r.fake(&fakeSocket{room: anyRoom, wrote: func(_ *Conn, b []byte) { streams[i] += payloads(b) }}, silent{})
		held = append(held, r.hold(c, "room"))
		r.publishRange("room", uint64(i+1), uint64(i+1), Disconnect)
	}
	for i, h := range held {
		if i > 0 {
			catchUp(t, h, all(uint64(i-1)), Late)
		}
		catchUp(t, h, all(uint64(i)), Live)
		r.publishRange("room", uint64(i+5), uint64(i+5), Disconnect)
	}
	r.settle()
	for i, want := range []string{"1,2,3,4,5,6,7,8,", "2,3,4,5,6,7,8,", "3,4,5,6,7,8,", "4,5,6,7,8,"} {
		if streams[i] != want {
			t.Errorf("subscriber %d was written %q, want %q", i, streams[i], want)
		}
	}
}
