package live_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/livetest"
)

func TestWhileTheBrokerIsAwaySessionsStayAndEverythingResumes(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann, bob := r.dial(t, 0, "ann"), r.dial(t, 1, "bob")
		ann.Subscribe("kept:go")
		bob.Subscribe("kept:go")
		r.cluster.Away()
		r.pass(time.Minute)
		if _, refusal := ann.TryPublish("kept:go", 1); refusal == nil || refusal.Code != live.CodeUnavailable {
			t.Errorf("a client's publication: %+v, want unavailable", refusal)
		}
		if _, refusal := bob.TrySubscribe("kept:more"); refusal == nil || refusal.Code != live.CodeUnavailable {
			t.Errorf("a subscription: %+v, want unavailable", refusal)
		}
		if err := r.servers[0].Publish("plain:go", []byte("1")); !errors.Is(err, live.ErrUnavailable) {
			t.Errorf("Publish: %v, want ErrUnavailable", err)
		}
		if s := r.servers[0].Stats(); !s.BrokerDown || s.Sessions != 1 || s.Subscriptions != 1 {
			t.Errorf("Stats: %+v", s)
		}
		if !r.log.has("WARN", "the broker does not answer") {
			t.Error("the log does not say that the broker is away")
		}
		r.cluster.Back()
		bob.Publish("kept:go", 2)
		ann.Expect("kept:go", 2)
		bob.Expect("kept:go", 2)
		bob.Subscribe("kept:more")
		r.pass(5 * time.Second)
		if err := errors.Join(r.servers[0].BrokerErr(), r.servers[0].Ready()); err != nil {
			t.Error(err)
		}
		if !r.log.has("INFO", "the broker answers again") {
			t.Error("the log does not say that the broker is back")
		}
	})
}

func TestOneServerThatIsCutOffGetsWhatItMissed(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann, bob := r.dial(t, 0, "ann"), r.dial(t, 1, "bob")
		ann.Subscribe("kept:go")
		r.cluster.Away(0)
		bob.Publish("kept:go", 1)
		bob.Publish("kept:go", 2)
		ann.ExpectNothing()
		r.cluster.Back(0)
		ann.Expect("kept:go", 1)
		ann.Expect("kept:go", 2)
		ann.ExpectNothing()
	})
}

func TestAClientThatRecoversWhileTheBrokerGoesAwayStays(t *testing.T) {
	o := identified()
	o.QueueSize = 4
	inCluster(t, 1, o, func(s *live.Server) {
		s.Topic("kept:{room}", live.Rule{CanSubscribe: live.Anyone, History: live.History{Size: 2000}, Overflow: live.Replay})
	}, func(t *testing.T, r *clusterRig) {
		ann := r.dial(t, 0, "ann")
		ann.Subscribe("kept:go")
		ann.Stall()
		for n := range 1000 {
			if err := r.servers[0].Publish("kept:go", []byte{byte('0' + n%10)}); err != nil {
				t.Fatal(err)
			}
		}
		r.cluster.Away()
		ann.Unstall()
		r.pass(10 * time.Minute)
		if ann.Session().IsClosed() {
			t.Fatal("the session was closed while the broker was away")
		}
		r.cluster.Back()
		for n := range 1000 {
			ann.Expect("kept:go", n%10)
		}
		ann.ExpectNothing()
	})
}

func TestAHistoryThatIsLostIsToldToThoseWhoAreThere(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann, bob := r.dial(t, 0, "ann"), r.dial(t, 1, "bob")
		at := ann.Subscribe("kept:go")
		ann.Publish("kept:go", 1)
		ann.Publish("kept:go", 2)
		ann.Expect("kept:go", 1)
		ann.Expect("kept:go", 2)
		if err := r.cluster.Forget(); err != nil {
			t.Fatal(err)
		}
		late := bob.Subscribe("kept:go", livetest.Since(at.Position()))
		if late.Recovered || late.Lost == nil || late.Epoch == at.Epoch {
			t.Errorf("who comes back with an old position is told %+v", late)
		}
		bob.Publish("kept:go", 3)
		if data := ann.ExpectEvent("kept:go", "gap"); string(data) != `{"epoch":"`+late.Epoch+`"}` {
			t.Errorf("the gap is %s, want the epoch %s", data, late.Epoch)
		}
		for _, c := range []*livetest.Client{ann, bob} {
			if f := c.Expect("kept:go", 3); f.Seq != 1 {
				t.Errorf("the number is %d, want 1", f.Seq)
			}
			c.ExpectNothing()
		}
	})
}

func TestAServerIsReadyOnceItHasReachedItsBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := brokertest.NewCluster(0)
		s := livetest.NewServer(t, live.Options{Broker: func(d broker.Deliver) (broker.Broker, error) {
			b, err := c.Open(d)
			c.Away()
			return b, err
		}})
		t.Cleanup(func() { c.Close() })
		pass(time.Minute)
		if err := s.Ready(); !errors.Is(err, live.ErrNotJoined) {
			t.Errorf("Ready: %v, want ErrNotJoined", err)
		}
		c.Back()
		pass(5 * time.Second)
		if err := s.Ready(); err != nil {
			t.Errorf("Ready: %v", err)
		}
		c.Away()
		pass(5 * time.Second)
		if err := s.Ready(); err != nil || s.BrokerErr() == nil {
			t.Errorf("while the broker is away: Ready %v, BrokerErr %v", err, s.BrokerErr())
		}
		c.Back()
	})
}

// gate holds back what a broker delivers.
type gate struct {
	deliver broker.Deliver

	mu   sync.Mutex // guards the fields below
	shut bool
	held []func()
}

func (g *gate) pass(topic, epoch string, p *broker.Publication) {
	g.mu.Lock()
	defer g.mu.Unlock()
	kept := *p
	kept.Data = bytes.Clone(p.Data)
	g.held = append(g.held, func() { g.deliver(topic, epoch, &kept) })
	g.release()
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	g.release()
}

// release delivers what is held, unless the gate is shut. g.mu is held.
func (g *gate) release() {
	for _, deliver := range g.held {
		if g.shut {
			return
		}
		deliver()
	}
	g.held = nil
}

func TestANewEpochThatOneReadsBeforeItIsDeliveredHoldsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := brokertest.NewCluster(0)
		g := &gate{}
		s := livetest.NewServer(t, live.Options{Broker: func(d broker.Deliver) (broker.Broker, error) {
			g.deliver = d
			return c.Open(g.pass)
		}})
		t.Cleanup(func() { c.Close() })
		rooms(s.Server)
		ann, bob := s.Dial(t), s.Dial(t)
		ann.Subscribe("kept:go") // and nothing comes
		g.set(true)
		if err := c.Forget(); err != nil {
			t.Fatal(err)
		}
		ann.Publish("kept:go", 1)
		now := bob.Subscribe("kept:go", livetest.Last(10))
		bob.Expect("kept:go", 1)
		if data := ann.ExpectEvent("kept:go", "gap"); string(data) != `{"epoch":"`+now.Epoch+`"}` {
			t.Errorf("the gap is %s, want the epoch %s", data, now.Epoch)
		}
		g.set(false)
		ann.Expect("kept:go", 1)
		for _, one := range []*livetest.Client{ann, bob} {
			one.ExpectNothing()
		}
	})
}
