package engine

import "testing"

// What is told of a topic has its place beside the replies too: they say from where a
// subscription goes on.

func TestKeepLatestTellsAfterAReplyOfWhatItDroppedAfterIt(t *testing.T) {
	s, c := slowStage(t, Options{}, "room")
	s.publishEach("room", 1, 2, KeepLatest)
	c.Reply(textFrame("reply"))
	s.publishEach("room", 3, 4, KeepLatest)
	s.wantDrained("room 1-2 lost 2,reply,room 3-3 lost 1,4,")
}

func TestDropOldestTellsAfterAReplyOfWhatItDroppedAfterIt(t *testing.T) {
	s, c := slowStage(t, Options{QueueSize: 4}, "room")
	s.publishEach("room", 1, 5, DropOldest)
	c.Reply(textFrame("reply"))
	s.publishEach("room", 6, 8, DropOldest)
	s.wantDrained("room 1-5 lost 5,reply,room 6-6 lost 1,7,8,")
}

func TestReplayLeavesAloneWhatWaitsFromBeforeTheSubscription(t *testing.T) {
	for name, leave := range map[string]bool{"ended and made again": true, "held back once more": false} {
		t.Run(name, func(t *testing.T) {
			s, c, told := replayStage(t, Options{QueueSize: 5}, "room")
			s.publishEach("room", 1, 3, Replay)
			if leave {
				s.e.Unsubscribe(c, "room")
			}
			h := s.hold(c, "room")
			c.Reply(textFrame("after 3"))
			catchUp(t, h, all(3), Live)
			s.publishEach("room", 4, 6, Replay)
			s.drain(c)
			if f := await(s.rig, told, "Behind"); f.after != 3 {
				t.Errorf("Behind was told %d, want 3", f.after)
			}
			s.wantStream(0, "1,2,3,after 3,")
		})
	}
}

func TestReplayAfterTheNumbersBeganAnewTakesOutTheNewOnes(t *testing.T) {
	s, c, told := replayStage(t, Options{QueueSize: 3}, "room")
	h := s.hold(c, "room")
	catchUp(t, h, all(100), Live)
	s.e.Renew("room", textFrame("anew"))
	s.publishEach("room", 1, 4, Replay)
	s.drain(c)
	if f := await(s.rig, told, "Behind"); f.after != 0 {
		t.Errorf("Behind was told %d, want 0", f.after)
	}
	s.wantStream(0, "anew,")
}
