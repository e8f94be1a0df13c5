package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func TestWhatIsPublishedComes(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	if err := c.Ready(soon(t)); err != nil {
		t.Fatal(err)
	}
	s := subscribe(t, c, "chat:lobby", client.SubscribeOptions{})
	p, err := c.Publish(soon(t), "chat:lobby", map[string]string{"text": "a <b>"}, client.PublishOptions{Key: "k"})
	if err != nil || p.Seq != 1 || p.Epoch == "" {
		t.Fatalf("Publish: %v, %v", p, err)
	}
	wants(t, s, `publication {"text":"a <b>"} #1 of k`)
	if s.Position() != p {
		t.Errorf("the position is %v, want %v", s.Position(), p)
	}
}

func TestAClientThatComesBackMissesNothing(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	chat := subscribe(t, c, "chat:lobby", client.SubscribeOptions{})
	price := subscribe(t, c, "price:btc", client.SubscribeOptions{})
	r.publish(t, "chat:lobby", "one")
	wants(t, chat, `publication "one" #1`)
	r.link.setDown(true)
	r.publish(t, "chat:lobby", "two")
	r.publish(t, "price:btc", 1)
	r.link.setDown(false)
	wants(t, chat, `publication "two" #2 recovered`)
	wants(t, price, "lost")
	r.publish(t, "chat:lobby", "three")
	r.publish(t, "price:btc", 2)
	wants(t, chat, `publication "three" #3`)
	wants(t, price, `publication 2`)
}

func TestWhatIsGoneIsLost(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "short:lobby", client.SubscribeOptions{})
	r.link.setDown(true)
	for i := range 5 {
		r.publish(t, "short:lobby", i)
	}
	r.link.setDown(false)
	wants(t, s, "lost 1 to 2", "publication 2 #3 recovered", "publication 3 #4 recovered", "publication 4 #5 recovered")
}

func TestASnapshotComesInPlaceOfWhatIsGone(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "board:1", client.SubscribeOptions{})
	if string(s.Snapshot()) != `"the state"` {
		t.Errorf("the snapshot is %s", s.Snapshot())
	}
	r.link.setDown(true)
	for i := range 5 {
		r.publish(t, "board:1", i)
	}
	r.link.setDown(false)
	wants(t, s, `snapshot "the state"`)
	r.publish(t, "board:1", 5)
	wants(t, s, "publication 5 #6")
}

func TestARefusalIsAnError(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	_, err := c.Subscribe(soon(t), "secret:plan", client.SubscribeOptions{})
	wantCode(t, err, client.CodeForbidden)
	_, err = c.Publish(soon(t), "secret:plan", 1, client.PublishOptions{})
	wantCode(t, err, client.CodeForbidden)
	_, err = c.Call(soon(t), "nothing", nil)
	wantCode(t, err, client.CodeNotFound)
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("the error is %v, want a refusal with %s", err, code)
	}
}

func TestManyTopicsAreAnsweredEachForItself(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	var topics []client.Topic
	for i := range 3000 {
		topics = append(topics, client.Topic{Name: "chat:" + string(json.Number(itoa(i)))})
	}
	topics[7].Name, topics[1000].Name = "secret:plan", "chat::bad"
	subs, err := c.SubscribeMany(soon(t), topics)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range subs {
		switch i {
		case 7:
			wantCode(t, s.Err(), client.CodeForbidden)
		case 1000:
			wantCode(t, s.Err(), client.CodeBadRequest)
		default:
			if s.Err() != nil {
				t.Fatalf("%s: %v", s.Topic(), s.Err())
			}
		}
	}
	r.link.setDown(true)
	for _, i := range []int{0, 500, 2999} {
		r.publish(t, topics[i].Name, i)
	}
	r.link.setDown(false)
	for _, i := range []int{0, 500, 2999} {
		wants(t, subs[i], "publication "+itoa(i)+" #1 recovered")
	}
}

func itoa(i int) string { b, _ := json.Marshal(i); return string(b) }

func TestCallHistoryAndPresence(t *testing.T) {
	r := serve(t, live.Options{
		OnCall: func(_ context.Context, _ *live.Session, name string, data []byte) (any, error) {
			return name + string(data), nil
		},
		OnRefresh: func(context.Context, *live.Session, string) error { return nil },
	})
	c := r.dial(t, client.Options{})
	if got, err := c.Call(soon(t), "echo", 7); err != nil || string(got) != `"echo7"` {
		t.Errorf("Call: %s, %v", got, err)
	}
	for i := range 3 {
		r.publish(t, "chat:lobby", i)
	}
	h, err := c.History(soon(t), "chat:lobby", client.HistoryOptions{Limit: 2})
	if err != nil || h.Seq != 3 || len(h.Publications) != 2 || string(h.Publications[1].Data) != "2" {
		t.Errorf("History: %+v, %v", h, err)
	}
	s := subscribe(t, c, "chat:lobby", client.SubscribeOptions{Presence: true})
	if m := s.Members(); m.Count != 1 {
		t.Errorf("Members: %+v", m)
	}
	if m, err := c.Presence(soon(t), "chat:lobby", 0); err != nil || m.Count != 1 {
		t.Errorf("Presence: %+v, %v", m, err)
	}
	if at, err := c.Auth(soon(t), "token"); err != nil || !at.IsZero() {
		t.Errorf("Auth: %v, %v", at, err)
	}
	if err := c.Ping(soon(t)); err != nil {
		t.Error(err)
	}
}
