package natsbroker_test

import (
	"fmt"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsembed"
)

// TestAServerThatWasAwayShowsNobodyWhoLeft joins and leaves while one of three servers
// is away, until nothing is left of it in the others' streams.
func TestAServerThatWasAwayShowsNobodyWhoLeft(t *testing.T) {
	peers, err := freeAddresses(3)
	if err != nil {
		t.Fatal(err)
	}
	var all []*natsembed.Server
	var opts []natsembed.Options
	for _, addr := range peers {
		o := natsembed.Options{Listen: addr, Peers: peers, Dir: t.TempDir()}
		s, err := natsembed.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, s) })
		all, opts = append(all, s), append(opts, o)
	}
	for _, s := range all {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ignore := func(string, string, *broker.Publication) {}
	o := options()
	a, b := open(t, all[0], o, ignore), open(t, all[1], o, ignore)
	defer closeIt(t, a)
	defer closeIt(t, b)
	const users = 20
	for i := range users {
		if _, err := a.Join(t.Context(), "room", broker.Member{User: fmt.Sprint(i), Sessions: 1}); err != nil {
			t.Fatal(err)
		}
	}
	stop(t, all[2])
	for i := range users {
		if i == 0 {
			continue // who stays
		}
		eventually(t, "the user leaves", func() bool {
			_, err := a.Leave(t.Context(), "room", fmt.Sprint(i))
			return err == nil
		})
	}
	eventually(t, "nothing is left of who left", func() bool {
		_, err := a.Tend(t.Context())
		return err == nil && a.Registrations("room") == 1
	})
	again, err := natsembed.Start(opts[2])
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, again)
	if err := again.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := open(t, again, o, ignore)
	defer closeIt(t, c)
	eventually(t, "the server has the stream", func() bool {
		_, err := c.Tend(t.Context())
		return err == nil
	})
	for _, n := range []broker.Broker{a, b, c} {
		m, err := n.Members(t.Context(), "room", 100)
		if err != nil || m.Count != 1 || len(m.List) != 1 || m.List[0].User != "0" {
			t.Errorf("there are %+v, %v", m, err)
		}
	}
}
