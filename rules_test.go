package live_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

// panics returns what f panics with, as a string.
func panics(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		v := recover()
		if v == nil {
			t.Fatal("it does not panic")
		}
		message = fmt.Sprint(v)
	}()
	f()
	return ""
}

// alone makes a server that no client connects to.
func alone(t *testing.T, o live.Options) *live.Server {
	t.Helper()
	server := live.New(o)
	t.Cleanup(func() { server.Shutdown(context.Background()) })
	return server
}

func TestTiedPatternsPanicWithBothNamed(t *testing.T) {
	server := alone(t, live.Options{})
	server.Topic("chat:{room}:log", open)
	message := panics(t, func() { server.Topic("chat:main:{what}", open) })
	for _, pattern := range []string{"chat:{room}:log", "chat:main:{what}"} {
		if !strings.Contains(message, pattern) {
			t.Errorf("the panic does not name %s: %s", pattern, message)
		}
	}
}

func TestTheSamePatternTwicePanics(t *testing.T) {
	server := alone(t, live.Options{})
	server.Topic("chat:{room}", open)
	server.Topic("orders:*", live.Rule{CanSubscribe: live.Anyone})
	for _, again := range []string{"chat:{id}", "orders:*"} {
		if message := panics(t, func() { server.Topic(again, live.Rule{CanSubscribe: live.Anyone}) }); !strings.Contains(message, again) {
			t.Errorf("the panic does not name %s: %s", again, message)
		}
	}
}

func TestRulesThatMakeNoSensePanic(t *testing.T) {
	for name, c := range map[string]struct {
		pattern string
		rule    live.Rule
		word    string
	}{
		"replay without history":    {"a", live.Rule{Overflow: live.Replay}, "History"},
		"age without size":          {"a", live.Rule{History: live.History{Age: 1}}, "Size"},
		"negative size":             {"a", live.Rule{History: live.History{Size: -1}}, "negative"},
		"unknown overflow":          {"a", live.Rule{Overflow: 99}, "99"},
		"no pattern":                {"a::b", open, "a::b"},
		"open brace":                {"a:{b", open, "a:{b"},
		"reserved":                  {"$a", open, "$"},
		"wildcard with publish":     {"a:*", open, "CanSubscribe"},
		"wildcard with history":     {"a:*", live.Rule{CanSubscribe: live.Anyone, History: live.History{Size: 1}}, "CanSubscribe"},
		"wildcard with presence":    {"a:**", live.Rule{CanSubscribe: live.Anyone, Presence: true}, "CanSubscribe"},
		"wildcard and a parameter":  {"{a}:*", live.Rule{CanSubscribe: live.Anyone}, "{a}"},
		"wildcard not at the end":   {"a:**:b", live.Rule{CanSubscribe: live.Anyone}, "a:**:b"},
		"wildcard inside a segment": {"a:b*", live.Rule{CanSubscribe: live.Anyone}, "a:b*"},
	} {
		t.Run(name, func(t *testing.T) {
			server := alone(t, live.Options{})
			if message := panics(t, func() { server.Topic(c.pattern, c.rule) }); !strings.Contains(message, c.word) {
				t.Errorf("the panic does not say %q: %s", c.word, message)
			}
		})
	}
}

func TestRulesCannotBeRegisteredOnceASessionHasCome(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("before", open)
		r.pair(t)
		if message := panics(t, func() { r.server.Topic("after", open) }); !strings.Contains(message, "before the first session") {
			t.Errorf("it panics with %s", message)
		}
	})
}

func TestTheMostSpecificPatternWins(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		says := func(name string) live.Rule {
			return live.Rule{CanSubscribe: func(_ context.Context, _ *live.Session, m live.Match) error {
				return live.Errorf(live.CodeForbidden, "%s a=%s b=%s", name, m.Param("a"), m.Param("b"))
			}}
		}
		for _, pattern := range []string{"x:{a...}", "x:{a}", "x:y", "x:{a}:{b}", "x:y:{b}"} {
			r.server.Topic(pattern, says(pattern))
		}
		c := r.speaker(t)
		for topic, want := range map[string]string{
			"x:y":     "x:y a= b=",
			"x:1":     "x:{a} a=1 b=",
			"x:1:2":   "x:{a}:{b} a=1 b=2",
			"x:y:2":   "x:y:{b} a= b=2",
			"x:1:2:3": "x:{a...} a=1:2:3 b=",
		} {
			if got := c.refused(t, live.CodeForbidden, fmt.Sprintf(`{"op":"subscribe","topic":%q}`, topic)); got != want {
				t.Errorf("%s was decided by %q, want %q", topic, got, want)
			}
		}
	})
}

// forTopic are operations that a rule decides about.
var forTopic = []string{
	`{"op":"subscribe","topic":"a:1"}`,
	`{"op":"publish","topic":"a:1","data":1}`,
	`{"op":"history","topic":"a:1"}`,
	`{"op":"presence","topic":"a:1"}`,
}

func TestWithoutARuleOperationsAreForbidden(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c := r.speaker(t)
		for _, op := range forTopic {
			if got := c.refused(t, live.CodeForbidden, op); !strings.Contains(got, "a:1") {
				t.Errorf("the refusal of %s does not name the topic: %s", op, got)
			}
		}
	})
}

