//go:build servers

package redisbroker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

func TestNothingIsMissedWhileConnectionsAreCut(t *testing.T) {
	server := redistest.Start(t)
	o := redisbroker.Options{URL: server.URL()}
	var got recorder
	follower, publisher := open(t, o, got.deliver), open(t, o, nil)
	follow(t, follower, "a", kept)
	const n = 3000
	for i := 1; i <= n; i++ {
		publish(t, publisher, "a", fmt.Sprint(i))
		if i%300 == 0 {
			server.Do("CLIENT", "KILL", "TYPE", "pubsub")
		}
	}
	if lost := wantWhole(t, got.has(t, fmt.Sprint(n)), n); lost != 0 {
		t.Errorf("%d were announced as lost", lost)
	}
	if s := follower.Stats(); s.Filled == 0 {
		t.Errorf("none was read from history: %+v", s)
	}
}

func TestWhatIsGoneIsAnnounced(t *testing.T) {
	server := redistest.Start(t)
	o := redisbroker.Options{URL: server.URL()}
	var got recorder
	follower, publisher := open(t, o, got.deliver), open(t, o, nil)
	short := broker.History{Size: 5, Age: time.Hour}
	follow(t, follower, "a", short)
	m := broker.Message{Topic: "a", History: short}
	n := 0
	eventually(t, "loss", func() bool {
		server.Do("CLIENT", "KILL", "TYPE", "pubsub")
		for range 50 {
			n++
			m.Data = fmt.Append(nil, n)
			if _, err := publisher.Publish(t.Context(), &m); err != nil {
				t.Fatal(err)
			}
		}
		return follower.Stats().Lost > 0
	})
	if lost := wantWhole(t, got.has(t, fmt.Sprint(n)), uint64(n)); lost == 0 {
		t.Error("no notice was delivered")
	}
}

func TestATailThatNeverCameIsFoundByAndBy(t *testing.T) {
	server := redistest.Start(t)
	var got recorder
	b := open(t, redisbroker.Options{URL: server.URL(), CheckEvery: 64 * time.Millisecond}, got.deliver)
	follow(t, b, "a", kept)
	publishN(t, b, "a", 1, 3)
	got.has(t, "3")
	server.Do("XADD", "live:{a}:s", "4-9000000000000", "d", "\x00\x004")
	server.Do("HSET", "live:{a}:m", "s", "4", "a", "9000000000000")
	wantWhole(t, got.has(t, "4"), 4)
}

func TestWhatIsNotFollowedIsNotReceived(t *testing.T) {
	server := redistest.Start(t)
	o := redisbroker.Options{URL: server.URL()}
	var got recorder
	b, publisher := open(t, o, got.deliver), open(t, o, nil)
	follow(t, b, "b", kept)
	follow(t, b, "c", broker.History{})
	if err := b.Unfollow("c"); err != nil {
		t.Fatal(err)
	}
	follow(t, b, "d", kept) // c is unsubscribed by now, or soon
	server.Until(func(reply string) bool { return strings.HasSuffix(reply, "\n0") }, "PUBSUB", "NUMSUB", "live:{c}")
	for range 100 {
		publish(t, publisher, "a", "1")
		publish(t, publisher, "c", "1")
	}
	publish(t, publisher, "b", "end")
	got.has(t, "end")
	if s := b.Stats(); s.Received != 1 || s.Stray != 0 {
		t.Errorf("one of its topics was published to, and it has %+v", s)
	}
}

func TestTwoPrefixesDoNotSeeEachOther(t *testing.T) {
	server := redistest.Start(t)
	var got recorder
	a := open(t, redisbroker.Options{URL: server.URL(), Prefix: "a"}, got.deliver)
	b := open(t, redisbroker.Options{URL: server.URL(), Prefix: "a:b"}, nil)
	third := open(t, redisbroker.Options{URL: server.URL() + "/3", Prefix: "a"}, nil)
	follow(t, a, "t", kept)
	follow(t, a, "*", broker.History{})
	for i, other := range []broker.Broker{b, third} {
		publish(t, other, "t", "theirs")
		if _, err := other.Join(t.Context(), "t", broker.Member{User: "ann", Sessions: 1}); err != nil {
			t.Fatal(err)
		}
		if p := page(t, a, "t"); p.Seq != uint64(i) {
			t.Errorf("after theirs ours is %+v", p)
		}
		publish(t, a, "t", "ours")
	}
	if all := got.has(t, "ours"); len(all) != 2 {
		eventually(t, "second delivery", func() bool { return len(got.list()) >= 2 })
		wantWhole(t, got.list(), 2)
	}
	if m, err := a.Members(t.Context(), "t", 10); err != nil || m.Count != 0 {
		t.Errorf("members are %+v, %v", m, err)
	}
}
