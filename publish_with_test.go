package live_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

func TestEchoFalseKeepsAPublicationFromItsSender(t *testing.T) {
	for name, rule := range map[string]live.Rule{"with history": remembering(10), "without": open} {
		t.Run(name, func(t *testing.T) {
			onTLSToo(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				r.server.Topic("a", rule)
				sender, other := r.speaker(t), r.speaker(t)
				sender.join(t, "a")
				other.join(t, "a")
				for n := 1; n <= 3; n++ {
					sender.do(t, fmt.Sprintf(`{"op":"publish","topic":"a","data":%d,"echo":%t}`, n, n == 2))
				}
				want := [4]string{}
				for n := range want {
					want[n] = envelope("a", fmt.Sprint(n))
					if rule.History.On() {
						want[n] = numbered("a", n)
					}
				}
				sender.wantFrames(t, want[2])
				sender.wantNothing(t)
				other.wantFrames(t, want[1:]...)
			})
		})
	}
}

func TestEchoFalseHoldsForWhatANamedClientRecovers(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnAuth: authUser, Identify: valueIsUser})
		r.server.Topic("a", remembering(10))
		c := r.speaker(t, named("phone"), asUser("ann"))
		epoch := c.join(t, "a").Epoch
		c.do(t, `{"op":"publish","topic":"a","data":1,"echo":false}`)
		c.do(t, `{"op":"publish","topic":"a","data":2}`)
		c.do(t, `{"op":"publish","topic":"a","data":3,"echo":false}`)
		for _, again := range []struct {
			who  string
			edit []func(*request)
			want []int
		}{
			{"the same", []func(*request){named("phone"), asUser("ann")}, []int{2}},
			{"another client", []func(*request){named("laptop"), asUser("ann")}, []int{1, 2, 3}},
			{"another user", []func(*request){named("phone"), asUser("bob")}, []int{1, 2, 3}},
			{"a client without a name", []func(*request){asUser("ann")}, []int{1, 2, 3}},
		} {
			s := r.speaker(t, again.edit...)
			if got := s.rejoin(t, "a", epoch, 0); !got.recovered() {
				t.Errorf("%s: the result is %+v", again.who, got)
			}
			for _, n := range again.want {
				s.wantFrames(t, numbered("a", n))
			}
			s.wantNothing(t)
		}
		var all page
		decode(t, c.do(t, `{"op":"history","topic":"a"}`), &all)
		if len(all.Publications) != 3 { // whoever asks for history gets all
			t.Errorf("the history is %+v", all)
		}
	})
}

func TestClientNamesAreLimited(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.speaker(t, named(strings.Repeat("x", 64)))
		for _, name := range []string{strings.Repeat("x", 65), "%00", "a%0ab", "%ff"} {
			if _, body := r.refused(t, 400, named(name)); !strings.Contains(body, "client") {
				t.Errorf("the answer does not name the parameter: %s", body)
			}
		}
	})
}

func TestPublishWithReturnsThePosition(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("kept", remembering(10))
		c := r.speaker(t)
		epoch := c.join(t, "kept").Epoch
		for n := 1; n <= 2; n++ {
			p, err := r.server.PublishWith(t.Context(), "kept", fmt.Append(nil, n), live.PublishOptions{})
			if err != nil || p.Epoch != epoch || int(p.Seq) != n {
				t.Errorf("the position is %+v, %v", p, err)
			}
		}
		if p, err := r.server.PublishWith(t.Context(), "plain", []byte("1"), live.PublishOptions{}); p != (live.Position{}) || err != nil {
			t.Errorf("without history the position is %+v, %v", p, err)
		}
		c.wantNumbered(t, "kept", 1, 2)
	})
}

func TestPublishWithExcept(t *testing.T) {
	for name, rule := range map[string]live.Rule{"with history": remembering(10), "without": open} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				r.server.Topic("a", rule)
				c, s := r.speakerPair(t, named("phone"))
				other, _ := r.speakerPair(t)
				epoch := c.join(t, "a").Epoch
				other.join(t, "a")
				r.server.PublishWith(t.Context(), "a", []byte("1"), live.PublishOptions{Except: s})
				r.publish(t, "a", "2")
				frames := []string{numbered("a", 1), numbered("a", 2)}
				if !rule.History.On() {
					frames = []string{envelope("a", "1"), envelope("a", "2")}
				}
				c.wantFrames(t, frames[1])
				other.wantFrames(t, frames...)
				if rule.History.On() {
					again := r.speaker(t, named("phone"))
					again.rejoin(t, "a", epoch, 0)
					again.wantFrames(t, frames[1])
				}
			})
		})
	}
}