func TestANilCheckIsNobody(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("a:{x}", live.Rule{History: live.History{Size: 1}, Presence: true})
		c := r.speaker(t)
		for _, op := range forTopic {
			c.refused(t, live.CodeForbidden, op)
		}
		if n := r.server.Subscribers("a:1"); n != 0 {
			t.Errorf("%d are subscribed", n)
		}
	})
}

func TestServerCallsNeedNoRule(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("a", live.Rule{})
		c, s := r.pair(t)
		r.subscribe(t, s, "a", "b")
		r.publish(t, "a", "1")
		r.publish(t, "b", "2")
		c.want(t, "a", "1")
		c.want(t, "b", "2")
	})
}

func TestErrorsOfChecks(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		code    string
		message string // "": nothing of the error's
	}{
		"Errorf":         {live.Errorf(live.CodeUnauthorized, "log in, %s", "please"), live.CodeUnauthorized, "log in, please"},
		"wrapped Errorf": {fmt.Errorf("look: %w", live.Errorf(live.CodeConflict, "no")), live.CodeConflict, "no"},
		"another error":  {errors.New("secret table"), live.CodeForbidden, ""},
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				check := func(context.Context, *live.Session, live.Match) error { return c.err }
				r := serve(t, kind, live.Options{})
				r.server.Topic("a:{x}", live.Rule{CanSubscribe: check, CanPublish: check})
				s := r.speaker(t)
				for _, op := range forTopic {
					got := s.refused(t, c.code, op)
					if c.message != "" && got != c.message {
						t.Errorf("%s was refused with %q, want %q", op, got, c.message)
					}
					if strings.Contains(got, "secret") {
						t.Errorf("the client was told %q", got)
					}
				}
				if c.message == "" && !r.log.has("secret table", "a:1") {
					t.Error("the error was not logged with its topic")
				}
			})
		})
	}
}

func TestAPanicInARuleClosesThatSessionWith1011(t *testing.T) {
	boom := func(context.Context, *live.Session, live.Match) error { panic("boom") }
	for name, c := range map[string]struct {
		rule live.Rule
		op   string
	}{
		"CanSubscribe": {live.Rule{CanSubscribe: boom}, `{"op":"subscribe","topic":"a"}`},
		"in a batch":   {live.Rule{CanSubscribe: boom}, `{"op":"subscribe","topics":{"b":null,"a":null}}`},
		"CanPublish":   {live.Rule{CanPublish: boom}, `{"op":"publish","topic":"a","data":1}`},
		"Accept": {live.Rule{CanPublish: live.Anyone, Accept: func(context.Context, *live.Session, live.Match, []byte) ([]byte, error) {
			panic("boom")
		}}, `{"op":"publish","topic":"a","data":1}`},
		"Snapshot": {live.Rule{CanSubscribe: live.Anyone, Snapshot: func(context.Context, *live.Session, live.Match) (any, error) {
			panic("boom")
		}}, `{"op":"subscribe","topic":"a"}`},
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				r.server.Topic("a", c.rule)
				r.server.Topic("b", remembering(5))
				s := r.speaker(t)
				s.start(t, c.op)
				s.wantCloseFrame(t, 1011)
				wantCode(t, within(t, "OnClose", r.left).err, 1011)
				if !r.log.has("panic", "boom") {
					t.Error("the panic was not logged")
				}
				r.speaker(t).do(t, `{"op":"ping"}`)
			})
		})
	}
}

func TestAcceptSeesAndRewritesWhatClientsPublish(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		rule := open
		rule.Accept = func(_ context.Context, s *live.Session, m live.Match, data []byte) ([]byte, error) {
			switch string(data) {
			case "1":
				return nil, nil
			case "2":
				return fmt.Appendf(nil, `{"room":%q,"was":%s,"by":%t}`, m.Param("room"), data, s != nil), nil
			case "3":
				return []byte(`{"broken`), nil
			case "4":
				return nil, live.Errorf(live.CodeConflict, "not four")
			}
			return nil, errors.New("secret reason")
		}
		r.server.Topic("chat:{room}", rule)
		c := r.speaker(t)
		c.join(t, "chat:x")
		publish := func(data string) string { return `{"op":"publish","topic":"chat:x","data":` + data + `}` }
		c.do(t, publish("1"))
		c.do(t, publish("2"))
		c.refused(t, live.CodeInternal, publish("3"))
		if got := c.refused(t, live.CodeConflict, publish("4")); got != "not four" {
			t.Errorf("the client was told %q", got)
		}
		if got := c.refused(t, live.CodeInternal, publish("5")); strings.Contains(got, "secret") {
			t.Errorf("the client was told %q", got)
		}
		if !r.log.has("secret reason", "chat:x") {
			t.Error("the error was not logged")
		}
		r.publish(t, "chat:x", "6") // the server's own is not asked about
		c.wantFrames(t, envelope("chat:x", "1"), envelope("chat:x", `{"room":"x","was":2,"by":true}`), envelope("chat:x", "6"))
		c.wantNothing(t)
	})
}
