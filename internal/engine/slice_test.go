package engine

import (
	"slices"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// wide is more subscribers than three slices hold.
const wide = 3*sliceSize + 100

func TestRequestIsAnsweredInTheMiddleOfAWideFanOut(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	answered := make(chan struct{})
	h := &answerer{answered: answered}
	h.conn = s.join(h)
	asker := h.conn
	s.settle()
	s.at = func(n int) {
		switch n {
		case 10: // the request comes while the first slice is written
			asker.loop.inbox.push(command{kind: cmdCall, fn: func() { asker.loop.received(asker, masked(ws.OpText, "?")) }})
		case sliceSize: // the loop has seen it: the Handler works meanwhile
			<-answered
		}
	}
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	s.wantStream(wide, "answer,")
	if at := slices.Index(s.order, wide); at != 2*sliceSize {
		t.Errorf("the answer was write %d of %d, want it between the second slice and the third", at, len(s.order))
	}
}

// answerer is a Handler that answers every message.
type answerer struct {
	answered chan struct{}
	conn     *Conn
}

func (h *answerer) Opened()      {}
func (h *answerer) Closed(error) {}

func (h *answerer) Behind(Held, uint64) {}

func (h *answerer) Message(ws.Opcode, []byte) {
	h.conn.Send(textFrame("answer"))
	close(h.answered)
}

func TestSendOvertakesAWideFanOutButNotWhatCameBefore(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	last := s.conns[wide-1]
	s.during(10, func() {
		s.e.Publish("all", numbered(2), nil)
		last.Send(numbered(3))
		s.e.Publish("all", numbered(4), nil)
	})
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	s.wantStream(wide-1, "1,2,3,4,")
	s.wantStream(0, "1,2,4,")
	s.wantStream(wide-2, "1,2,4,")
	if at := slices.Index(s.order, wide-1); at != sliceSize {
		t.Errorf("the last connection was first written to at %d, want it right after the first slice", at)
	}
}

func TestSmallTopicOvertakesAWideFanOut(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	few := s.conns[wide-smallTopic:]
	for _, c := range few {
		s.subscribe(c, "few")
	}
	s.settle()
	s.during(0, func() { s.e.Publish("few", numbered(2), nil) })
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	for place := wide - smallTopic; place < wide; place++ {
		s.wantStream(place, "1,2,")
	}
	s.wantStream(0, "1,")
	if at := slices.Index(s.order, wide-1); at >= sliceSize+2*smallTopic {
		t.Errorf("the small topic's last subscriber was written to at %d, want it right after the first slice", at)
	}
}

func TestUnsubscribeInTheMiddleOfAFanOutKeepsWhatWasPublishedBefore(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	s.during(10, func() {
		s.e.Publish("all", numbered(2), nil)
		s.e.Unsubscribe(s.conns[wide-1], "all")
		s.e.Publish("all", numbered(3), nil)
	})
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	s.wantStream(wide-1, "1,2,")
	s.wantStream(wide-2, "1,2,3,")
}

func TestSubscribeInTheMiddleOfAFanOutGetsWhatIsPublishedAfter(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	s.join(silent{})
	s.during(10, func() {
		s.e.Publish("all", numbered(2), nil)
		s.e.Subscribe(s.conns[wide], "all")
		s.e.Publish("all", numbered(3), nil)
	})
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	s.wantStream(wide, "3,")
	s.wantStream(0, "1,2,3,")
}

func TestCloseInTheMiddleOfAFanOutWritesWhatWasPublishedBefore(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	s.during(10, func() {
		s.e.Publish("all", numbered(2), nil)
		s.conns[wide-1].Close(ws.CloseNormal, "", nil)
		s.e.Publish("all", numbered(3), nil)
	})
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	s.wantStream(wide-1, "1,2,close,")
	s.wantStream(wide-2, "1,2,3,")
}

func TestWriteErrorInTheMiddleOfAFanOutEndsThatConnectionAlone(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	broken := s.conns[300]
	s.onLoop(broken, func(*loop) { s.socket(broken).err = errFake })
	s.e.Publish("all", numbered(1), nil)
	s.e.Publish("all", numbered(2), nil)
	s.settle()
	s.wantStream(300, "")
	s.wantStream(299, "1,2,")
	s.wantStream(wide-1, "1,2,")
	if !broken.Ended() || s.e.Subscribers("all") != wide-1 {
		t.Errorf("ended: %v, %d subscribers; want true, %d", broken.Ended(), s.e.Subscribers("all"), wide-1)
	}
}

// What was sent to a connection is on the loop's list of what is urgent when its
// socket breaks, by the time the loop looks at that list.
func TestConnectionThatBreaksBetweenSendAndWriteIsPassedOver(t *testing.T) {
	s := newStage(t, Options{}, wide)
	s.everybody("all")
	broken := s.conns[wide-1]
	s.during(10, func() {
		broken.Send(numbered(2))
		s.socket(broken).err = errFake
		broken.Close(ws.CloseNormal, "", nil)
		s.conns[wide-2].Send(numbered(3))
	})
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	s.wantStream(wide-1, "")
	s.wantStream(wide-2, "1,3,")
}

func TestTooSlowInTheMiddleOfAFanOutEndsThatConnectionAlone(t *testing.T) {
	s := newStage(t, Options{QueueSize: 2}, wide)
	s.everybody("all")
	slow := s.conns[300]
	s.during(10, func() { s.e.Publish("all", numbered(3), nil) }) // waits in the next turn
	s.onLoop(slow, func(*loop) {
		s.socket(slow).room = 0
		for n := range 3 {
			s.e.Publish("all", numbered(n), nil)
		}
	})
	s.settle()
	s.onLoop(slow, func(l *loop) { s.socket(slow).room = anyRoom; l.writable(slow) })
	s.wantStream(300, "too slow,")
	s.wantStream(299, "0,1,2,3,")
	s.wantStream(wide-1, "0,1,2,3,")
	if !slow.Ended() {
		t.Error("a connection with 3 frames in a queue of 2 goes on")
	}
}

// What is sent to many one by one is a large fan-out, too: it must not be written in
// one go because each of them is urgent.
func TestManySendsAreSlicedAsAFanOutIs(t *testing.T) {
	s := newStage(t, Options{}, 2*wide)
	for _, c := range s.conns[:wide] {
		s.subscribe(c, "all")
	}
	s.settle()
	asked, answered := 0, 0
	s.at = func(n int) {
		switch n {
		case 10:
			for _, c := range s.conns[wide:] {
				c.Send(numbered(2))
			}
		case sliceSize + 10:
			asked = n
			s.e.loops[0].inbox.push(command{kind: cmdCall, fn: func() { answered = len(s.order) }})
		}
	}
	s.e.Publish("all", numbered(1), nil)
	s.settle()
	if waited := answered - asked; answered == 0 || waited > 2*sliceSize {
		t.Errorf("what came in waited for %d writes, want %d at most", waited, 2*sliceSize)
	}
	for place := range 2 * wide {
		s.wantStream(place, []string{"1,", "2,"}[place/wide])
	}
}
