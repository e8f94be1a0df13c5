package natsbroker_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsembed"
)

func TestAServerThatWasAwayShowsNobodyWhoLeft(t *testing.T) {
	rejoin(t, func(_ string, away, leave func()) {
		away()
		leave()
	})
}

// TestAServerThatWasKilledShowsNobodyWhoLeft has a server come back with its data as they
// were on the disk when users had just left.
func TestAServerThatWasKilledShowsNobodyWhoLeft(t *testing.T) {
	rejoin(t, func(dir string, away, leave func()) {
		leave()
		image := t.TempDir()
		if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		away()
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, os.DirFS(image)); err != nil {
			t.Fatal(err)
		}
	})
}

// rejoin has all but one of many users leave and one of three servers go away, as script
// says, and begins that server again when nothing is left of them in the others' streams.
func rejoin(t *testing.T, script func(dir string, away, leave func())) {
	t.Helper()
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
	script(opts[2].Dir, func() { stop(t, all[2]) }, func() {
		for i := 1; i < users; i++ { // one stays
			eventually(t, "the user leaves", func() bool {
				_, err := a.Leave(t.Context(), "room", fmt.Sprint(i))
				return err == nil
			})
		}
	})
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
