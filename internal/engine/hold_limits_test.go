package engine

import (
	"testing"
)

// keptOf is what a topic keeps, nil if nothing.
func keptOf(e *Engine, name string) *kept {
	s := e.route.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[name]; t != nil {
		return t.kept
	}
	return nil
}

func TestMoreThanMostIsLate(t *testing.T) {
	s := newStage(t, Options{}, 1)
	h := s.hold(s.conns[0], "room")
	s.publishRange("room", 1, 10, Disconnect)
	catchUp(t, h, Catch{After: 6, Most: 3}, Late)
	s.settle()
	s.wantStream(0, "")
	catchUp(t, h, Catch{After: 7, Most: 3}, Live)
	s.settle()
	s.wantStream(0, "8,9,10,")
}

// Without numbers there is nowhere else to find them: Late would be for ever.
func TestMostDoesNotLimitWhatHasNoNumber(t *testing.T) {
	s := newStage(t, Options{}, 1)
	h := s.hold(s.conns[0], "room")
	s.publish(unnumbered("room", "a", Disconnect), unnumbered("room", "b", Disconnect))
	catchUp(t, h, Catch{Most: 1}, Live)
	s.settle()
	s.wantStream(0, "a,b,")
}

func TestMoreThanIsKeptIsLateWhereItHasNumbers(t *testing.T) {
	for name, o := range map[string]struct {
		frame func(seq uint64) *Frame
		n     uint64
	}{
		"in frames": {func(seq uint64) *Frame { return pub("room", seq, Disconnect) }, keptFrames + 1},
		"in bytes": {func(seq uint64) *Frame {
			return &Frame{Bytes: make([]byte, keptBytes/8), Pub: &Pub{Topic: "room", Seq: seq}}
		}, 9},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, Options{QueueBytes: 64 << 20, QueueSize: 1 << 20}, 1)
			s.socket(s.conns[0]).wrote = nil
			h := s.hold(s.conns[0], "room")
			for seq := range o.n {
				s.e.Publish("room", o.frame(seq+1), nil)
			}
			k := keptOf(s.e, "room")
			if k.lost == 0 || k.bytes > keptBytes || len(k.frames) > keptFrames {
				t.Errorf("%d frames with %d bytes are kept, %d is the last that is not", len(k.frames), k.bytes, k.lost)
			}
			catchUp(t, h, all(0), Late)
			catchUp(t, h, all(k.lost-1), Late)
			catchUp(t, h, all(k.lost), Live)
		})
	}
}

func TestMoreThanIsKeptIsHoledWhereItHasNoNumbers(t *testing.T) {
	s := newStage(t, Options{}, 2)
	h := s.hold(s.conns[0], "room")
	for range keptFrames {
		s.e.Publish("room", numbered(1), nil)
	}
	later := s.hold(s.conns[1], "room")
	s.e.Publish("room", numbered(2), nil)
	catchUp(t, h, all(0), Holed)
	catchUp(t, h, all(0), Holed)
	catchUp(t, later, all(0), Live)
	s.settle()
	s.wantStream(0, "")
	s.wantStream(1, "2,")
}

func TestNothingIsKeptOnceNobodyIsBehind(t *testing.T) {
	s := newStage(t, Options{}, 3)
	var held []Held
	for _, c := range s.conns {
		held = append(held, s.hold(c, "room"))
	}
	s.publishRange("room", 1, 3, Disconnect)
	for _, end := range []func(){
		func() { catchUp(t, held[0], all(0), Live) },
		func() { s.e.Unsubscribe(s.conns[1], "room") },
		func() { s.onLoop(s.conns[2], func(l *loop) { l.drop(s.conns[2], errFake) }) },
	} {
		if k := keptOf(s.e, "room"); k == nil || len(k.frames) != 3 {
			t.Errorf("%v is kept, want 3 frames", k)
		}
		end()
	}
	if k := keptOf(s.e, "room"); k != nil {
		t.Errorf("%d frames are kept, and nobody is behind", len(k.frames))
	}
}

func TestNumbersThatBeginAnewAreLateOnce(t *testing.T) {
	s := newStage(t, Options{}, 2)
	s.subscribe(s.conns[1], "room")
	s.publishRange("room", 100, 101, Disconnect)
	h := s.hold(s.conns[0], "room")
	s.publishRange("room", 102, 102, Disconnect)
	s.publishRange("room", 1, 3, Disconnect)
	catchUp(t, h, all(102), Late) // the caller is to look again, and finds the new ones
	catchUp(t, h, all(2), Live)
	s.publishRange("room", 4, 4, Disconnect)
	s.settle()
	s.wantStream(0, "3,4,")
	s.wantStream(1, "100,101,102,1,2,3,4,")
}

func TestHoldAfterNumbersBeganAnewIsLateForTheNewOnesAlone(t *testing.T) {
	s := newStage(t, Options{}, 2)
	s.subscribe(s.conns[1], "room")
	s.publishRange("room", 100, 101, Disconnect)
	s.publishRange("room", 1, 2, Disconnect)
	h := s.hold(s.conns[0], "room")
	catchUp(t, h, all(1), Late)
	catchUp(t, h, all(2), Live)
}
