package livetest_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

func TestAClientThatWasCutResumesWithoutLoss(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("log:{x}", open(remembers(100)))
		srv.Topic("plain", open())
		c := srv.Dial(t, livetest.User("alice"))
		c.Subscribe("log:1")
		c.Subscribe("plain")
		c.Publish("log:1", 1)
		before := c.Session()

		c.Cut()
		c.ExpectClosed(1006)
		if err := c.ExpectEnded(); err == nil {
			t.Error("OnClose was told nothing of the cut")
		}
		publish(t, srv, "log:1", 2, 3, 4)
		publish(t, srv, "plain", 5)
		answers := c.Resume()
		if a := answers["log:1"]; !a.Recovered || a.Lost != nil || a.Head != 4 || a.Seq != 1 {
			t.Errorf("log:1 was answered with %+v", a)
		}
		publish(t, srv, "log:1", 5)
		for n := range 5 {
			if f := c.Expect("log:1", n+1); f.Seq != uint64(n+1) {
				t.Errorf("%d has the number %d", n+1, f.Seq)
			}
		}
		publish(t, srv, "plain", 6)
		c.Expect("plain", 6)
		c.ExpectNothing()
		if p := c.Position("log:1"); p.Seq != 5 || p.Epoch != answers["log:1"].Epoch {
			t.Errorf("the position is %+v", p)
		}
		if c.Session() == before {
			t.Error("the session is the old one")
		}
	})
}

func TestResumeTellsWhatIsLost(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("log", open(remembers(2)))
		c := srv.Dial(t)
		c.Subscribe("log")
		c.Cut()
		publish(t, srv, "log", 1, 2, 3, 4, 5)
		a := c.Resume()["log"]
		if a.Recovered || a.Lost == nil || *a.Lost != (livetest.Lost{From: 1, To: 3}) {
			t.Errorf("the answer is %+v", a)
		}
		c.Expect("log", 4)
		c.Expect("log", 5)
		c.ExpectNothing()
	})
}

func TestResumeLeavesOutWhatWasUnsubscribedAndRevoked(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		allowed := true
		srv := livetest.NewServer(t, live.Options{OnRefresh: refresh(&allowed)})
		srv.Topic("a", open())
		srv.Topic("b", open(func(r *live.Rule) { r.CanSubscribe = unless(&allowed) }))
		srv.Topic("c", open())
		c := srv.Dial(t)
		for _, topic := range []string{"a", "b", "c"} {
			c.Subscribe(topic)
		}
		c.Unsubscribe("a")
		c.Auth("a token that allows less")
		c.ExpectEvent("b", "revoked")
		c.Cut()
		answers := c.Resume()
		if _, ok := answers["c"]; !ok || len(answers) != 1 {
			t.Errorf("subscribed again to %v", answers)
		}
	})
}

func TestOwnPublicationsAreNotRecoveredByTheSameClient(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("log", open(remembers(10)))
		c := srv.Dial(t, livetest.User("alice"), livetest.ClientID("phone"))
		p := c.Subscribe("log").Position()
		c.Publish("log", "mine", livetest.NoEcho())
		c.Close()
		publish(t, srv, "log", 2)
		c.Resume()
		c.Expect("log", 2)
		c.ExpectNothing()
		other := srv.Dial(t, livetest.User("alice"), livetest.ClientID("laptop"))
		other.Subscribe("log", livetest.Since(p))
		other.Expect("log", "mine")
		other.Expect("log", 2)
	})
}

// page is data that fills buffers quickly.
func page(n int) string { return strconv.Itoa(n) + strings.Repeat("-", 16<<10) }

// overflow publishes so much to a stalled client that its queue overflows.
func overflow(t *testing.T, srv *livetest.Server, c *livetest.Client) (published int) {
	t.Helper()
	c.Stall()
	const pages = 100
	for n := range pages {
		publish(t, srv, "log", page(n+1))
	}
	c.Unstall()
	return pages
}

func TestAStalledClientMissesTheOldestAndIsTold(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{QueueSize: 4})
		srv.Topic("log", open(remembers(100), func(r *live.Rule) { r.Overflow = live.DropOldest }))
		c := srv.Dial(t)
		c.Subscribe("log")
		last := overflow(t, srv, c)
		gaps := 0
		for n := 1; n <= last; {
			f := c.Next()
			if f.Event != "gap" {
				if f.Seq != uint64(n) {
					t.Fatalf("%d came where %d should have", f.Seq, n)
				}
				n++
				continue
			}
			gaps++
			n = hole(t, f).To + 1
		}
		if gaps == 0 {
			t.Error("nothing was dropped")
		}
		if p := c.Position("log"); p.Seq != uint64(last) {
			t.Errorf("the position is %+v", p)
		}
	})
}

func TestAStalledClientIsReplayedEverything(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{QueueSize: 4})
		srv.Topic("log", open(remembers(100), func(r *live.Rule) { r.Overflow = live.Replay }))
		c := srv.Dial(t)
		c.Subscribe("log")
		last := overflow(t, srv, c)
		for n := range last {
			c.Expect("log", page(n+1))
		}
		c.ExpectNothing()
		if srv.Stats().Replayed == 0 {
			t.Error("it was not too slow at all")
		}
	})
}

func TestAStalledClientIsClosedAndRecovers(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{QueueSize: 4})
		srv.Topic("log", open(remembers(100)))
		c := srv.Dial(t)
		c.Subscribe("log")
		last := overflow(t, srv, c)
		c.ExpectClosed(live.CloseTooSlow)
		if err := c.ExpectEnded(); !errors.Is(err, live.ErrTooSlow) {
			t.Errorf("OnClose was told %v", err)
		}
		c.Resume()
		for n := range last {
			c.Expect("log", page(n+1))
		}
		c.ExpectNothing()
	})
}

func TestCloseIsClean(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		c := srv.Dial(t)
		c.Close()
		c.ExpectClosed(1000)
		if err := c.ExpectEnded(); err != nil {
			t.Errorf("OnClose was told %v", err)
		}
		c.Close() // again, which does nothing
		if n := srv.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}
