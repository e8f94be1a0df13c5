package live_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/livetest"
)

// clusterRig is servers of one cluster, with clients in memory, in a bubble.
type clusterRig struct {
	cluster *brokertest.Cluster
	servers []*livetest.Server
	log     *logBook
}

// inCluster runs a test of servers called a, b and so on. rules registers theirs.
func inCluster(t *testing.T, servers int, o live.Options, rules func(*live.Server), test func(t *testing.T, r *clusterRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &clusterRig{cluster: brokertest.NewCluster(0), log: &logBook{}}
		t.Cleanup(func() { // after the servers' own
			if err := r.cluster.Close(); err != nil {
				t.Error(err)
			}
		})
		o.Broker, o.Logger = r.cluster.Open, r.log.logger()
		o.Timeouts.Idle = -1
		for i := range servers {
			o.Node = string(rune('a' + i))
			s := livetest.NewServer(t, o)
			if rules != nil {
				rules(s.Server)
			}
			r.servers = append(r.servers, s)
		}
		synctest.Wait() // they know of each other
		test(t, r)
	})
}

// pass lets time pass.
func (r *clusterRig) pass(d time.Duration) { pass(d) }

// dial connects a client of the user to a server.
func (r *clusterRig) dial(t *testing.T, server int, user string) *livetest.Client {
	t.Helper()
	return r.servers[server].Dial(t, livetest.User(user))
}

// identified are options whose users are those that livetest's clients say they are.
func identified() live.Options { return live.Options{Identify: valueIsUser} }

// rooms are rules for a topic that remembers, one that does not, and one with presence.
func rooms(s *live.Server) {
	open := live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone}
	kept, shown := open, open
	kept.History = live.History{Size: 1000}
	shown.Presence, shown.PresenceLimit = true, 3
	s.Topic("kept:{room}", kept)
	s.Topic("plain:{room}", open)
	s.Topic("shown:{room}", shown)
}

// names are those of nodes, each with a mark if it was silent.
func nodeNames(nodes []live.NodeStats) string {
	var list []string
	for _, n := range nodes {
		name := n.Name
		if n.Silent {
			name += "?"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}
