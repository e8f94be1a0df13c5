package presence_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker/memory"
	"github.com/livetopics/live/internal/presence"
)

// The same over the default broker: a few members, then a crowd, then nobody.
func TestOverTheMemoryBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := memory.New(memory.Options{})(nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{t: t}
		r.Tracker = presence.New(presence.Options{
			Broker:   b,
			Announce: func(topic string, ev presence.Event) { r.note(show(topic, ev)) },
		})
		r.joinLimited("room", 3, 1, "ann", `{"a":1}`)
		r.joinLimited("room", 3, 2, "ann", `{"a":1}`)
		r.joinLimited("room", 3, 3, "bob", ``)
		r.update("room", 3, "bob", `2`)
		r.wantMembers("room", "ann:2", "bob:1")
		r.Leave("room", 3)
		pass(grace)
		r.want(`room join ann {"a":1}`, "room join bob", "room update bob 2", "room leave bob 2")

		for i := range 10 {
			r.joinLimited("room", 3, 10+i, fmt.Sprint("u", i), "")
		}
		pass(time.Second)
		r.want("room join u0", "room join u1", "room join u2", "room count 4", "room count 11")
		for i := range 10 {
			r.Leave("room", 10+i)
		}
		pass(grace + time.Second)
		if events := r.take(); len(events) == 0 || events[len(events)-1] != "room count 1" {
			t.Errorf("announced %q, the last should be 1", events)
		}
		r.wantMembers("room", "ann:2")
		r.close()
		if ms, err := b.Members(t.Context(), "room", 10); err != nil || ms.Count != 0 {
			t.Errorf("after Close the broker has %+v, %v", ms, err)
		}
		if err := b.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
