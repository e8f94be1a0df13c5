package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// authUser makes Value the name in the Authorization header.
func authUser(_ context.Context, r *http.Request) (any, error) {
	return r.Header.Get("Authorization"), nil
}

// valueIsUser is an Identify for authUser.
func valueIsUser(value any) (string, any) { return value.(string), nil }

func TestOnRefreshExtendsTheSession(t *testing.T) {
	o := live.Options{OnRefresh: func(_ context.Context, s *live.Session, token string) error {
		if token != "new" {
			return errors.New("secret: a bad token")
		}
		s.SetExpiry(time.Now().Add(time.Hour))
		return nil
	}}
	inBubble(t, o, func(t *testing.T, r *rig) {
		c, s := r.plugIn(t)
		s.SetExpiry(time.Now().Add(time.Hour))
		for range 3 {
			pass(59 * time.Minute)
			want := fmt.Sprintf(`{"expires":%d}`, time.Now().Add(time.Hour).UnixMilli())
			if got := c.do(t, `{"op":"auth","data":{"token":"new"}}`); got != want {
				t.Errorf("the result is %s, want %s", got, want)
			}
		}
		pass(59 * time.Minute)
		if got := c.refused(t, live.CodeUnauthorized, `{"op":"auth","data":{"token":"old"}}`); strings.Contains(got, "secret") {
			t.Errorf("the client was told %q", got)
		}
		pass(time.Minute)
		c.wantCloseFrame(t, live.CloseExpired)
	})
}

func TestARefreshWithoutExpiryAnswersNull(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnRefresh: func(context.Context, *live.Session, string) error { return nil }})
		if got := r.speaker(t).do(t, `{"op":"auth","data":{"token":"x"}}`); got != `{"expires":null}` {
			t.Errorf("the result is %s", got)
		}
	})
}

// allowedTopics lets a session whose Value is the names of topics subscribe to those.
func allowedTopics(_ context.Context, s *live.Session, m live.Match) error {
	if strings.Contains(s.Value().(string), m.Topic) {
		return nil
	}
	return live.Errorf(live.CodeForbidden, "not %s", m.Topic)
}

// takeToken makes the token the session's Value.
func takeToken(_ context.Context, s *live.Session, token string) error {
	if token == "refused" {
		return live.Errorf(live.CodeForbidden, "no such user")
	}
	s.SetValue(token)
	return nil
}

func TestARefreshRevokesWhatIsNotAllowedAnyMore(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnAuth: authUser, OnRefresh: takeToken})
		rule := remembering(5)
		rule.CanSubscribe = allowedTopics
		rule.Presence = true
		r.server.Topic("{x}", rule)
		r.server.Topic("w:*", live.Rule{CanSubscribe: allowedTopics})
		c, s := r.speakerPair(t, asUser("a,b,c,w:*"))
		for _, topic := range []string{"a", "b", "w:*"} {
			c.join(t, topic)
		}
		r.subscribe(t, s, "c", "d") // the server's: not asked about
		if got := c.refused(t, live.CodeForbidden, `{"op":"auth","data":{"token":"refused"}}`); got != "no such user" {
			t.Errorf("the client was told %q", got)
		}
		c.wantNothing(t)
		c.do(t, `{"op":"auth","data":{"token":"b"}}`)
		c.wantFrames(t,
			`{"topic":"a","event":"revoked","data":{"code":"forbidden","message":"not a"}}`,
			`{"topic":"w:*","event":"revoked","data":{"code":"forbidden","message":"not w:*"}}`)
		if got := fmt.Sprint(s.Topics()); got != "[b c d]" {
			t.Errorf("subscribed to %s", got)
		}
		for _, topic := range []string{"a", "w:1", "b", "d"} {
			r.publish(t, topic, "1")
		}
		c.wantFrames(t, numbered("b", 1), numbered("d", 1))
		c.wantNothing(t)
	})
}

func TestAPanicInOnRefreshClosesTheSession(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnRefresh: func(context.Context, *live.Session, string) error { panic("boom") }})
		c := r.speaker(t)
		c.start(t, `{"op":"auth","data":{"token":"x"}}`)
		c.wantCloseFrame(t, 1011)
	})
}
