package client_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func TestASilentConnectionIsGivenUp(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{Timeouts: client.Timeouts{
		Silence: 100 * time.Millisecond, Answer: 200 * time.Millisecond, Dial: time.Second,
	}})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	r.link.setSilent(true)
	eventually(t, "it has noticed", func() bool { return c.State().Phase != client.Connected })
	r.link.setSilent(false)
	r.publish(t, "chat:a", 1)
	wantSeq(t, s, 1)
}

func TestAnIdleConnectionIsKept(t *testing.T) {
	r := serve(t, live.Options{})
	c := r.dial(t, client.Options{Timeouts: client.Timeouts{Silence: 5 * time.Millisecond}})
	if err := c.Ready(soon(t)); err != nil {
		t.Fatal(err)
	}
	<-time.After(100 * time.Millisecond) // some twenty pings
	if made := r.link.connections(); made != 1 || c.State().Phase != client.Connected {
		t.Errorf("%d connections, %+v", made, c.State())
	}
}

func TestARequestMayTakeLongerThanASilence(t *testing.T) {
	goOn := make(chan struct{})
	r := serve(t, live.Options{OnCall: func(context.Context, *live.Session, string, []byte) (any, error) {
		<-goOn
		return "done", nil
	}})
	c := r.dial(t, client.Options{Timeouts: client.Timeouts{Silence: 10 * time.Millisecond}})
	done := make(chan error, 1)
	go func() {
		_, err := c.Call(soon(t), "slow", nil)
		done <- err
	}()
	<-time.After(100 * time.Millisecond)
	close(goOn)
	if err := within(t, "the answer", done); err != nil || r.link.connections() != 1 {
		t.Errorf("Call: %v, over %d connections", err, r.link.connections())
	}
}

func TestEveryMethodMayBeCalledAtOnce(t *testing.T) {
	r := serve(t, live.Options{})
	c := client.New(client.Options{URL: "ws://" + r.link.addr(), Backoff: quickly, Requests: 3, Buffer: 5})
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for ctx.Err() == nil && c.Err() == nil {
				anything(ctx, c, "chat:"+itoa(rand.IntN(3)), i)
			}
		})
	}
	group.Go(func() {
		for ctx.Err() == nil {
			<-time.After(20 * time.Millisecond)
			r.link.cut()
		}
	})
	<-time.After(300 * time.Millisecond)
	c.Close()
	group.Wait()
	if !errors.Is(c.Err(), client.ErrClosed) {
		t.Error(c.Err())
	}
}

// anything calls something. Whether it works does not matter.
func anything(ctx context.Context, c *client.Client, topic string, i int) {
	short, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(30))*time.Millisecond)
	defer cancel()
	switch rand.IntN(7) {
	case 0:
		c.Publish(short, topic, i, client.PublishOptions{})
	case 1:
		c.Send(short, topic, i)
	case 2:
		c.History(short, topic, client.HistoryOptions{})
	case 3:
		c.Presence(short, topic, 1)
	case 4:
		for range c.Messages(short) {
		}
	default:
		s, err := c.Subscribe(short, topic, client.SubscribeOptions{Last: 10, Buffer: 2, Presence: i%2 == 0})
		if err != nil {
			return
		}
		for range s.Messages(short) {
		}
		s.Position()
		s.Members()
		s.Unsubscribe(short)
	}
}
