package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/livetopics/live"
)

func TestASessionIsClosedWith4001WhenItsCredentialsRunOut(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, r *rig) {
		c, s := r.plugIn(t)
		other, os := r.plugIn(t)
		if !s.Expiry().IsZero() {
			t.Errorf("Expiry is %v at first", s.Expiry())
		}
		due := time.Now().Add(time.Hour)
		s.SetExpiry(due)
		if !s.Expiry().Equal(due) {
			t.Errorf("Expiry is %v, want %v", s.Expiry(), due)
		}
		pass(time.Hour - time.Millisecond)
		c.do(t, `{"op":"ping"}`)
		pass(time.Millisecond)
		if !s.IsClosed() {
			t.Fatal("the session is still there")
		}
		if reason := c.wantCloseFrame(t, live.CloseExpired); reason == "" {
			t.Error("the close frame gives no reason")
		}
		wantCode(t, within(t, "OnClose", r.left).err, 4001)
		other.do(t, `{"op":"ping"}`)
		if os.IsClosed() {
			t.Error("another session was closed too")
		}
	})
}

func TestALaterSetExpiryReplacesTheTime(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, r *rig) {
		later, ls := r.plugIn(t)
		never, ns := r.plugIn(t)
		sooner, ss := r.plugIn(t)
		for _, s := range []*live.Session{ls, ns, ss} {
			s.SetExpiry(time.Now().Add(time.Hour))
		}
		ls.SetExpiry(time.Now().Add(2 * time.Hour))
		ns.SetExpiry(time.Time{})
		ss.SetExpiry(time.Now().Add(time.Minute))
		pass(time.Minute)
		sooner.wantCloseFrame(t, live.CloseExpired)
		pass(time.Hour)
		later.do(t, `{"op":"ping"}`)
		pass(59 * time.Minute)
		later.wantCloseFrame(t, live.CloseExpired)
		pass(24 * time.Hour)
		never.do(t, `{"op":"ping"}`)
	})
}

func TestAnExpiryInThePastClosesAtOnce(t *testing.T) {
	inBubble(t, live.Options{OnConnect: func(_ context.Context, s *live.Session) error {
		s.SetExpiry(time.Now().Add(-time.Hour))
		return nil
	}}, func(t *testing.T, r *rig) {
		c, _ := r.plugIn(t)
		c.wantCloseFrame(t, live.CloseExpired)
	})
}

func TestExpiriesComeInTheirOrder(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, r *rig) {
		const n = 40
		var clients []*speaker
		for i := range n {
			c, s := r.plugIn(t)
			s.SetExpiry(time.Now().Add(time.Duration(i*17%n+1) * time.Second))
			clients = append(clients, c)
		}
		for after := range n {
			pass(time.Second)
			if got := r.server.Stats().Sessions; got > n-after {
				t.Fatalf("after %d s there are %d sessions", after+1, got)
			}
			for i, c := range clients {
				if i*17%n == after {
					c.wantCloseFrame(t, live.CloseExpired)
				}
			}
		}
	})
}

func TestSetExpiryOfASessionThatHasEndedDoesNothing(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, r *rig) {
		c, s := r.plugIn(t)
		s.SetExpiry(time.Now().Add(time.Hour))
		s.Close()
		c.wantCloseFrame(t, 1000)
		end := within(t, "OnClose", r.left)
		s.SetExpiry(time.Now().Add(time.Minute))
		pass(2 * time.Hour)
		if end.err != nil || s.CloseError() != nil {
			t.Errorf("it ended with %v and %v", end.err, s.CloseError())
		}
	})
}
