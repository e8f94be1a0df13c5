package presence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/presence"
)

// rig is a tracker on a node, and what it announced.
type rig struct {
	*presence.Tracker
	t       testing.TB
	node    *node
	cluster *cluster

	mu     sync.Mutex // guards the fields below
	events []string
	failed int
}

func newRig(t testing.TB, o presence.Options) *rig { return rigOn(t, newCluster(t), o) }

func rigOn(t testing.TB, c *cluster, o presence.Options) *rig {
	r := &rig{t: t, node: c.node(), cluster: c}
	o.Broker = r.node
	o.Announce = func(topic string, ev presence.Event) { r.note(show(topic, ev)) }
	o.Failed = func(string, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.failed++
	}
	r.Tracker = presence.New(o)
	return r
}

func show(topic string, ev presence.Event) string {
	if ev.Kind == presence.Count {
		return fmt.Sprintf("%s %s %d", topic, ev.Kind, ev.Count)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", topic, ev.Kind, ev.Member.User, ev.Member.Info))
}

func (r *rig) note(ev string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, ev)
}

// trouble changes what the broker does.
func (r *rig) trouble(f func(ctx context.Context, op, user string) (before, after error)) {
	r.cluster.mu.Lock()
	defer r.cluster.mu.Unlock()
	r.node.trouble = f
}

func (r *rig) join(topic string, session any, user, info string) {
	r.t.Helper()
	r.joinLimited(topic, 100, session, user, info)
}

func (r *rig) joinLimited(topic string, limit int, session any, user, info string) {
	r.t.Helper()
	if err := r.Join(context.Background(), topic, limit, session, user, []byte(info)); err != nil {
		r.t.Errorf("Join(%s, %s): %v", topic, user, err)
	}
}

func (r *rig) update(topic string, session any, user, info string) {
	r.t.Helper()
	if err := r.Update(context.Background(), topic, session, user, []byte(info)); err != nil {
		r.t.Errorf("Update(%s, %s): %v", topic, user, err)
	}
}

func (r *rig) close() {
	r.t.Helper()
	if err := r.Close(context.Background()); err != nil {
		r.t.Errorf("Close: %v", err)
	}
	r.wantNothingHeld()
}

// wantNothingHeld checks that the tracker forgot all.
func (r *rig) wantNothingHeld() {
	r.t.Helper()
	if n := r.Holds(); n != 0 {
		r.t.Errorf("the tracker still holds %d topics, members and sessions", n)
	}
}

// take returns what was announced since the last take.
func (r *rig) take() []string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// want checks what was announced since the last time.
func (r *rig) want(events ...string) {
	r.t.Helper()
	if got := r.take(); !slices.Equal(got, events) {
		r.t.Errorf("announced %q, want %q", got, events)
	}
}

// wantMembers checks what Members answers, each as user:sessions.
func (r *rig) wantMembers(topic string, members ...string) {
	r.t.Helper()
	ms, err := r.Members(context.Background(), topic, -1)
	if err != nil {
		r.t.Fatalf("Members: %v", err)
	}
	var got []string
	for _, m := range ms.List {
		got = append(got, fmt.Sprintf("%s:%d", m.User, m.Sessions))
	}
	if !slices.Equal(got, members) || ms.Count != len(members) {
		r.t.Errorf("Members: %q, count %d, want %q", got, ms.Count, members)
	}
}

// inBubble runs f with a tracker of the default options, with time of its own.
func inBubble(t *testing.T, f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, presence.Options{})
		f(t, r)
		r.trouble(nil)
		r.close()
	})
}

const (
	grace  = 10 * time.Second
	little = time.Millisecond
)
