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

// outcome is what Publish returned.
type outcome struct {
	at  client.Position
	err error
}

// publishing publishes to the topic a meanwhile.
func publishing(ctx context.Context, c *client.Client, o client.PublishOptions) chan outcome {
	done := make(chan outcome, 1)
	go func() {
		at, err := c.Publish(ctx, "a", "one", o)
		done <- outcome{at, err}
	}()
	return done
}

func TestAPublicationWithoutAnAnswerIsSentAgainWithTheSameDedup(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	done := publishing(soon(t), c, client.PublishOptions{Key: "k", NoEcho: true})
	p := within(t, "a connection", f.visits)
	first := p.expect("publish")
	p.close(1012, "")
	p = within(t, "another connection", f.visits)
	second := p.expect("publish")
	if first.Dedup == "" || first.Dedup != second.Dedup || string(second.Data) != `"one"` || second.Key != "k" || second.Echo == nil {
		t.Errorf("sent %+v, and then %+v", first, second)
	}
	p.send(`{"id":%d,"error":{"code":"unavailable","message":"Try again later."}}`, second.ID)
	third := p.answer("publish", `{"epoch":"E","seq":7}`)
	if third.Dedup != first.Dedup {
		t.Errorf("sent %+v, and then %+v", first, third)
	}
	if got := within(t, "the answer", done); got.err != nil || got.at != (client.Position{Epoch: "E", Seq: 7}) {
		t.Errorf("Publish: %+v", got)
	}
}

func TestAPublicationGivenUpSaysWhyItHadNoAnswer(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	done := publishing(ctx, c, client.PublishOptions{Dedup: "d"})
	p := within(t, "a connection", f.visits)
	for range 3 {
		o := p.expect("publish")
		p.send(`{"id":%d,"error":{"code":"unavailable","message":"Try again later."}}`, o.ID)
	}
	p.expect("publish")
	cancel()
	got := within(t, "the end", done)
	wantCode(t, got.err, client.CodeUnavailable)
	if !errors.Is(got.err, context.Canceled) {
		t.Errorf("Publish: %v", got.err)
	}
}

func TestACallIsNotMadeTwice(t *testing.T) {
	f := newFake(t)
	c := f.dial(t, client.Options{})
	done := make(chan error, 1)
	go func() {
		_, err := c.Call(soon(t), "buy", 1)
		done <- err
	}()
	p := within(t, "a connection", f.visits)
	p.expect("call")
	p.close(1012, "")
	if err := within(t, "the end", done); !errors.Is(err, client.ErrDisconnected) {
		t.Errorf("Call: %v", err)
	}
}

func TestDataIsTakenAsItIsOrRefused(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "price:x", client.SubscribeOptions{})
	for _, data := range []any{json.RawMessage(`{"a":1.50}`), []byte(`[1]`), nil, "ü<", 1.5} {
		if _, err := c.Publish(soon(t), "price:x", data, client.PublishOptions{}); err != nil {
			t.Errorf("%v: %v", data, err)
		}
	}
	wants(t, s, `publication {"a":1.50}`, "publication [1]", "publication null", `publication "ü<"`, "publication 1.5")
	for _, data := range []any{json.RawMessage(`{`), []byte(nil), []byte("\"\xff\""), func() {}, make(chan int)} {
		if _, err := c.Publish(soon(t), "price:x", data, client.PublishOptions{}); !errors.Is(err, client.ErrInvalidData) {
			t.Errorf("%v: %v", data, err)
		}
	}
	for _, topic := range []string{"", "\xff", string(make([]byte, 256))} {
		if _, err := c.Publish(soon(t), topic, 1, client.PublishOptions{}); !errors.Is(err, client.ErrInvalidTopic) {
			t.Errorf("%q: %v", topic, err)
		}
		if _, err := c.Subscribe(soon(t), topic, client.SubscribeOptions{}); !errors.Is(err, client.ErrInvalidTopic) {
			t.Errorf("%q: %v", topic, err)
		}
	}
	if err := c.Ping(soon(t)); err != nil {
		t.Error(err)
	}
}

func TestWhatIsTooLargeIsNotSent(t *testing.T) {
	r := serve(t, live.Options{OnMessage: func(context.Context, *live.Session, string, []byte) {}})
	c := r.dial(t, client.Options{})
	large := strings.Repeat("x", 64<<10)
	_, err := c.Publish(soon(t), "chat:a", large, client.PublishOptions{})
	_, err2 := c.Call(soon(t), "a", large)
	for _, err := range []error{err, err2, c.Send(soon(t), "a", large)} {
		if !errors.Is(err, client.ErrTooLarge) {
			t.Errorf("the error is %v", err)
		}
	}
	// As much as fits is taken, with all that may stand beside it.
	almost := strings.Repeat("x", 64<<10-200)
	if _, err := c.Publish(soon(t), "chat:a", almost, client.PublishOptions{}); err != nil {
		t.Error(err)
	}
	if err := c.Send(soon(t), "a", strings.Repeat("x", 64<<10-24)); err != nil {
		t.Error(err)
	}
	if err := c.Ping(soon(t)); err != nil || c.Err() != nil {
		t.Error(err, c.Err())
	}
}

func TestWithoutEchoAPublicationDoesNotComeBackEvenWhenRecovered(t *testing.T) {
	r := serve(t, live.Options{OnAuth: nil, Identify: func(any) (string, any) { return "ann", nil }})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	other := open(t, client.Options{URL: "ws://" + r.http.Listener.Addr().String(), ID: c.ID()})
	r.link.setDown(true)
	if _, err := other.Publish(soon(t), "chat:a", "mine", client.PublishOptions{NoEcho: true}); err != nil {
		t.Fatal(err)
	}
	r.publish(t, "chat:a", "yours")
	r.link.setDown(false)
	wants(t, s, `publication "yours" #2 recovered`)
}

func TestSendReachesTheProgram(t *testing.T) {
	got := make(chan string, 1)
	r := serve(t, live.Options{OnMessage: func(_ context.Context, _ *live.Session, topic string, data []byte) {
		got <- topic + string(data)
	}})
	c := r.dial(t, client.Options{})
	if err := c.Send(soon(t), "say", "hello"); err != nil {
		t.Fatal(err)
	}
	if m := within(t, "the message", got); m != `say"hello"` {
		t.Errorf("the program got %s", m)
	}
}
