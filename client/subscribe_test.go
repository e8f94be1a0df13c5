package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func TestLastAndSince(t *testing.T) {
	r := serve(t, live.Options{})
	for i := range 5 {
		r.publish(t, "chat:a", i)
	}
	one, two := r.dial(t, client.Options{}), r.dial(t, client.Options{})
	s := subscribe(t, one, "chat:a", client.SubscribeOptions{Last: 2})
	wants(t, s, "publication 3 #4 recovered", "publication 4 #5 recovered")
	at := s.Position()
	at.Seq = 3
	s = subscribe(t, two, "chat:a", client.SubscribeOptions{Since: &at, Last: 1})
	wants(t, s, "publication 3 #4 recovered", "publication 4 #5 recovered")
	at = client.Position{Epoch: "older", Seq: 7}
	if err := s.Unsubscribe(soon(t)); err != nil {
		t.Fatal(err)
	}
	s = subscribe(t, two, "chat:a", client.SubscribeOptions{Since: &at})
	wants(t, s, "lost", "publication 0 #1 recovered")
}

func TestPositionIsThatOfWhatWasTaken(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	start := s.Position()
	if start.Epoch == "" || start.Seq != 0 {
		t.Errorf("it begins at %v", start)
	}
	for i := range 3 {
		r.publish(t, "chat:a", i)
	}
	if err := c.Ping(soon(t)); err != nil {
		t.Fatal(err)
	}
	if p := s.Position(); p != start {
		t.Errorf("nothing was taken, and the position is %v", p)
	}
	m, err := s.Next(soon(t))
	if err != nil || m.Position() != s.Position() || s.Position().Seq != 1 {
		t.Errorf("one was taken, at %v, and the position is %v", m.Position(), s.Position())
	}
}

