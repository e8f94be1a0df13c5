//go:build servers

package redisbroker_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

func joinOne(t *testing.T, b broker.Broker, topic, user string) {
	t.Helper()
	if _, err := b.Join(t.Context(), topic, broker.Member{User: user, Info: []byte(`{"a":1}`), Sessions: 1}); err != nil {
		t.Fatal(err)
	}
}

// tended tends until so many changes were told.
func tended(t *testing.T, n int, nodes ...broker.Broker) (all []string) {
	t.Helper()
	eventually(t, "change", func() bool {
		for _, b := range nodes {
			moved, err := b.Tend(t.Context())
			for _, m := range moved {
				all = append(all, fmt.Sprint(m.Topic, " ", m.Member.User, " ", string(m.Member.Info), " ", m.Change))
			}
			if err != nil {
				return false
			}
		}
		return len(all) >= n
	})
	slices.Sort(all)
	return all
}

func TestTenThousandMembersOfADeadNodeAreBuriedOnce(t *testing.T) {
	o := redisbroker.Options{URL: redistest.Start(t).URL(), Lease: 2 * time.Second}
	dead, b, c := open(t, o, nil), open(t, o, nil), open(t, o, nil)
	const n = 10_000
	var run sync.WaitGroup
	for i := range 100 {
		run.Go(func() {
			for j := i; j < n; j += 100 {
				joinOne(t, dead, "a", fmt.Sprintf("user%05d", j))
			}
		})
	}
	run.Wait()
	joinOne(t, b, "a", "user00000")
	for limit, want := range map[int]int{0: 0, 10: 10, 3000: 3000, 1 << 20: n} {
		m, err := b.Members(t.Context(), "a", limit)
		if err != nil || m.Count != n || len(m.List) != want {
			t.Errorf("limit %d: %d of %d are listed, %v", limit, len(m.List), m.Count, err)
		}
	}
	ctx, cancel := ended(within)
	defer cancel()
	if err := dead.Close(ctx); err != nil { // it dies without a word
		t.Fatal(err)
	}
	all := tended(t, n-1, b, c)
	if len(all) != n-1 || len(slices.Compact(all)) != n-1 || all[0] != `a user00001 {"a":1} 3` {
		t.Errorf("%d changes were told, the first %s", len(all), all[0])
	}
	if m, err := c.Members(t.Context(), "a", 10); err != nil || m.Count != 1 {
		t.Errorf("afterwards members are %+v, %v", m, err)
	}
}

func TestMembersAreThereAgainAfterTheServerHasForgottenThem(t *testing.T) {
	server := redistest.Start(t)
	o := redisbroker.Options{URL: server.URL()}
	a, b := open(t, o, nil), open(t, o, nil)
	joinOne(t, a, "t", "ann")
	joinOne(t, b, "t", "ann")
	joinOne(t, b, "t", "bob")
	server.Restart()
	if all := tended(t, 2, a, b); len(all) != 2 || all[0] != `t ann {"a":1} 1` || all[1] != `t bob {"a":1} 1` {
		t.Errorf("told %q", all)
	}
	m, err := a.Members(t.Context(), "t", 10)
	if err != nil || m.Count != 2 || m.List[0].Sessions != 2 {
		t.Errorf("members are %+v, %v", m, err)
	}
	if all := tended(t, 0, a, b, a, b); len(all) != 0 {
		t.Errorf("afterwards told %q", all)
	}
}

func TestWhatAFailoverLostOfPresenceIsRegisteredAgain(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	joinOne(t, b, "t", "ann")
	tended(t, 0, b)
	server.Do("SAVE")
	joinOne(t, b, "t", "bob")
	server.Kill()
	server.Start()
	if all := tended(t, 1, b); len(all) != 1 || all[0] != `t bob {"a":1} 1` {
		t.Errorf("told %q", all)
	}
}

func TestWhatAFailoverBroughtBackOfPresenceIsEnded(t *testing.T) {
	server := redistest.Start(t)
	o := redisbroker.Options{URL: server.URL()}
	b, other := open(t, o, nil), open(t, o, nil)
	joinOne(t, b, "t", "ann")
	joinOne(t, b, "t", "bob")
	tended(t, 0, b, other)
	server.Do("SAVE")
	if _, err := b.Leave(t.Context(), "t", "bob"); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	server.Start()
	if all := tended(t, 1, b, other); len(all) != 1 || all[0] != `t bob {"a":1} 3` {
		t.Errorf("told %q", all)
	}
}
