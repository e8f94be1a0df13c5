package live_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/livetest"
)

func TestWhatIsPublishedOnOneServerReachesSessionsOnAll(t *testing.T) {
	inCluster(t, 3, identified(), rooms, func(t *testing.T, r *clusterRig) {
		for _, topic := range []string{"kept:go", "plain:go"} {
			var clients []*livetest.Client
			for i := range r.servers {
				c := r.dial(t, i, "ann")
				c.Subscribe(topic)
				clients = append(clients, c)
			}
			clients[0].Publish(topic, "one")
			if err := r.servers[1].Publish(topic, []byte(`"two"`)); err != nil {
				t.Error(err)
			}
			for _, c := range clients {
				c.Expect(topic, "one")
				c.Expect(topic, "two")
				c.ExpectNothing()
			}
		}
	})
}

func TestAClientThatComesBackToAnotherServerGetsWhatItMissed(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann := r.dial(t, 0, "ann")
		at := ann.Subscribe("kept:go")
		bob := r.dial(t, 0, "bob")
		bob.Publish("kept:go", 1)
		ann.Expect("kept:go", 1)
		ann.Cut()
		bob.Publish("kept:go", 2)
		again := r.dial(t, 1, "ann")
		position := at.Position()
		position.Seq++
		if s := again.Subscribe("kept:go", livetest.Since(position)); !s.Recovered {
			t.Errorf("the answer is %+v", s)
		}
		bob.Publish("kept:go", 3)
		again.Expect("kept:go", 2)
		again.Expect("kept:go", 3)
		again.ExpectNothing()
	})
}

func TestDisconnectReachesAUserOnEveryServer(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		here, there, other := r.dial(t, 0, "ann"), r.dial(t, 1, "ann"), r.dial(t, 1, "bob")
		if err := r.servers[0].Disconnect("ann"); err != nil {
			t.Error(err)
		}
		here.ExpectClosed(4501)
		there.ExpectClosed(4501)
		other.ExpectNothing()
		if s := other.Session(); s.IsClosed() {
			t.Error("bob was disconnected with ann")
		}
	})
}

func TestDisconnectWithoutIdentifyTakesASessionsID(t *testing.T) {
	inCluster(t, 2, live.Options{Identify: func(any) (string, any) { return "", nil }}, rooms, func(t *testing.T, r *clusterRig) {
		ann, bob := r.dial(t, 1, "ann"), r.dial(t, 1, "bob")
		if err := r.servers[0].Disconnect(ann.Session().ID()); err != nil {
			t.Error(err)
		}
		ann.ExpectClosed(4501)
		bob.ExpectNothing()
	})
}

func TestAUserIsSubscribedAndUnsubscribedOnEveryServer(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		here, there, other := r.dial(t, 0, "ann"), r.dial(t, 1, "ann"), r.dial(t, 1, "bob")
		for i, publish := range []int{1, 0} {
			if err := r.servers[i].SubscribeUser("ann", "plain:go"); err != nil {
				t.Error(err)
			}
			if err := r.servers[publish].Publish("plain:go", []byte("1")); err != nil {
				t.Error(err)
			}
			here.Expect("plain:go", 1)
			there.Expect("plain:go", 1)
			if err := r.servers[i].UnsubscribeUser("ann", "plain:go"); err != nil {
				t.Error(err)
			}
			if err := r.servers[publish].Publish("plain:go", []byte("2")); err != nil {
				t.Error(err)
			}
			for _, c := range []*livetest.Client{here, there, other} {
				c.ExpectNothing()
			}
		}
		if err := r.servers[0].SubscribeUser("ann", "no topic"); !errors.Is(err, live.ErrInvalidTopic) {
			t.Errorf("a bad topic: %v, want ErrInvalidTopic", err)
		}
	})
}

func TestAUserWhoseNameChangesIsFoundByTheNewOne(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		c := r.dial(t, 1, "ann")
		if err := r.servers[0].SubscribeUser("ann", "plain:a"); err != nil {
			t.Error(err)
		}
		c.Session().SetValue("bob")
		for user, topic := range map[string]string{"ann": "plain:b", "bob": "plain:c"} {
			if err := r.servers[0].SubscribeUser(user, topic); err != nil {
				t.Error(err)
			}
		}
		if got := c.Session().Topics(); !slices.Equal(got, []string{"plain:a", "plain:c"}) {
			t.Errorf("the session is subscribed to %v", got)
		}
	})
}

