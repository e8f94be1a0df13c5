package live_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/livetopics/live"
)

func TestAWildcardBringsThePublicationsThatMatch(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
		r.server.Topic("orders:**", live.Rule{CanSubscribe: live.Anyone})
		r.server.Topic("orders:{id}", live.Rule{History: live.History{Size: 5}})
		one, rest := r.speaker(t), r.speaker(t)
		if got := one.do(t, `{"op":"subscribe","topic":"orders:*"}`); got != "{}" {
			t.Errorf("the result is %s", got)
		}
		rest.join(t, "orders:**")
		for _, topic := range []string{"orders", "orders:1", "orders:1:2", "orders:2:3:4", "other:1"} {
			r.publish(t, topic, "1")
		}
		one.wantFrames(t, numbered("orders:1", 1))
		one.wantNothing(t)
		rest.wantFrames(t, numbered("orders:1", 1), envelope("orders:1:2", "1"), envelope("orders:2:3:4", "1"))
		rest.wantNothing(t)
		one.do(t, `{"op":"unsubscribe","topic":"orders:*"}`)
		r.publish(t, "orders:1", "2")
		one.wantNothing(t)
	})
}

func TestAWildcardNeedsARuleOfItsOwn(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("orders:{id}", open)
		r.server.Topic("orders:{id...}", open)
		r.server.Topic("mine:*", live.Rule{CanSubscribe: func(_ context.Context, _ *live.Session, m live.Match) error {
			return live.Errorf(live.CodeForbidden, "%s %q", m.Topic, m.Param("id"))
		}})
		c := r.speaker(t)
		for _, wildcard := range []string{"orders:*", "orders:**", "*", "**", "mine:**"} {
			c.refused(t, live.CodeForbidden, fmt.Sprintf(`{"op":"subscribe","topic":%q}`, wildcard))
		}
		if got := c.refused(t, live.CodeForbidden, `{"op":"subscribe","topic":"mine:*"}`); got != `mine:* ""` {
			t.Errorf("the rule was asked about %s", got)
		}
	})
}

func TestAWildcardsRuleDecidesForNarrowerOnesToo(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
		r.server.Topic("orders:{id}", live.Rule{CanSubscribe: live.Nobody})
		c := r.speaker(t)
		c.join(t, "orders:*")
		c.refused(t, live.CodeForbidden, `{"op":"subscribe","topic":"orders:1"}`)
		r.publish(t, "orders:1", "1")
		c.wantFrames(t, envelope("orders:1", "1"))
	})
}

func TestAWildcardHasNoPosition(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
		c, s := r.speakerPair(t)
		for _, more := range []string{`"since":{"epoch":"e","seq":1}`, `"last":1`, `"presence":true`} {
			c.refused(t, live.CodeBadRequest, `{"op":"subscribe","topic":"orders:*",`+more+`}`)
		}
		if len(s.Topics()) != 0 {
			t.Errorf("subscribed to %v", s.Topics())
		}
	})
}

func TestATopicAndWildcardsThatMatchItBringAPublicationOnce(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1 << 20})
		for _, wildcard := range []string{"orders:*", "orders:**", "**"} {
			r.server.Topic(wildcard, live.Rule{CanSubscribe: live.Anyone})
		}
		r.server.Topic("orders:{id}", remembering(2000))
		c := r.speaker(t)
		for _, topic := range []string{"orders:*", "orders:1", "**", "orders:**"} {
			c.join(t, topic)
		}
		r.publishNumbers(t, "orders:1", 1, 1000)
		c.wantNumbered(t, "orders:1", 1, 1000)
		c.do(t, `{"op":"unsubscribe","topics":["**","orders:1"]}`)
		r.publishNumbers(t, "orders:1", 1001, 1100)
		c.wantNumbered(t, "orders:1", 1001, 1100)
		c.wantNothing(t)
	})
}

func TestAWildcardDoesNotDisturbTheRecoveryOfATopic(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 5000
		r := serve(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}})
		r.server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
		r.server.Topic("orders:{id}", remembering(2*n))
		epoch := r.epochOf(t, "orders:1")
		r.publishNumbers(t, "orders:1", 1, n)
		c := r.speaker(t)
		c.join(t, "orders:*")
		if s := c.rejoin(t, "orders:1", epoch, 10); !s.recovered() {
			t.Fatalf("the result is %+v", s)
		}
		for i := n + 1; i <= 2*n; i++ {
			r.publish(t, "orders:1", fmt.Sprint(i))
		}
		c.wantNumbered(t, "orders:1", 11, 2*n)
		c.wantNothing(t)
	})
}

func TestEchoFalseHoldsForWildcards(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
		r.server.Topic("orders:{id}", open)
		c := r.speaker(t)
		c.join(t, "orders:*")
		c.do(t, `{"op":"publish","topic":"orders:1","data":1,"echo":false}`)
		c.do(t, `{"op":"publish","topic":"orders:1","data":2}`)
		c.wantFrames(t, envelope("orders:1", "2"))
	})
}

func TestATopicBesideItsWildcardBringsNothingTwiceAndLeavesNothingOut(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 3000
		r := serve(t, kind, live.Options{})
		r.server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
		r.server.Topic("orders:{id}", remembering(2*n))
		c := r.speaker(t)
		c.join(t, "orders:*")
		var publisher sync.WaitGroup
		publisher.Go(func() { r.publishNumbers(t, "orders:1", 1, n) }) // owner: the test; ends with the last number
		id := c.start(t, `{"op":"subscribe","topic":"orders:1"}`)
		for want, answered := 1, false; want <= n || !answered; {
			switch frame := c.next(t); {
			case !answered && strings.HasPrefix(frame, `{"id":`+id+","):
				answered = true
			case frame == numbered("orders:1", want):
				want++
			default:
				t.Fatalf("received %s, want number %d", frame, want)
			}
		}
		publisher.Wait()
		c.wantNothing(t)
	})
}
