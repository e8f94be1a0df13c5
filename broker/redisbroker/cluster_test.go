//go:build servers

package redisbroker_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// topicsOn finds a topic for each server of a cluster of equal shares.
func topicsOn(servers int) []string {
	topics := make([]string, servers)
	for i, found := 0, 0; found < servers; i++ {
		topic := fmt.Sprint("t", i)
		at := int(redisbroker.SlotOf(topic)) * servers / 16384
		if topics[at] == "" {
			topics[at] = topic
			found++
		}
	}
	return topics
}

func TestOnAClusterOneServerMayFailAlone(t *testing.T) {
	servers := redistest.StartCluster(t, 3, "--cluster-require-full-coverage", "no")
	topics := topicsOn(3)
	got := make([]recorder, 3)
	b := open(t, redisbroker.Options{URL: redistest.ClusterURL(servers)}, func(topic, epoch string, p *broker.Publication) {
		for i := range topics {
			if topics[i] == topic {
				got[i].deliver(topic, epoch, p)
			}
		}
	})
	for i, topic := range topics {
		follow(t, b, topic, kept)
		publishN(t, b, topic, 1, 3)
		got[i].has(t, "3")
	}
	servers[1].Kill()
	eventually(t, "word of it", func() bool { return b.Err() != nil })
	publish(t, b, topics[0], "on")
	publish(t, b, topics[2], "on")
	got[0].has(t, "on")
	got[2].has(t, "on")
	ctx, cancel := ended(10 * time.Second)
	defer cancel()
	if _, err := b.Publish(ctx, &broker.Message{Topic: topics[1], Data: []byte("off"), History: kept}); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("to the one that is away: %v", err)
	}
	servers[1].Start()
	after := publish(t, b, topics[1], "back")
	all := got[1].has(t, "back")
	if all[len(all)-1].epoch != after.Epoch || after.Epoch == all[0].epoch {
		t.Errorf("it forgot all, and %+v came after %+v", after, all[0])
	}
	eventually(t, "good health", func() bool { return b.Err() == nil })
	publish(t, b, topics[0], "end")
	wantWhole(t, got[0].has(t, "end"), 5)
}

// moveSlot moves a slot and what is in it.
func moveSlot(t *testing.T, servers []*redistest.Server, from, to int, slot int) {
	t.Helper()
	id := []string{servers[from].Do("CLUSTER", "MYID"), servers[to].Do("CLUSTER", "MYID")}
	n := strconv.Itoa(slot)
	servers[to].Do("CLUSTER", "SETSLOT", n, "IMPORTING", id[0])
	servers[from].Do("CLUSTER", "SETSLOT", n, "MIGRATING", id[1])
	host, port, _ := strings.Cut(servers[to].Addr, ":")
	for keys := servers[from].Do("CLUSTER", "GETKEYSINSLOT", n, "100"); keys != ""; keys = servers[from].Do("CLUSTER", "GETKEYSINSLOT", n, "100") {
		servers[from].Do(append([]string{"MIGRATE", host, port, "", "0", "5000", "KEYS"}, strings.Split(keys, "\n")...)...)
	}
	servers[to].Do("CLUSTER", "SETSLOT", n, "NODE", id[1])
	for i, s := range servers {
		if i != to {
			s.Do("CLUSTER", "SETSLOT", n, "NODE", id[1])
		}
	}
}

func TestATopicIsFollowedToWhereItsSlotMoves(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	topic := topicsOn(3)[0]
	var got recorder
	o := redisbroker.Options{URL: redistest.ClusterURL(servers)}
	b, publisher := open(t, o, got.deliver), open(t, o, nil)
	follow(t, b, topic, kept)
	publishN(t, publisher, topic, 1, 10)
	got.has(t, "10")
	for move := range 4 {
		moveSlot(t, servers, move%2, (move+1)%2, int(redisbroker.SlotOf(topic)))
		publishN(t, publisher, topic, 11+10*move, 20+10*move)
	}
	publishN(t, publisher, topic, 51, 60)
	wantWhole(t, got.has(t, "60"), 60)
	before := b.Stats().Received
	publishN(t, publisher, topic, 61, 70)
	got.has(t, "70")
	eventually(t, "direct delivery again", func() bool {
		publish(t, publisher, topic, "more")
		return b.Stats().Received > before
	})
}

func TestAReplicaTakesTheTopicsOfItsMaster(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	replica := redistest.AddReplica(t, servers, 0)
	topic := topicsOn(3)[0]
	var got recorder
	b := open(t, redisbroker.Options{URL: redistest.ClusterURL(servers)}, got.deliver)
	follow(t, b, topic, kept)
	before := publishN(t, b, topic, 1, 10)
	got.has(t, "10")
	servers[0].Do("WAIT", "1", "0")
	servers[0].Kill()
	replica.Until(func(reply string) bool { return strings.Contains(reply, "role:master") }, "INFO", "replication")
	if after := publish(t, b, topic, "11"); after.Epoch != before.Epoch || after.Seq != 11 {
		t.Errorf("after %+v came %+v", before, after)
	}
	wantWhole(t, got.has(t, "11"), 11)
}

func TestOnAClusterManyTopicsAreFollowedTogether(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	b := open(t, redisbroker.Options{URL: redistest.ClusterURL(servers)}, nil)
	const n = 20_000
	start := time.Now()
	followAll(t, b, n, kept)
	t.Logf("%d topics followed after %v", n, time.Since(start))
	seen := b.Stats().Resyncs
	start = time.Now()
	for _, s := range servers {
		s.Do("CLIENT", "KILL", "TYPE", "pubsub")
	}
	eventually(t, "end of the check", func() bool { return b.Stats().Resyncs >= seen+n })
	t.Logf("%d topics followed and checked again after %v", n, time.Since(start))
}
