package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

func TestTheReplyToSubscribeComesBeforeWhatIsPublishedAfter(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		for _, rule := range []live.Rule{open, remembering(100_000)} {
			r := serve(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}})
			r.server.Topic("n", rule)
			var state atomic.Int64
			end := countAllTheWhile(t, r, &state)
			c := r.speaker(t)
			for range 50 {
				s := c.join(t, "n")
				if len(c.kept) > 0 {
					t.Fatalf("before the reply came %s", c.kept[0])
				}
				first := c.next(t)
				if rule.History.On() && first != numbered("n", int(s.Seq)+1) {
					t.Fatalf("after the reply with %d came %s", s.Seq, first)
				}
				c.do(t, `{"op":"unsubscribe","topic":"n"}`)
				c.kept = nil
				c.wantNothing(t)
			}
			end()
		}
	})
}

func TestSubscribeAnswersWithTheHead(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("plain", open)
		r.server.Topic("h", remembering(5))
		r.publishNumbers(t, "h", 1, 7)
		c := r.speaker(t)
		if got := c.do(t, `{"op":"subscribe","topic":"plain"}`); got != "{}" {
			t.Errorf("without history the result is %s", got)
		}
		s := c.join(t, "h")
		if s.Seq != 7 || s.Head != 7 || s.Epoch == "" || s.Recovered != nil || s.Lost != nil {
			t.Errorf("the result is %+v", s)
		}
		c.wantNothing(t)
		r.publish(t, "h", "8")
		c.wantNumbered(t, "h", 8, 8)
	})
}

func TestSubscribingTwiceInARowDeliversNothingTwice(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(50))
		r.server.Topic("plain", open)
		r.publishNumbers(t, "h", 1, 7)
		c := r.speaker(t)
		c.join(t, "h")
		for range 2 {
			if s := c.join(t, "h"); s.Seq != 7 || s.Head != 7 {
				t.Errorf("the result is %+v", s)
			}
			c.wantNothing(t)
		}
		r.publishNumbers(t, "h", 8, 9)
		if s := c.join(t, "h"); s.Seq != 9 || s.Head != 9 {
			t.Errorf("after two more the result is %+v", s)
		}
		r.publishNumbers(t, "h", 10, 10)
		c.wantNumbered(t, "h", 8, 10)
		c.join(t, "plain")
		c.join(t, "plain")
		r.publish(t, "plain", "1")
		c.wantFrames(t, envelope("plain", "1"))
		c.wantNothing(t)
	})
}

func TestSubscribeWhatTheServerSubscribedDeliversNothingTwice(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(50))
		r.publishNumbers(t, "h", 1, 7)
		c, s := r.speakerPair(t)
		r.subscribe(t, s, "h")
		c.join(t, "h")
		c.wantNothing(t)
		r.publishNumbers(t, "h", 8, 8)
		c.wantNumbered(t, "h", 8, 8)
		if got := s.Topics(); fmt.Sprint(got) != "[h]" {
			t.Errorf("Topics() is %v", got)
		}
	})
}

func TestSubscribingAgainWhilePublishersRunLosesAndRepeatsNothing(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}})
		r.server.Topic("h", remembering(100_000))
		c := r.speaker(t)
		c.join(t, "h")
		const n = 20_000
		var publishing sync.WaitGroup
		publishing.Go(func() {
			for i := 1; i <= n; i++ {
				r.server.Publish("h", fmt.Append(nil, i))
			}
		})
		for range 50 { // which is a conflict where it was too slow, and is being brought up to date
			if got := c.ask(t, `{"op":"subscribe","topic":"h"}`); got.Error != nil && got.Error.Code != live.CodeConflict {
				t.Fatal(got.Error)
			}
		}
		c.wantNumbered(t, "h", 1, n)
		publishing.Wait()
		c.wantNothing(t)
	})
}

func TestSinceForASubscriptionThatIsThereIsAConflict(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(50))
		c := r.speaker(t)
		s := c.join(t, "h")
		c.refused(t, live.CodeConflict, fmt.Sprintf(`{"op":"subscribe","topic":"h","since":{"epoch":%q,"seq":0}}`, s.Epoch))
		c.refused(t, live.CodeConflict, `{"op":"subscribe","topic":"h","last":5}`)
		r.publishNumbers(t, "h", 1, 1)
		c.wantNumbered(t, "h", 1, 1) // still subscribed
	})
}

func TestSubscribingAgainWhileRecoveringIsAConflictAndDisturbsNothing(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 200
		r := serveTight(t, kind, live.Options{Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("h", remembering(n))
		epoch := r.epochOf(t, "h")
		for i := 1; i <= n; i++ {
			r.publish(t, "h", fat(i))
		}
		for range 6 { // what more than one page takes, and the socket does not
			r.publish(t, "h", fat(0))
		}
		c := r.speaker(t)
		id := c.start(t, fmt.Sprintf(`{"op":"subscribe","topic":"h","since":{"epoch":%q,"seq":6}}`, epoch))
		again := c.start(t, `{"op":"subscribe","topic":"h"}`)
		if got := c.await(t, id); got.Error != nil {
			t.Fatal(got.Error)
		}
		if got := c.await(t, again); got.Error != nil && got.Error.Code != live.CodeConflict {
			t.Errorf("the answer is %+v", got.Error)
		}
		for seq := 7; seq <= n+6; seq++ {
			if a := c.arrive(t); a.seq != seq {
				t.Fatalf("received %+v, want %d", a, seq)
			}
		}
		c.wantNothing(t)
	})
}

