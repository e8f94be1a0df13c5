package engine

import "testing"

func TestWhatASubscriptionHasFromHistoryIsNotDeliveredToIt(t *testing.T) {
	s := newStage(t, Options{}, 3)
	first := s.hold(s.conns[0], "room")
	catchUp(t, first, all(2), Live) // alone
	s.publishRange("room", 1, 3, Disconnect)
	second := s.hold(s.conns[1], "room")
	catchUp(t, second, all(5), Live) // beside one that has 3
	third := s.hold(s.conns[2], "room")
	s.publishRange("room", 4, 4, Disconnect)
	catchUp(t, third, all(6), Live)
	s.publishRange("room", 5, 7, Disconnect)
	s.settle()
	s.wantStream(0, "3,4,5,6,7,")
	s.wantStream(1, "6,7,")
	s.wantStream(2, "7,")
	if a := s.e.route.exact("room").topics["room"].ahead; a.of != nil {
		t.Errorf("%d subscriptions are still remembered, and nobody is ahead", len(a.of))
	}
}

func TestWhoBeginsBehindTheOnlySubscriptionThatIsAheadIsLate(t *testing.T) {
	s := newStage(t, Options{}, 2)
	catchUp(t, s.hold(s.conns[0], "room"), all(5), Live)
	second := s.hold(s.conns[1], "room")
	catchUp(t, second, all(4), Late)
	catchUp(t, second, all(5), Live)
	s.publishRange("room", 4, 6, Disconnect)
	s.settle()
	s.wantStream(0, "6,")
	s.wantStream(1, "6,")
}

func TestWhoIsAheadAndFallsBehindGoesOnWhereItWas(t *testing.T) {
	s := newStage(t, Options{}, 2)
	s.subscribe(s.conns[1], "room")
	catchUp(t, s.hold(s.conns[0], "room"), all(3), Live)
	again := s.hold(s.conns[0], "room")
	if again.Seq != 3 {
		t.Errorf("Hold says number %d, want 3", again.Seq)
	}
	s.publishRange("room", 1, 2, Disconnect)
	catchUp(t, again, all(3), Live)
	s.publishRange("room", 3, 4, Disconnect)
	s.settle()
	s.wantStream(0, "4,")
	s.wantStream(1, "1,2,3,4,")
}

func TestAWildcardDoesNotBringWhatIsThereFromHistory(t *testing.T) {
	for _, beside := range []bool{false, true} {
		s := newStage(t, Options{}, 2)
		if beside {
			s.subscribe(s.conns[1], "a:b")
		}
		s.subscribe(s.conns[0], "a:*")
		catchUp(t, s.hold(s.conns[0], "a:b"), all(2), Live)
		s.publishRange("a:b", 1, 3, Disconnect)
		s.settle()
		s.wantStream(0, "3,")
		if beside {
			s.wantStream(1, "1,2,3,")
		}
	}
}
