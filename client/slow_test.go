package client_test

import (
	"context"
	"strings"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func TestASubscriptionThatIsNotReadHoldsUpNothingAndMissesNothing(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	slow := subscribe(t, c, "chat:slow", client.SubscribeOptions{Buffer: 8})
	quick := subscribe(t, c, "chat:quick", client.SubscribeOptions{})
	const all = 1000
	for i := range all {
		for _, topic := range []string{"chat:slow", "chat:quick"} {
			if _, err := c.Publish(soon(t), topic, i, client.PublishOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range []*client.Subscription{quick, slow} {
		for i := range all {
			m, err := s.Next(soon(t))
			if err != nil || m.Kind != client.KindPublication || m.Seq != uint64(i+1) {
				t.Fatalf("message %d of %s is %q, %v", i, s.Topic(), say(m), err)
			}
		}
	}
	if p := slow.Position(); p.Seq != all {
		t.Errorf("the position is %v", p)
	}
}

func TestASlowSubscriptionIsBoundedInBytesToo(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	slow := subscribe(t, c, "chat:slow", client.SubscribeOptions{BufferBytes: 1000})
	large := strings.Repeat("x", 5000) // larger than all that may wait
	for range 20 {
		r.publish(t, "chat:slow", large)
	}
	for i := range 20 {
		m, err := slow.Next(soon(t))
		if err != nil || m.Kind != client.KindPublication || m.Seq != uint64(i+1) || len(m.Data) != 5002 {
			t.Fatalf("message %d is %.50q, %v", i, say(m), err)
		}
	}
}

func TestASlowSubscriptionOfAPlainTopicKeepsTheNewest(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	slow := subscribe(t, c, "price:btc", client.SubscribeOptions{Buffer: 3})
	for i := range 10 {
		r.publish(t, "price:btc", i)
	}
	if err := c.Ping(soon(t)); err != nil { // all before it have come
		t.Fatal(err)
	}
	wants(t, slow, "gap count 7", "publication 7", "publication 8", "publication 9")
}

func TestASlowSubscriptionComesBackToAnotherConnection(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	slow := subscribe(t, c, "chat:slow", client.SubscribeOptions{Buffer: 4})
	for i := range 100 {
		r.publish(t, "chat:slow", i)
		if i%10 == 5 {
			r.link.cut()
		}
		if i%3 == 0 {
			wantSeq(t, slow, i/3+1)
		}
	}
	for seq := 35; seq <= 100; seq++ {
		wantSeq(t, slow, seq)
	}
}

// wantSeq takes a message, which must be the publication of that number.
func wantSeq(t *testing.T, s *client.Subscription, seq int) {
	t.Helper()
	m, err := s.Next(soon(t))
	if err != nil || m.Kind != client.KindPublication || m.Seq != uint64(seq) {
		t.Fatalf("instead of publication %d there is %q, %v", seq, say(m), err)
	}
}

func TestWhatNobodyTakesIsBounded(t *testing.T) {
	r := serve(t, live.Options{OnConnect: func(_ context.Context, s *live.Session) error {
		for i := range 5 {
			if err := s.Send(live.Message{Topic: "notification", Data: []byte(itoa(i))}); err != nil {
				return err
			}
		}
		return s.Server().Subscribe(s, "news")
	}})
	c := r.dial(t, client.Options{Buffer: 2})
	if err := c.Ping(soon(t)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for m := range c.Messages(soon(t)) {
		if got = append(got, m.Topic+" "+say(m)); len(got) == 3 {
			break
		}
	}
	if want := " gap count 3|notification publication 3|notification publication 4"; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
	r.publish(t, "news", "hello")
	for m := range c.Messages(soon(t)) {
		if m.Topic != "news" || say(m) != `publication "hello"` {
			t.Errorf("got %s %s", m.Topic, say(m))
		}
		break
	}
}