func TestNothingComesAfterUnsubscribe(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	r.publish(t, "chat:a", 0)
	if err := c.Ping(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Subscribe(soon(t), "chat:a", client.SubscribeOptions{}); !errors.Is(err, client.ErrSubscribed) {
		t.Errorf("another subscription: %v", err)
	}
	if err := s.Unsubscribe(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(soon(t)); !errors.Is(err, client.ErrUnsubscribed) || !errors.Is(s.Err(), client.ErrUnsubscribed) {
		t.Errorf("Next: %v", err)
	}
	if err := s.Unsubscribe(soon(t)); err != nil {
		t.Error(err)
	}
	again := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	r.publish(t, "chat:a", 1)
	wants(t, again, "publication 1 #2")
	if n := r.server.Stats().Subscriptions; n != 1 {
		t.Errorf("the server has %d subscriptions", n)
	}
}

func TestAnyNumberOfLongTopicsFitsIntoFrames(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	topics := make([]client.Topic, 2000)
	for i := range topics {
		topics[i].Name = "chat:" + itoa(i) + strings.Repeat("ä<", 75)
	}
	subs, err := c.SubscribeMany(soon(t), topics)
	if err != nil {
		t.Fatal(err)
	}
	r.link.cut()
	r.publish(t, topics[1999].Name, 1)
	wantSeq(t, subs[1999], 1)
	cancel()
	for i := range topics {
		topics[i].Name = "chat:other" + topics[i].Name
	}
	topics[0].Name = "secret:plan"
	// Those that were given up are left, in frames that the server takes too.
	if _, err := c.SubscribeMany(ctx, topics); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	eventually(t, "those given up are left", func() bool { return r.server.Stats().Subscriptions == 2000 })
	if made := r.link.connections(); made != 2 || c.Err() != nil {
		t.Errorf("%d connections, %v", made, c.Err())
	}
}

func TestASubscribeThatIsGivenUpLeavesNothing(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	ends := make(chan error, 1)
	go func() {
		_, err := c.Subscribe(ctx, "chat:a", client.SubscribeOptions{})
		ends <- err
	}()
	p := within(t, "a connection", f.visits)
	asked := p.expect("subscribe")
	p.send(`{"id":%d,"result":{"topics":{"chat:a":{"error":{"code":"unavailable","message":"Later."}}}}}`, asked.ID)
	p.expect("subscribe") // it asks again
	cancel()
	err := within(t, "the end", ends)
	wantCode(t, err, client.CodeUnavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Subscribe: %v", err)
	}
	p.expect("unsubscribe")
}

func TestARefusalThatPassesIsAskedForAgain(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	ends := make(chan error, 1)
	go func() {
		_, err := c.Subscribe(soon(t), "chat:a", client.SubscribeOptions{})
		ends <- err
	}()
	p := within(t, "a connection", f.visits)
	for _, refusal := range []string{
		`"result":{"topics":{"chat:a":{"error":{"code":"internal","message":"Later."}}}}`,
		`"error":{"code":"rate_limited","message":"Later."}`,
		`"result":{"topics":{}}`,
		`"result":7`,
	} {
		p.send(`{"id":%d,`+refusal+`}`, p.expect("subscribe").ID)
	}
	p.answer("subscribe", `{"topics":{"chat:a":{}}}`)
	if err := within(t, "the answer", ends); err != nil {
		t.Error(err)
	}
}

func TestAFrameThatIsRefusedHarmsOnlyTheTopicItIsAbout(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	if err := c.Ready(soon(t)); err != nil { // so that they are asked for in this order
		t.Fatal(err)
	}
	type answered struct {
		subs []*client.Subscription
		err  error
	}
	done := make(chan answered, 1)
	go func() {
		subs, err := c.SubscribeMany(soon(t), []client.Topic{{Name: "a"}, {Name: "bad"}, {Name: "c"}})
		done <- answered{subs, err}
	}()
	p := within(t, "a connection", f.visits)
	for range 5 { // all, two halves, and those of one half
		o := p.expect("subscribe")
		var topics map[string]*client.Position
		if err := json.Unmarshal(o.Topics, &topics); err != nil {
			t.Fatal(err)
		}
		if _, bad := topics["bad"]; bad {
			p.send(`{"id":%d,"error":{"code":"bad_request","message":"One of them is bad."}}`, o.ID)
			continue
		}
		p.send(`{"id":%d,"result":{"topics":{"a":{},"c":{}}}}`, o.ID)
	}
	got := within(t, "the answer", done)
	if got.err != nil || got.subs[0].Err() != nil || got.subs[2].Err() != nil {
		t.Errorf("SubscribeMany: %v", got.err)
	}
	wantCode(t, got.subs[1].Err(), client.CodeBadRequest)
}

func TestWhatTheServerSubscribedAlreadyIsSubscribedToAnew(t *testing.T) {
	r := serve(t, live.Options{OnConnect: func(_ context.Context, s *live.Session) error {
		return s.Server().Subscribe(s, "chat:a")
	}})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	r.publish(t, "chat:a", 1)
	wants(t, s, "publication 1 #1")
	r.link.setDown(true)
	r.publish(t, "chat:a", 2)
	r.link.setDown(false)
	wants(t, s, "publication 2 #2 recovered")
	r.publish(t, "chat:a", 3)
	wants(t, s, "publication 3 #3")
}

func TestAWildcardGetsWhatMatches(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	all := subscribe(t, c, "orders:*", client.SubscribeOptions{})
	one := subscribe(t, c, "orders:7", client.SubscribeOptions{})
	r.publish(t, "orders:7", 1)
	wants(t, one, "publication 1 #1")
	wants(t, all, "publication 1 #1")
	r.publish(t, "orders:8", 2)
	wants(t, all, "publication 2 #1")
	r.link.setDown(true)
	r.publish(t, "orders:7", 3)
	r.link.setDown(false)
	wants(t, one, "publication 3 #2 recovered")
	wants(t, all, "lost")
	r.publish(t, "orders:7", 4)
	wants(t, one, "publication 4 #3")
	wants(t, all, "publication 4 #3")
}

func TestARevokedSubscriptionEnds(t *testing.T) {
	f, c, s, p := subscribed(t, "chat:a", `{"topics":{"chat:a":{"epoch":"E","seq":0,"head":0}}}`)
	p.send(`{"topic":"chat:a","data":1,"seq":1}`)
	p.send(`{"topic":"chat:a","event":"revoked","data":{"code":"forbidden","message":"No more."}}`)
	wants(t, s, "publication 1 #1")
	_, err := s.Next(soon(t))
	wantCode(t, err, client.CodeForbidden)
	p.close(1012, "")
	p = within(t, "another connection", f.visits)
	go c.Ping(soon(t))
	p.expect("ping") // and no subscribe before
}

func TestWhoIsThereIsTold(t *testing.T) {
	r := serve(t, live.Options{Timeouts: live.Timeouts{Presence: -1}})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{Presence: true})
	me := s.Members().List[0].User
	other := open(t, client.Options{URL: "ws://" + r.http.Listener.Addr().String()})
	theirs := subscribe(t, other, "chat:a", client.SubscribeOptions{})
	m, err := s.Next(soon(t))
	if err != nil || m.Kind != client.KindJoin || m.Member.User == me || s.Members().Count != 2 {
		t.Fatalf("instead of a join there is %q, %v", say(m), err)
	}
	if err := theirs.Unsubscribe(soon(t)); err != nil {
		t.Fatal(err)
	}
	wants(t, s, "leave "+m.Member.User)
	if got := s.Members(); got.Count != 1 || got.List[0].User != me {
		t.Errorf("Members: %+v", got)
	}
	r.link.cut()
	wants(t, s, "members count 1")
}

func TestGapsAreToldInTheirPlace(t *testing.T) {
	_, _, s, p := subscribed(t, "chat:a", `{"topics":{"chat:a":{"epoch":"E","seq":4,"head":4}}}`)
	p.send(`{"topic":"chat:a","event":"gap","data":{"from":5,"to":6}}`)
	p.send(`{"topic":"chat:a","data":7,"seq":7}`)
	p.send(`{"topic":"chat:a","event":"gap","data":{"from":3,"to":7}}`) // known
	p.send(`{"topic":"chat:a","event":"gap","data":{"from":7,"to":9}}`)
	p.send(`{"topic":"chat:a","event":"gap","data":{"epoch":"F"}}`)
	p.send(`{"topic":"chat:a","data":1,"seq":1}`)
	p.send(`{"topic":"chat:a","event":"new","data":{}}`)
	p.send(`{"topic":"chat:a","event":"gap","data":{"count":3}}`)
	wants(t, s, "gap 5 to 6", "publication 7 #7", "gap 8 to 9", "gap", "publication 1 #1", "gap count 3")
	if at := s.Position(); at != (client.Position{Epoch: "F", Seq: 1}) {
		t.Errorf("the position is %v", at)
	}
}
