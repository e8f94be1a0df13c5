package engine

import "testing"

// noticed makes a stage whose connections take events, but for the last.
func noticed(t *testing.T, conns int) *stage {
	s := newStage(t, Options{Hole: func(string, uint64, uint64, int) []byte { return textFrame("hole").Bytes }}, conns)
	for _, c := range s.conns[:conns-1] {
		c.TakesEvents()
	}
	s.settle()
	return s
}

func TestANoticeGoesInItsPlaceToThoseThatTakeEvents(t *testing.T) {
	s := noticed(t, 3)
	s.subscribe(s.conns[0], "room")
	s.subscribe(s.conns[1], "other")
	s.subscribe(s.conns[2], "room")
	s.publishRange("room", 1, 1, Disconnect)
	s.e.Notice("room", textFrame("lost"), 3)
	s.publishRange("room", 4, 4, Disconnect)
	s.e.Notice("nobody", textFrame("lost"), 3)
	s.settle()
	s.wantStream(0, "1,lost,4,")
	s.wantStream(1, "")
	s.wantStream(2, "1,4,")
}

func TestWhoIsBehindFindsOutFromHistoryWhatIsLost(t *testing.T) {
	s := noticed(t, 3)
	h := s.hold(s.conns[0], "room")
	catchUp(t, s.hold(s.conns[1], "room"), all(3), Live)
	s.e.Notice("room", textFrame("lost"), 3)
	s.publishRange("room", 4, 4, Disconnect)
	catchUp(t, h, all(1), Late)
	catchUp(t, h, all(3), Live)
	s.settle()
	s.wantStream(0, "4,")
	s.wantStream(1, "4,") // which had it
}

func TestWhenNumbersBeginAnewTheNewOnesAreDelivered(t *testing.T) {
	s := noticed(t, 3)
	s.subscribe(s.conns[0], "room")
	s.publishRange("room", 1, 5, Disconnect)
	h := s.hold(s.conns[1], "room")
	s.e.Renew("room", textFrame("anew"))
	s.publishRange("room", 7, 8, Disconnect) // higher than the old ones
	catchUp(t, h, all(6), Late)
	catchUp(t, h, all(7), Live)
	s.settle()
	s.wantStream(0, "1,2,3,4,5,anew,7,8,")
	s.wantStream(1, "8,")
}