func TestWrongPublishOptionsAreErrors(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Limits: live.Limits{PublicationSize: 100}})
		other := serve(t, kind, live.Options{})
		_, stranger := other.pair(t)
		r.server.Topic("a", remembering(5))
		long := strings.Repeat("x", 129)
		for name, c := range map[string]struct {
			topic, data string
			options     live.PublishOptions
			want        error
		}{
			"long key":            {"a", "1", live.PublishOptions{Key: long}, live.ErrInvalidKey},
			"long dedup":          {"a", "1", live.PublishOptions{Dedup: long}, live.ErrInvalidKey},
			"control character":   {"a", "1", live.PublishOptions{Key: "a\nb"}, live.ErrInvalidKey},
			"no UTF-8":            {"a", "1", live.PublishOptions{Dedup: "\xff"}, live.ErrInvalidKey},
			"session of another":  {"a", "1", live.PublishOptions{Except: stranger}, live.ErrWrongServer},
			"wildcard":            {"a:*", "1", live.PublishOptions{}, live.ErrInvalidTopic},
			"reserved topic":      {"$a", "1", live.PublishOptions{}, live.ErrInvalidTopic},
			"no JSON":             {"a", "{", live.PublishOptions{}, live.ErrInvalidData},
			"larger than allowed": {"a", `"` + strings.Repeat("x", 99) + `"`, live.PublishOptions{}, live.ErrTooLarge},
		} {
			if _, err := r.server.PublishWith(t.Context(), c.topic, []byte(c.data), c.options); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if !r.log.has("refused to publish", "Limits.PublicationSize") {
			t.Error("a refusal was not logged")
		}
		if n := r.server.Stats().Published; n != 0 {
			t.Errorf("%d were published", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.server.PublishWith(ctx, "a", []byte("1"), live.PublishOptions{}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
}

func TestADedupMakesARepeatHarmless(t *testing.T) {
	for name, rule := range map[string]live.Rule{"with history": remembering(10), "without": open} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{OnAuth: authUser, Identify: valueIsUser})
				r.server.Topic("{x}", rule)
				ann, phone, bob := r.speaker(t, asUser("ann")), r.speaker(t, asUser("ann")), r.speaker(t, asUser("bob"))
				ann.join(t, "a")
				op := `{"op":"publish","topic":"a","data":{"n":1},"dedup":"d"}`
				first := ann.do(t, op)
				for _, c := range []*speaker{ann, phone} { // of the same user
					if got := c.do(t, op); got != first {
						t.Errorf("the repeat was answered with %s, the first with %s", got, first)
					}
				}
				phone.refused(t, live.CodeConflict, `{"op":"publish","topic":"a","data":2,"dedup":"d"}`)
				phone.refused(t, live.CodeConflict, `{"op":"publish","topic":"a","data":{"n":1},"key":"k","dedup":"d"}`)
				bob.do(t, `{"op":"publish","topic":"a","data":3,"dedup":"d"}`) // his own
				phone.do(t, `{"op":"publish","topic":"b","data":4,"dedup":"d"}`)
				if _, err := r.server.PublishWith(t.Context(), "a", []byte("5"), live.PublishOptions{Dedup: "d"}); err != nil {
					t.Error(err)
				}
				if _, err := r.server.PublishWith(t.Context(), "a", []byte("6"), live.PublishOptions{Dedup: "d"}); !errors.Is(err, live.ErrConflict) {
					t.Errorf("the server's own repeat with other data: %v", err)
				}
				for i, data := range []string{`{"n":1}`, "3", "5"} {
					want := envelope("a", data)
					if rule.History.On() {
						want = fmt.Sprintf(`{"topic":"a","data":%s,"seq":%d}`, data, i+1)
					}
					ann.wantFrames(t, want)
				}
				ann.wantNothing(t)
			})
		})
	}
}

func TestWithoutUsersADedupIsThatOfTheNamedClient(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("a", remembering(10))
		const op = `{"op":"publish","topic":"a","data":1,"dedup":"d"}`
		first := r.speaker(t, named("phone")).do(t, op)
		if again := r.speaker(t, named("phone")).do(t, op); again != first {
			t.Errorf("the repeat over another connection was answered with %s, the first with %s", again, first)
		}
		for _, other := range []*speaker{r.speaker(t, named("laptop")), r.speaker(t)} {
			if got := other.do(t, op); got == first {
				t.Errorf("another client's was taken for a repeat: %s", got)
			}
		}
	})
}

func TestADedupIsForgottenAfterItsWindow(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, r *rig) {
		r.server.Topic("a", remembering(10))
		c, _ := r.plugIn(t)
		c.join(t, "a")
		op := `{"op":"publish","topic":"a","data":1,"dedup":"d"}`
		first := c.do(t, op)
		pass(2*time.Minute - time.Second)
		if got := c.do(t, op); got != first {
			t.Errorf("within two minutes the repeat was answered with %s, the first with %s", got, first)
		}
		pass(time.Minute)
		if got := c.do(t, op); got == first {
			t.Errorf("after two minutes it was taken for a repeat")
		}
	})
}