func TestWhoDoesNotAnswerIsNamed(t *testing.T) {
	inCluster(t, 3, identified(), rooms, func(t *testing.T, r *clusterRig) {
		r.dial(t, 2, "ann")
		r.cluster.Away(1)
		err := r.servers[0].Disconnect("ann")
		if !errors.Is(err, live.ErrUnavailable) || !strings.Contains(err.Error(), "from b") {
			t.Errorf("Disconnect: %v, want ErrUnavailable that names b", err)
		}
		nodes, err := r.servers[0].Nodes(soon(t))
		if err != nil || nodeNames(nodes) != "a b? c" {
			t.Errorf("Nodes: %s, %v; want a b? c", nodeNames(nodes), err)
		}
		if nodes, err := r.servers[1].Nodes(soon(t)); !errors.Is(err, live.ErrUnavailable) || nodeNames(nodes) != "b" {
			t.Errorf("Nodes of one that is away: %s, %v; want b and ErrUnavailable", nodeNames(nodes), err)
		}
		r.pass(20 * time.Second) // its lease
		if nodes, err := r.servers[0].Nodes(soon(t)); err != nil || nodeNames(nodes) != "a c" {
			t.Errorf("Nodes after the lease: %s, %v; want a c", nodeNames(nodes), err)
		}
		r.cluster.Back()
		r.pass(5 * time.Second)
		if nodes, err := r.servers[0].Nodes(soon(t)); err != nil || nodeNames(nodes) != "a b c" {
			t.Errorf("Nodes when it is back: %s, %v; want a b c", nodeNames(nodes), err)
		}
	})
}

func TestNodesCountEachServersOwn(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		r.dial(t, 0, "ann")
		r.dial(t, 1, "ann").Subscribe("plain:go")
		r.dial(t, 1, "bob")
		nodes, err := r.servers[0].Nodes(soon(t))
		if err != nil || len(nodes) != 2 {
			t.Fatalf("Nodes: %v, %v", nodes, err)
		}
		if a, b := nodes[0].Stats, nodes[1].Stats; a.Sessions != 1 || b.Sessions != 2 || b.Subscriptions != 1 {
			t.Errorf("Nodes: %+v", nodes)
		}
	})
}

func TestActiveTopicsAreThoseOfAllServers(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		for i := range 2 {
			c := r.dial(t, i, "ann")
			c.Subscribe("shown:x", livetest.WithPresence())
			for n := range 5 {
				c.Subscribe(fmt.Sprintf("plain:%d", n*(i+1)))
			}
		}
		page, err := r.servers[0].ActiveTopics(soon(t), live.TopicQuery{Prefix: "plain:", Limit: 3})
		if want := "[{plain:0 2} {plain:1 1} {plain:2 2}] true []"; err != nil || fmt.Sprint(page.Topics, page.More, page.Silent) != want {
			t.Errorf("ActiveTopics: %+v, %v; want %s", page, err, want)
		}
		page, err = r.servers[1].ActiveTopics(soon(t), live.TopicQuery{After: "plain:2"})
		if want := "[{plain:3 1} {plain:4 2} {plain:6 1} {plain:8 1} {shown:x 2}] false []"; err != nil || fmt.Sprint(page.Topics, page.More, page.Silent) != want {
			t.Errorf("the rest: %+v, %v; want %s", page, err, want)
		}
		r.cluster.Away(1)
		page, err = r.servers[0].ActiveTopics(soon(t), live.TopicQuery{Prefix: "shown:"})
		if want := "[{shown:x 1}] false [b]"; err != nil || fmt.Sprint(page.Topics, page.More, page.Silent) != want {
			t.Errorf("while one is away: %+v, %v; want %s", page, err, want)
		}
		r.cluster.Back()
	})
}

func TestThousandsOfTopicsInOneFrameInACluster(t *testing.T) {
	cluster := brokertest.NewCluster(0)
	t.Cleanup(func() { cluster.Close() })
	o := identified()
	o.Broker, o.ReadLimit, o.Limits.Subscriptions = cluster.Open, 1<<20, 2500
	r := newRig(tcpSocket, o)
	rooms(r.server)
	r.start(t, r.server.Handler(), 0)
	c := r.speaker(t)
	r.publish(t, "kept:7", `"before"`)
	var topics []string
	for n := range 1000 {
		topics = append(topics, fmt.Sprintf(`"kept:%d":null,"plain:%d":null,"shown:%d":null`, n, n, n))
	}
	var result struct {
		Topics map[string]struct {
			Head  uint64
			Error *live.Error
		}
	}
	decode(t, c.do(t, `{"op":"subscribe","topics":{"secret:x":null,`+strings.Join(topics, ",")+`}}`), &result)
	count := make(map[string]int)
	for _, a := range result.Topics {
		if a.Error != nil {
			count[a.Error.Code]++
		}
	}
	if len(result.Topics) != 3001 || count[live.CodeForbidden] != 1 || count[live.CodeTooLarge] != 500 || len(count) != 2 {
		t.Errorf("%d answers, refused: %v", len(result.Topics), count)
	}
	if head := result.Topics["kept:7"].Head; head != 1 {
		t.Errorf("the head of kept:7 is %d, want 1", head)
	}
	r.publish(t, "kept:7", `"after"`)
	r.publish(t, "plain:8", `"after"`)
	c.wantFrames(t, `{"topic":"kept:7","data":"after","seq":2}`, envelope("plain:8", `"after"`))
	if s := r.server.Stats(); s.Subscriptions != 2500 {
		t.Errorf("%d subscriptions, want 2500", s.Subscriptions)
	}
}
