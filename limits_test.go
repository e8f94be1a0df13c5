package live_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

func TestSessionsAreLimitedAndGivenBack(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{Sessions: 3}})
		for range 3 {
			var sessions []*live.Session
			for range 3 {
				_, s := r.pair(t)
				sessions = append(sessions, s)
			}
			answer, body := r.refused(t, http.StatusServiceUnavailable)
			if !strings.Contains(body, "Limits.Sessions") || answer.Header.Get("Retry-After") == "" {
				t.Errorf("the refusal is %v: %s", answer.Header, body)
			}
			r.speaker(t, versioned).wantCloseFrame(t, 1013)
			for _, s := range sessions {
				s.Close()
			}
			for range sessions {
				within(t, "OnClose", r.left)
			}
			eventually(t, "all are gone", func() bool { return r.server.Stats().Sessions == 0 && gone(r, sessions) })
		}
		if n := r.server.Stats().RefusedSessions; n != 6 {
			t.Errorf("%d refusals are counted, want 6", n)
		}
	})
}

// gone reports whether nothing knows the sessions any more.
func gone(r *rig, sessions []*live.Session) bool {
	for _, s := range sessions {
		if r.server.Session(s.ID()) != nil {
			return false
		}
	}
	return true
}

func TestARefusalByOnAuthGivesItsPlaceBack(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{Sessions: 1, SessionsPerAddress: 1}, OnAuth: func(_ context.Context, r *http.Request) (any, error) {
			switch r.Header.Get("Authorization") {
			case "panic":
				panic("boom")
			case "":
				return nil, nil
			}
			return nil, live.Errorf(live.CodeForbidden, "no")
		}})
		for range 3 {
			r.refused(t, http.StatusForbidden, asUser("bob"))
			r.refused(t, http.StatusInternalServerError, asUser("panic"))
		}
		r.pair(t)
		r.refused(t, http.StatusServiceUnavailable)
	})
}

func TestSessionsPerAddressAreLimitedAndGivenBack(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		from := func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if at := r.Header.Get("X-From"); at != "" {
					r.RemoteAddr = at
				}
				h.ServeHTTP(w, r)
			})
		}
		r := serveBehind(t, kind, live.Options{Limits: live.Limits{SessionsPerAddress: 2}}, from)
		for range 3 {
			var sessions []*live.Session
			for _, at := range []string{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "[::ffff:10.0.0.2]:9", "10.0.0.3", "not an address", "not an address", "not an address"} {
				_, s := r.pair(t, header("X-From", at))
				sessions = append(sessions, s)
			}
			for _, at := range []string{"10.0.0.1:3", "10.0.0.2:3", "[::ffff:10.0.0.1]:4", "10.0.0.1"} {
				if _, body := r.refused(t, http.StatusServiceUnavailable, header("X-From", at)); !strings.Contains(body, "Limits.SessionsPerAddress") {
					t.Errorf("the refusal does not name the limit: %s", body)
				}
			}
			for _, s := range sessions {
				s.Close()
			}
			eventually(t, "all are gone", func() bool { return gone(r, sessions) && r.server.Stats().Sessions == 0 })
			for range sessions {
				within(t, "OnClose", r.left)
			}
		}
		if n := r.server.Stats().RefusedSessions; n != 12 {
			t.Errorf("%d refusals are counted, want 12", n)
		}
	})
}

func TestSubscriptionsAreLimited(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{Subscriptions: 3}})
		r.server.Topic("{x}", present(0))
		c, s := r.speakerPair(t)
		for _, topic := range []string{"a", "b", "c"} { // each with its presence
			c.do(t, fmt.Sprintf(`{"op":"subscribe","topic":%q,"presence":true}`, topic))
		}
		if got := c.refused(t, live.CodeTooLarge, `{"op":"subscribe","topic":"d"}`); !strings.Contains(got, "Limits.Subscriptions is 3") {
			t.Errorf("the refusal does not name the limit: %s", got)
		}
		c.join(t, "a") // is no more than there are
		c.do(t, `{"op":"unsubscribe","topic":"a"}`)
		var result struct{ Topics map[string]subscribed }
		decode(t, c.do(t, `{"op":"subscribe","topics":{"d":null,"e":null}}`), &result)
		if result.Topics["d"].Error != nil || result.Topics["e"].Error == nil {
			t.Errorf("with one place free the result is %+v", result)
		}
		r.subscribe(t, s, "by-the-server")
		c.do(t, `{"op":"unsubscribe","topic":"d"}`)
		c.refused(t, live.CodeTooLarge, `{"op":"subscribe","topic":"d"}`)
		if n := r.server.Stats().RefusedSubscriptions; n != 3 {
			t.Errorf("%d refusals are counted, want 3", n)
		}
	})
}

func TestTopicLengthIsLimited(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{TopicLength: 10}})
		r.server.Topic("{x}", open)
		c := r.speaker(t)
		c.join(t, "1234567890")
		for _, op := range []string{`{"op":"subscribe","topic":"12345678901"}`, `{"op":"publish","topic":"12345678901","data":1}`} {
			if got := c.refused(t, live.CodeTooLarge, op); !strings.Contains(got, "Limits.TopicLength is 10") {
				t.Errorf("the refusal does not name the limit: %s", got)
			}
		}
		r.publish(t, "12345678901", "1") // the server's own is not limited
	})
}

