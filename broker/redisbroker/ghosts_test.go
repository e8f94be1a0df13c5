//go:build servers

package redisbroker_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

const shortLease = time.Second

// servers are one or those of a cluster; keys are asked of all.
type servers []*redistest.Server

// eachKind runs the test on one server and on a cluster.
func eachKind(t *testing.T, test func(t *testing.T, s servers, o redisbroker.Options)) {
	t.Run("one server", func(t *testing.T) {
		s := redistest.Start(t)
		test(t, servers{s}, redisbroker.Options{URL: s.URL(), Lease: shortLease, Logger: new(lines).logger()})
	})
	t.Run("cluster", func(t *testing.T) {
		all := redistest.StartCluster(t, 3)
		test(t, all, redisbroker.Options{URL: redistest.ClusterURL(all), Lease: shortLease, Logger: new(lines).logger()})
	})
}

// do asks the server that has the key.
func (all servers) do(args ...string) (reply string) {
	return all[int(redisbroker.SlotOf(args[1]))*len(all)/16384].Do(args...)
}

// keys lists all keys of presence; one kept of each node and of wildcards is none.
func (all servers) keys() (keys []string) {
	for _, s := range all {
		for _, key := range strings.Split(s.Do("KEYS", "live:*"), "\n") {
			if key != "" && key != "live:$heartbeat" && key != "live:$wildcards" {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// node is the only one that has a lease.
func (all servers) node(t *testing.T) string {
	t.Helper()
	nodes := strings.Split(all.do("ZRANGE", "live:$nodes", "0", "-1"), "\n")
	if len(nodes) != 1 || nodes[0] == "" {
		t.Fatalf("nodes are %q", nodes)
	}
	return nodes[0]
}

// haunt makes a registration that belongs to no node, or to one that does not know it.
func (all servers) haunt(topic, user, node string) {
	all.do("ZADD", "live:{"+topic+"}:o", "1", user)
	all.do("HSET", "live:{"+topic+"}:i", user, "")
	all.do("HSET", "live:{"+topic+"}:r", user, node+"=2,")
}

// die closes a node without a word.
func die(t *testing.T, b broker.Broker) {
	t.Helper()
	ctx, cancel := ended(within)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// wantListed checks that who is registered will be found when the node is dead.
func wantListed(t *testing.T, s servers, topic string) {
	t.Helper()
	nodes := strings.Split(s.do("ZRANGE", "live:$nodes", "0", "-1"), "\n")
	all := strings.Split(s.do("HGETALL", "live:{"+topic+"}:r"), "\n")
	for i := 0; i+1 < len(all); i += 2 {
		for one := range strings.SplitSeq(strings.TrimSuffix(all[i+1], ","), ",") {
			node, _, _ := strings.Cut(one, "=")
			if !slices.Contains(nodes, node) || s.do("SISMEMBER", "live:$node:"+node, topic+"\x00"+all[i]) != "1" {
				t.Errorf("%s is registered by %s, which has it not listed or is none of %q", all[i], node, nodes)
			}
		}
	}
}

func TestWhatANodeJoinsThatWasTakenForDeadIsNoGhost(t *testing.T) {
	eachKind(t, func(t *testing.T, s servers, o redisbroker.Options) {
		late, b := open(t, o, nil), open(t, o, nil)
		joinOne(t, late, "t", "ann")
		if all := tended(t, 1, b); len(all) != 1 || all[0] != `t ann {"a":1} 3` {
			t.Errorf("told %q", all)
		}
		joinOne(t, late, "t", "ann") // it has not noticed yet
		joinOne(t, late, "t", "bob")
		wantListed(t, s, "t")
		die(t, late)
		if all := tended(t, 2, b); len(all) != 2 || all[0] != `t ann {"a":1} 3` || all[1] != `t bob {"a":1} 3` {
			t.Errorf("told %q", all)
		}
	})
}

func TestWhatANodeJoinsAfterItsLeaseIsThereOnce(t *testing.T) {
	eachKind(t, func(t *testing.T, s servers, o redisbroker.Options) {
		late := open(t, o, nil)
		joinOne(t, late, "t", "ann")
		joinOne(t, late, "t", "bob")
		eventually(t, "end of the lease", func() bool {
			joinOne(t, late, "t", "ann")
			return s.do("ZCARD", "live:$nodes") == "2"
		})
		m, err := late.Members(t.Context(), "t", 10)
		if err != nil || m.Count != 2 || m.List[0].Sessions != 1 || m.List[1].Sessions != 1 {
			t.Errorf("members are %+v, %v", m, err)
		}
		if change, err := late.Leave(t.Context(), "t", "bob"); err != nil || change != broker.Left {
			t.Errorf("who was registered under the old name: %v, %v", change, err)
		}
		wantListed(t, s, "t")
		eventually(t, "end of the old name", func() bool {
			return len(tended(t, 0, late)) == 0 && s.do("ZCARD", "live:$nodes") == "1"
		})
		wantListed(t, s, "t")
		if m, err := late.Members(t.Context(), "t", 10); err != nil || m.Count != 1 || m.List[0].User != "ann" {
			t.Errorf("members are %+v, %v", m, err)
		}
	})
}

func TestANameWhoseLeaseTheServerHasLostIsBuried(t *testing.T) {
	eachKind(t, func(t *testing.T, s servers, o redisbroker.Options) {
		b := open(t, o, nil)
		joinOne(t, b, "t", "ann")
		old := s.node(t)
		s.do("ZREM", "live:$nodes", old)
		eventually(t, "another name, and no more of the old one", func() bool {
			return len(tended(t, 0, b)) == 0 && s.do("ZCARD", "live:$nodes") == "1" && s.node(t) != old
		})
		wantListed(t, s, "t")
		if m, err := b.Members(t.Context(), "t", 10); err != nil || m.Count != 1 || m.List[0].Sessions != 1 {
			t.Errorf("members are %+v, %v", m, err)
		}
	})
}

func TestRegistrationsOfNobodyAreEndedAndLostOnesMadeAgain(t *testing.T) {
	eachKind(t, func(t *testing.T, s servers, o redisbroker.Options) {
		b := open(t, o, nil)
		joinOne(t, b, "t", "ann")
		s.haunt("t", "ghost", "NOBODY0000000000")
		s.haunt("t", "forgotten", s.node(t))
		joinOne(t, b, "lost", "ann")
		for _, key := range []string{":o", ":i", ":r"} {
			s.do("DEL", "live:{lost}"+key)
		}
		s.haunt("elsewhere", "ghost", "NOBODY0000000000")
		if m, err := b.Members(t.Context(), "elsewhere", 10); err != nil || m.Count != 1 {
			t.Errorf("before, members are %+v, %v", m, err)
		}
		want := []string{"elsewhere ghost  3", `lost ann {"a":1} 1`, "t forgotten  3", "t ghost  3"}
		if all := tended(t, 4, b); !slices.Equal(all, want) {
			t.Errorf("told %q, want %q", all, want)
		}
		if m, err := b.Members(t.Context(), "t", 10); err != nil || m.Count != 1 || m.List[0].User != "ann" {
			t.Errorf("members are %+v, %v", m, err)
		}
	})
}

func TestThoseWhoseLeasesTheServerHasLostStay(t *testing.T) {
	eachKind(t, func(t *testing.T, s servers, o redisbroker.Options) {
		o.Lease = time.Minute
		a, b := open(t, o, nil), open(t, o, nil)
		joinOne(t, a, "t", "ann")
		joinOne(t, b, "t", "bob")
		s.do("DEL", "live:$nodes")
		for range 3 {
			if all := tended(t, 0, a); len(all) != 0 {
				t.Errorf("told %q, while the other one has not noticed", all)
			}
		}
		if all := tended(t, 0, b, a, b, a); len(all) != 0 {
			t.Errorf("told %q", all)
		}
		wantListed(t, s, "t")
		if m, err := a.Members(t.Context(), "t", 10); err != nil || m.Count != 2 || m.List[0].Sessions != 1 || m.List[1].Sessions != 1 {
			t.Errorf("members are %+v, %v", m, err)
		}
	})
}

func TestManyRegistrationsOfNobodyAreEndedByAndBy(t *testing.T) {
	s := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: s.URL(), Lease: 3 * shortLease, Logger: new(lines).logger()}, nil)
	const n = 1000
	for i := range n {
		joinOne(t, b, "t", fmt.Sprint("user", i))
		servers{s}.haunt("t", fmt.Sprint("ghost", i), "NOBODY0000000000")
		joinOne(t, b, fmt.Sprint("topic", i%100), "ann")
	}
	if all := tended(t, n, b); len(all) != n {
		t.Errorf("%d were told", len(all))
	}
	if m, err := b.Members(t.Context(), "t", 0); err != nil || m.Count != n {
		t.Errorf("members are %+v, %v", m, err)
	}
}

// churn joins and leaves at random, together with others that do the same.
func churn(ctx context.Context, b broker.Broker, r *rand.Rand) {
	for ctx.Err() == nil {
		topic, user := fmt.Sprint("t", r.IntN(3)), fmt.Sprint("user", r.IntN(6))
		if r.IntN(3) == 0 {
			b.Leave(ctx, topic, user)
		} else {
			b.Join(ctx, topic, broker.Member{User: user, Sessions: 1 + r.IntN(3)})
		}
	}
}

func TestRandomJoinsLeavesAndDeathsLeaveNoGhosts(t *testing.T) {
	eachKind(t, func(t *testing.T, s servers, o redisbroker.Options) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		o.Lease = 150 * time.Millisecond // most calls come when it has just ended
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var run sync.WaitGroup
		var nodes []broker.Broker
		for i := range 4 {
			b := open(t, o, nil)
			nodes = append(nodes, b)
			for j := range 3 {
				r := rand.New(rand.NewPCG(seed, uint64(10*i+j)))
				run.Go(func() { churn(ctx, b, r) })
			}
			r := rand.New(rand.NewPCG(seed, uint64(10*i+9)))
			run.Go(func() {
				for ctx.Err() == nil {
					b.Tend(ctx)
					<-time.After(time.Duration(r.IntN(300)) * time.Millisecond)
				}
			})
		}
		run.Wait()
		for _, b := range nodes {
			die(t, b)
		}
		o.Lease = time.Minute
		heir := open(t, o, nil)
		eventually(t, "end of all that was theirs", func() bool {
			tended(t, 0, heir)
			return len(s.keys()) == 1
		})
	})
}
