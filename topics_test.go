package live_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// activity writes down what the hooks of topics are told.
type activity struct {
	mu   sync.Mutex // guards told
	told []string
}

func (a *activity) note(what string) func(string) {
	return func(topic string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.told = append(a.told, what+" "+topic)
	}
}

// take returns what was told since the last time.
func (a *activity) take() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	told := a.told
	a.told = nil
	return fmt.Sprint(told)
}

func (a *activity) options() live.Options {
	return live.Options{OnTopicActive: a.note("active"), OnTopicIdle: a.note("idle")}
}

func TestATopicIsActiveWithItsFirstAndIdleAfterItsLastSubscriber(t *testing.T) {
	a := &activity{}
	inBubble(t, a.options(), func(t *testing.T, r *rig) {
		r.server.Topic("{x}", open)
		first, fs := r.plugIn(t)
		second, _ := r.plugIn(t)
		first.join(t, "a")
		second.join(t, "a")
		first.join(t, "a")
		r.subscribe(t, fs, "b")
		settle()
		if got := a.take(); got != "[active a active b]" && got != "[active b active a]" {
			t.Errorf("the hooks were told %s", got)
		}
		first.do(t, `{"op":"unsubscribe","topic":"a"}`)
		pass(time.Minute)
		if got := a.take(); got != "[]" {
			t.Errorf("with one subscriber left the hooks were told %s", got)
		}
		second.nc.Close()
		pass(9 * time.Second)
		if got := a.take(); got != "[]" {
			t.Errorf("within the grace the hooks were told %s", got)
		}
		pass(2 * time.Second)
		if got := a.take(); got != "[idle a]" {
			t.Errorf("after the grace the hooks were told %s", got)
		}
		first.join(t, "a")
		settle()
		if got := a.take(); got != "[active a]" {
			t.Errorf("then the hooks were told %s", got)
		}
	})
}

func TestATopicIsIdleOnlyAfterAWholeGraceWithoutSubscribers(t *testing.T) {
	a := &activity{}
	inBubble(t, a.options(), func(t *testing.T, r *rig) {
		r.server.Topic("{x}", open)
		c, _ := r.plugIn(t)
		for range 4 { // each stay ends shortly before an earlier one's grace does
			c.join(t, "a")
			pass(time.Second)
			c.do(t, `{"op":"unsubscribe","topic":"a"}`)
			pass(8 * time.Second)
		}
		if got := a.take(); got != "[active a]" {
			t.Errorf("without ten seconds of silence the hooks were told %s", got)
		}
		pass(3 * time.Second)
		if got := a.take(); got != "[idle a]" {
			t.Errorf("after ten seconds the hooks were told %s", got)
		}
	})
}

func TestTheHooksOfATopicAreCalledInTurnsAndDelayNobody(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan string, 100), make(chan bool)
		hook := func(what string) func(string) {
			return func(topic string) {
				entered <- what + " " + topic
				<-release
			}
		}
		r := serve(t, kind, live.Options{
			OnTopicActive: hook("active"), OnTopicIdle: hook("idle"), Timeouts: live.Timeouts{TopicIdle: -1},
		})
		r.server.Topic("{x}", open)
		c := r.speaker(t)
		c.join(t, "a")
		if got := within(t, "a hook", entered); got != "active a" {
			t.Errorf("the hook was told %s", got)
		}
		for range 5 { // while it blocks
			c.do(t, `{"op":"unsubscribe","topic":"a"}`)
			c.join(t, "a")
		}
		c.join(t, "b")
		if got := within(t, "another topic's hook", entered); got != "active b" {
			t.Errorf("the hook was told %s", got)
		}
		c.do(t, `{"op":"unsubscribe","topic":"a"}`)
		close(release)
		if got := within(t, "the next hook", entered); got != "idle a" {
			t.Errorf("the hook was told %s", got)
		}
		c.nc.Close()
		if got := within(t, "the last hook", entered); got != "idle b" {
			t.Errorf("the hook was told %s", got)
		}
	})
}

func TestHooksOfTopicsMayCallTheServerAndPanic(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var server *live.Server
		done := make(chan error, 2)
		o := live.Options{Timeouts: live.Timeouts{TopicIdle: -1}}
		o.OnTopicActive = func(topic string) {
			done <- errors.Join(server.Publish(topic, []byte(`"welcome"`)), errorIf(server.Subscribers(topic) != 1))
			panic("boom")
		}
		r := serve(t, kind, o)
		server = r.server
		r.server.Topic("{x}", open)
		c := r.speaker(t)
		c.join(t, "a")
		if err := within(t, "the hook", done); err != nil {
			t.Error(err)
		}
		c.wantFrames(t, envelope("a", `"welcome"`))
		eventually(t, "the panic is logged", func() bool { return r.log.has("OnTopicActive", "boom") })
		c.do(t, `{"op":"ping"}`)
	})
}

func errorIf(wrong bool) error {
	if wrong {
		return errors.New("the topic has not one subscriber")
	}
	return nil
}

func TestShutdownWaitsForTheHooksOfTopics(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool), make(chan bool)
		r := serve(t, kind, live.Options{OnTopicActive: func(string) {
			entered <- true
			<-release
		}})
		r.server.Topic("{x}", present(0))
		c := r.speaker(t)
		c.join(t, "a")
		within(t, "the hook", entered)
		done := shutdown(r)
		c.wantCloseFrame(t, 1001)
		within(t, "OnClose", r.left)
		select {
		case <-done:
			t.Error("Shutdown returned before the hook")
		default:
		}
		close(release)
		if err := within(t, "Shutdown", done); err != nil {
			t.Error(err)
		}
	})
}

func TestSessionsAndTheirSubscribersAreFound(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("{x}", remembering(5))
		var sessions []*live.Session
		for range 50 {
			c, s := r.speakerPair(t)
			c.join(t, "a")
			sessions = append(sessions, s)
		}
		for _, s := range sessions {
			if r.server.Session(s.ID()) != s || s.Server() != r.server {
				t.Fatalf("session %s is not found", s.ID())
			}
		}
		for i, s := range slices.Backward(sessions) {
			if got := r.server.Subscribers("a"); got != i+1 {
				t.Fatalf("%d subscribers, want %d", got, i+1)
			}
			s.Close()
			eventually(t, "it is gone", func() bool { return r.server.Session(s.ID()) == nil })
		}
		if r.server.Session("none") != nil || r.server.Session("") != nil {
			t.Error("a session is found that never was")
		}
	})
}