func TestUnsubscribe(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("{x}", remembering(5))
		c, s := r.speakerPair(t)
		for _, topic := range []string{"a", "b", "c", "d"} {
			c.join(t, topic)
		}
		for _, op := range []string{
			`{"op":"unsubscribe","topic":"a"}`, `{"op":"unsubscribe","topic":"a"}`,
			`{"op":"unsubscribe","topics":["b","c","never"]}`,
		} {
			if got := c.do(t, op); got != "{}" {
				t.Errorf("%s was answered with %s", op, got)
			}
		}
		for _, topic := range []string{"a", "b", "c", "d"} {
			r.publishNumbers(t, topic, 1, 1)
		}
		c.wantNumbered(t, "d", 1, 1)
		c.wantNothing(t)
		c.refused(t, live.CodeBadRequest, `{"op":"unsubscribe","topics":["d","no::topic"]}`)
		if got := fmt.Sprint(s.Topics()); got != "[d]" {
			t.Errorf("subscribed to %s", got)
		}
	})
}

func TestNothingComesAfterTheReplyToUnsubscribe(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(2000))
		r.publishNumbers(t, "h", 1, 2000)
		c := r.speaker(t)
		epoch := c.join(t, "h").Epoch
		for range 30 { // while the recovery is under way
			c.do(t, `{"op":"unsubscribe","topic":"h"}`)
			c.kept = nil
			c.wantNothing(t)
			id := c.start(t, fmt.Sprintf(`{"op":"subscribe","topic":"h","since":{"epoch":%q,"seq":0}}`, epoch))
			if got := c.await(t, id); got.Error != nil {
				t.Fatal(got.Error)
			}
		}
		c.do(t, `{"op":"unsubscribe","topic":"h"}`)
		c.kept = nil
		s := c.rejoin(t, "h", epoch, 1990)
		if !s.recovered() {
			t.Errorf("the result is %+v", s)
		}
		c.wantNumbered(t, "h", 1991, 2000)
		c.wantNothing(t)
	})
}

func TestThousandsOfTopicsInOneFrame(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		const n = 5000
		r := serve(t, kind, live.Options{ReadLimit: 1 << 20})
		refuse := func(_ context.Context, _ *live.Session, m live.Match) error {
			return live.Errorf(live.CodeForbidden, "not %s", m.Param("n"))
		}
		r.server.Topic("plain:{n}", open)
		r.server.Topic("kept:{n}", remembering(3))
		r.server.Topic("closed:{n}", live.Rule{CanSubscribe: refuse})
		r.publishNumbers(t, "kept:4", 1, 2)
		kinds := []string{"plain", "kept", "closed", "none", "bad:"}
		var op strings.Builder
		op.WriteString(`{"op":"subscribe","topics":{`)
		for i := range n {
			if i > 0 {
				op.WriteByte(',')
			}
			fmt.Fprintf(&op, `"%s:%d":null`, kinds[i%len(kinds)], i/len(kinds))
		}
		c, s := r.speakerPair(t)
		var result struct{ Topics map[string]subscribed }
		decode(t, c.do(t, op.String()+`}}`), &result)
		if len(result.Topics) != n {
			t.Fatalf("%d topics are answered, want %d", len(result.Topics), n)
		}
		codes := map[string]string{"closed": live.CodeForbidden, "none": live.CodeForbidden, "bad:": live.CodeBadRequest}
		for i := range n {
			name := fmt.Sprintf("%s:%d", kinds[i%len(kinds)], i/len(kinds))
			got, code := result.Topics[name], ""
			if got.Error != nil {
				code = got.Error.Code
			}
			if code != codes[kinds[i%len(kinds)]] {
				t.Fatalf("%s was answered with %+v", name, got)
			}
		}
		if got := result.Topics["closed:7"].Error.Message; got != "not 7" {
			t.Errorf("the refusal of one says %q", got)
		}
		if got := result.Topics["kept:4"]; got.Seq != 2 || got.Head != 2 {
			t.Errorf("the answer of one is %+v", got)
		}
		if got := len(s.Topics()); got != 2*n/len(kinds) {
			t.Errorf("subscribed to %d, want %d", got, 2*n/len(kinds))
		}
		r.publishNumbers(t, "kept:4", 3, 3)
		r.publish(t, "plain:999", "1")
		c.wantNumbered(t, "kept:4", 3, 3)
		c.wantFrames(t, envelope("plain:999", "1"))
	})
}

func TestAFailingCheckOfOneTopicLeavesNoSubscription(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		rule := remembering(3)
		rule.Presence = true
		rule.Snapshot = func(context.Context, *live.Session, live.Match) (any, error) {
			return nil, live.Errorf(live.CodeUnavailable, "come later")
		}
		r.server.Topic("a", rule)
		c, s := r.speakerPair(t)
		c.refused(t, live.CodeUnavailable, `{"op":"subscribe","topic":"a","presence":true}`)
		if got := s.Topics(); len(got) != 0 {
			t.Errorf("subscribed to %v", got)
		}
		r.publish(t, "a", "1")
		c.wantNothing(t)
		if st := r.server.Stats(); st.Subscriptions != 0 || st.Topics != 0 {
			t.Errorf("left behind: %+v", st)
		}
	})
}

func TestAnErrorForAClientIsOneJSONMember(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("a", live.Rule{CanSubscribe: func(context.Context, *live.Session, live.Match) error {
			return live.Errorf(live.CodeForbidden, "a \"quoted\"\nline \x00 \xff")
		}})
		c := r.speaker(t)
		c.text(t, `{"op":"subscribe","id":1,"topic":"a"}`)
		if got := c.next(t); !json.Valid([]byte(got)) {
			t.Errorf("received %q", got)
		}
	})
}