func TestPublicationSizeIsLimited(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{PublicationSize: 10}})
		r.server.Topic("{x}", open)
		c := r.speaker(t)
		c.do(t, `{"op":"publish","topic":"a","data":"12345678"}`)
		if got := c.refused(t, live.CodeTooLarge, `{"op":"publish","topic":"a","data":"123456789"}`); !strings.Contains(got, "Limits.PublicationSize is 10") {
			t.Errorf("the refusal does not name the limit: %s", got)
		}
	})
}

func TestMessagesBeyondTheRateAreRefusedAndTheRateRecovers(t *testing.T) {
	inBubble(t, live.Options{Limits: live.Limits{MessagesPerSecond: 10}}, func(t *testing.T, r *rig) {
		c, _ := r.plugIn(t)
		other, _ := r.plugIn(t)
		burst := func() (done int) {
			for range 100 {
				reply := c.ask(t, `{"op":"ping"}`) // has the id, done or not
				if reply.Error == nil {
					done++
				} else if reply.Error.Code != live.CodeRateLimited || !strings.Contains(reply.Error.Message, "Limits.MessagesPerSecond is 10") {
					t.Fatalf("the refusal is %+v", reply.Error)
				}
			}
			return done
		}
		if done := burst(); done < 20 || done > 30 {
			t.Errorf("a burst of %d was let through, want about 20", done)
		}
		other.do(t, `{"op":"ping"}`) // has its own
		pass(time.Second)
		if done := burst(); done != 10 {
			t.Errorf("a second later %d were let through, want 10", done)
		}
		pass(time.Minute)
		if done := burst(); done < 20 || done > 30 {
			t.Errorf("a minute later a burst of %d was let through, want about 20", done)
		}
		if n := r.server.Stats().RefusedMessages; n < 240 || n > 260 {
			t.Errorf("%d refusals are counted", n)
		}
	})
}

func TestBytesBeyondTheRateAreRefused(t *testing.T) {
	inBubble(t, live.Options{Limits: live.Limits{BytesPerSecond: 1000}}, func(t *testing.T, r *rig) {
		r.server.Topic("a", open)
		c, _ := r.plugIn(t)
		op := `{"op":"publish","topic":"a","data":"` + strings.Repeat("x", 900) + `"}`
		done := 0
		for reply := c.ask(t, op); ; reply = c.ask(t, op) {
			if reply.Error != nil {
				if reply.Error.Code != live.CodeRateLimited || !strings.Contains(reply.Error.Message, "Limits.BytesPerSecond is 1000") {
					t.Errorf("the refusal is %+v", reply.Error)
				}
				break
			}
			done++
		}
		if done < 2 || done > 3 {
			t.Errorf("%d were let through, want 2", done)
		}
		pass(time.Second)
		c.do(t, op)
	})
}

func TestAMessageWithoutOpBeyondTheRateGetsTheErrorFrame(t *testing.T) {
	inBubble(t, live.Options{Limits: live.Limits{MessagesPerSecond: 1}, OnMessage: echo}, func(t *testing.T, r *rig) {
		c, _ := r.plugIn(t)
		for range 20 {
			c.send(t, "a", "1")
			if got := c.next(t); got == envelope("a", "1") {
				continue
			} else if !strings.HasPrefix(got, `{"topic":"error","data":{"code":"rate_limited",`) {
				t.Errorf("received %s", got)
			}
			return
		}
		t.Error("nothing was refused")
	})
}

func TestAClientThatDoesNotSlowDownIsSentAway(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{MessagesPerSecond: 1}})
		c := r.speaker(t)
		go func() { // ends with the connection
			for c.write(frame(true, opText, `{"op":"ping"}`)) == nil {
			}
		}()
		c.wantCloseFrame(t, live.CloseDisconnected)
	})
}

func TestRefusedMessagesAreNoMalformedOnes(t *testing.T) {
	inBubble(t, live.Options{Limits: live.Limits{MessagesPerSecond: 10}}, func(t *testing.T, r *rig) {
		c, s := r.plugIn(t)
		for range 100 {
			c.ask(t, `{"op":"ping"}`)
		}
		pass(time.Second)
		c.refused(t, live.CodeBadRequest, `{"op":"jump"}`)
		c.do(t, `{"op":"ping"}`)
		if s.IsClosed() {
			t.Error("one malformed frame closed the session")
		}
	})
}

func TestMinusOneIsNoLimit(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{
			Sessions: -1, SessionsPerAddress: -1, Subscriptions: -1, MessagesPerSecond: -1,
			BytesPerSecond: -1, TopicLength: -1, PublicationSize: -1, HistoryBytes: -1,
		}})
		r.server.Topic("{x}", remembering(5))
		for range 3 {
			c := r.speaker(t)
			c.join(t, strings.Repeat("x", 255))
			c.do(t, `{"op":"publish","topic":"a","data":1}`)
		}
	})
}
