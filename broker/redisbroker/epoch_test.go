//go:build servers

package redisbroker_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

func TestARestartWithTheLogOnDiskKeepsEpochAndPositions(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL()}, got.deliver)
	follow(t, b, "a", kept)
	before := publishN(t, b, "a", 1, 5)
	got.has(t, "5")
	server.Kill()
	server.Start()
	if p := page(t, b, "a"); p.Position != before || len(p.Publications) != 5 {
		t.Errorf("after the restart the page is %+v, want 5 up to %+v", p, before)
	}
	if after := publish(t, b, "a", "6"); after.Epoch != before.Epoch || after.Seq != 6 {
		t.Errorf("after %+v came %+v", before, after)
	}
	wantWhole(t, got.has(t, "6"), 6)
}

func TestARestartWithoutPersistenceBeginsANewEpochAndFollowersAreTold(t *testing.T) {
	server := redistest.Start(t)
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL()}, got.deliver)
	follow(t, b, "a", kept)
	before := publishN(t, b, "a", 1, 3)
	got.has(t, "3")
	server.Restart()
	after := publish(t, b, "a", "new")
	if after.Epoch == before.Epoch || after.Seq != 1 {
		t.Errorf("after %+v came %+v", before, after)
	}
	all := got.has(t, "new")
	if d := all[3]; len(all) != 4 || d.epoch != after.Epoch || d.Seq != 1 {
		t.Errorf("delivered %+v", all)
	}
}

// wantNewEpoch checks that nodes whose server has only the first three publications, and
// perhaps others after them, agree on a new epoch, and that a follower is told.
func wantNewEpoch(t *testing.T, before broker.Position, got *recorder, nodes ...broker.Broker) {
	t.Helper()
	eventually(t, "new epoch on all nodes", func() bool {
		first := page(t, nodes[0], "a")
		for _, b := range nodes {
			if p := page(t, b, "a"); p.Epoch == before.Epoch || p.Epoch != first.Epoch {
				return false
			}
		}
		return true
	})
	after := publish(t, nodes[len(nodes)-1], "a", "new")
	all := got.has(t, "new")
	if d := all[len(all)-1]; d.epoch != after.Epoch || d.Seq != after.Seq || after.Epoch == before.Epoch {
		t.Errorf("published at %+v, delivered %+v", after, d)
	}
	seen := uint64(0)
	for _, d := range all {
		if d.epoch == after.Epoch {
			if d.Seq != seen+1 {
				t.Errorf("in the new epoch %d came after %d", d.Seq, seen)
			}
			seen = d.Seq
		}
	}
}

func TestALostTailBeginsANewEpoch(t *testing.T) {
	server := redistest.Start(t)
	o := redisbroker.Options{URL: server.URL()}
	var got recorder
	follower, other := open(t, o, got.deliver), open(t, o, nil)
	follow(t, follower, "a", kept)
	publishN(t, other, "a", 1, 3)
	server.Do("SAVE")
	before := publishN(t, other, "a", 4, 5)
	got.has(t, "5")
	server.Kill()
	server.Start()
	wantNewEpoch(t, before, &got, follower, other)
}

func TestAPublisherAloneNoticesALostTail(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	publishN(t, b, "a", 1, 3)
	server.Do("SAVE")
	before := publishN(t, b, "a", 4, 5)
	server.Kill()
	server.Start()
	if after := publish(t, b, "a", "new"); after.Epoch == before.Epoch || after.Seq != 1 {
		t.Errorf("after %+v came %+v", before, after)
	}
}

// takePlace has one server answer where another did.
func takePlace(t *testing.T, from, to *redistest.Server) {
	t.Helper()
	_, port, _ := net.SplitHostPort(from.Addr)
	to.Do("CONFIG", "SET", "port", port)
	to.Addr = from.Addr
}

// olderData publishes five to a server, which is then another, on which a stranger has
// published more after the third.
func olderData(t *testing.T, server *redistest.Server, b broker.Broker) (before broker.Position) {
	t.Helper()
	publishN(t, b, "a", 1, 3)
	server.Do("SAVE")
	dump, err := os.ReadFile(filepath.Join(server.Dir(), "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	before = publishN(t, b, "a", 4, 5)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dump.rdb"), dump, 0o600); err != nil {
		t.Fatal(err)
	}
	second := redistest.Start(t, "--dir", dir)
	stranger := open(t, redisbroker.Options{URL: second.URL()}, nil)
	if p := publishN(t, stranger, "a", 6, 9); p.Epoch != before.Epoch || p.Seq != 7 {
		t.Fatalf("the stranger is at %+v, the others at %+v", p, before)
	}
	server.Kill()
	takePlace(t, server, second)
	return before
}

func TestWhatOthersPublishedOnOlderDataIsAnotherEpoch(t *testing.T) {
	server := redistest.Start(t)
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL()}, got.deliver)
	follow(t, b, "a", kept)
	before := olderData(t, server, b)
	wantNewEpoch(t, before, &got, b)
}

func TestAPublisherAloneNoticesWhatOthersPublishedOnOlderData(t *testing.T) {
	server := redistest.Start(t)
	b := open(t, redisbroker.Options{URL: server.URL()}, nil)
	before := olderData(t, server, b)
	eventually(t, "new epoch", func() bool { return publish(t, b, "a", "new").Epoch != before.Epoch })
}

func TestAFailoverToAReplicaThatLostTheTailBeginsANewEpoch(t *testing.T) {
	master := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := redistest.Start(t, "--replicaof", host+" "+port)
	replica.Until(func(info string) bool { return strings.Contains(info, "master_link_status:up") }, "INFO", "replication")
	var got recorder
	o := redisbroker.Options{URL: master.URL()}
	follower, other := open(t, o, got.deliver), open(t, o, nil)
	follow(t, follower, "a", kept)
	publishN(t, other, "a", 1, 3)
	got.has(t, "3")
	if n := master.Do("WAIT", "1", "0"); n != "1" {
		t.Fatalf("%s replicas have all", n)
	}
	replica.Do("REPLICAOF", "127.0.0.1", "1") // it hears nothing of what comes next
	before := publishN(t, other, "a", 4, 5)
	got.has(t, "5")
	master.Kill()
	replica.Do("REPLICAOF", "NO", "ONE")
	takePlace(t, master, replica)
	wantNewEpoch(t, before, &got, follower, other)
}
