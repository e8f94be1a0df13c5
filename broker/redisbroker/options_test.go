package redisbroker_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
)

func TestURLsOfServers(t *testing.T) {
	for _, c := range []struct {
		url            string
		addrs          []string
		user, password string
		db             int
		tls            bool
	}{
		{"", []string{"127.0.0.1:6379"}, "", "", 0, false},
		{"redis://host", []string{"host:6379"}, "", "", 0, false},
		{"redis://ann:secret@host:7000/3", []string{"host:7000"}, "ann", "secret", 3, false},
		{"rediss://host:7000", []string{"host:7000"}, "", "", 0, true},
		{"redis://a:1,b:2,c", []string{"a:1", "b:2", "c:6379"}, "", "", 0, false},
		{"redis://:p@a:1, b:2", []string{"a:1", "b:2"}, "", "p", 0, false},
		{"redis://a:1,redis://b:2", []string{"a:1", "b:2"}, "", "", 0, false},
		{"redis://a:1,a:1", []string{"a:1"}, "", "", 0, false},
		{"redis://[::1]:1", []string{"[::1]:1"}, "", "", 0, false},
	} {
		o, err := redisbroker.ParseURL(c.url)
		if err != nil || !slices.Equal(o.InitAddress, c.addrs) || o.Username != c.user || o.Password != c.password ||
			o.SelectDB != c.db || (o.TLSConfig != nil) != c.tls {
			t.Errorf("%q: %q, %q, %q, %d, %v", c.url, o.InitAddress, o.Username, o.Password, o.SelectDB, err)
		}
	}
}

func TestURLsThatAreNoneAreRefusedWithoutTheirPassword(t *testing.T) {
	for _, url := range []string{"host:6379", "nats://u:secret@host", "redis://u:secret@host:port", "redis://u:secret@a,b/2", "redis://u:secret@host/x", "redis://u:se%zzcret@host"} {
		b, err := redisbroker.New(redisbroker.Options{URL: url})(func(string, string, *broker.Publication) {})
		if err == nil {
			t.Errorf("%s is taken", url)
			b.Close(context.Background())
		} else if strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "redisbroker: ") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestAPrefixHasNoBraces(t *testing.T) {
	if _, err := redisbroker.New(redisbroker.Options{Prefix: "a{b}"})(nil); err == nil {
		t.Error("a prefix with braces is taken")
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("redis://ann:secret@host:7000/3?master_set=m")
	f.Add("rediss://a,b,c")
	f.Fuzz(func(t *testing.T, url string) {
		if o, err := redisbroker.ParseURL(url); err == nil && len(o.InitAddress) == 0 {
			t.Errorf("%q has no address", url)
		}
	})
}

func TestPositionsOfThePublishedAreRememberedForAWhile(t *testing.T) {
	var r redisbroker.Recent
	now := time.Unix(1000, 0)
	r.Put("a", redisbroker.Position{Epoch: "E", Seq: 5}, now)
	r.Put("a", redisbroker.Position{Epoch: "E", Seq: 4}, now)
	if p := r.Get("a"); p.Seq != 5 {
		t.Errorf("after 5 and 4 it is %+v", p)
	}
	r.Put("a", redisbroker.Position{Epoch: "F", Seq: 1}, now)
	if p := r.Get("a"); p != (redisbroker.Position{Epoch: "F", Seq: 1}) {
		t.Errorf("of another epoch it is %+v", p)
	}
	r.Put("b", redisbroker.Position{Epoch: "E", Seq: 1}, now.Add(11*time.Minute))
	r.Put("a", redisbroker.Position{Epoch: "F", Seq: 0}, now.Add(11*time.Minute))
	if p := r.Get("a"); p.Seq != 1 {
		t.Errorf("after a turn it is %+v", p)
	}
	for i := range 3000 {
		r.Put(strings.Repeat("x", i), redisbroker.Position{Epoch: "E", Seq: 1}, now.Add(11*time.Minute))
	}
	if p := r.Get("a"); p.Seq != 0 {
		t.Errorf("after many others it is %+v", p)
	}
}

func TestWhatComesTwoWaysIsTakenOnce(t *testing.T) {
	var w redisbroker.Twice
	now := time.Unix(1000, 0)
	for i, want := range []bool{true, false, false} {
		if got := w.First("a", now.Add(time.Duration(i)*4*time.Second)); got != want {
			t.Errorf("time %d: %v", i, got)
		}
	}
	w.First("b", now.Add(8*time.Second))
	w.First("c", now.Add(16*time.Second))
	if !w.First("a", now.Add(16*time.Second)) {
		t.Error("it is remembered for ever")
	}
}

func TestOfSeveralWildcardsTheFirstThatMatchesDelivers(t *testing.T) {
	var w redisbroker.Wildcards
	globs := make(map[string]string)
	for _, text := range []string{"a:*", "a:**", "*:b"} {
		w.Add(text)
		globs[text] = redisbroker.Glob(text, redisbroker.NewNames("live", 0).Publish)
	}
	if all := w.Globs(); len(all) != 3 {
		t.Errorf("globs are %q", all)
	}
	for topic, want := range map[string]string{"a:b": "*:b", "a:c": "a:*", "a:b:c": "a:**", "c": ""} {
		for _, glob := range globs {
			if got := w.First(glob, topic); got != (glob == globs[want]) {
				t.Errorf("%s by %s: %v", topic, glob, got)
			}
		}
	}
	w.Remove("*:b")
	if !w.First(globs["a:*"], "a:b") {
		t.Error("when the first has gone, the second does not deliver")
	}
}

func TestSessionsOfAllNodesAreAddedUp(t *testing.T) {
	for s, want := range map[string]int{"": 0, "N1=2,": 2, "N1=2,N2=3,": 5, "x": 0, "N1=y,N2=1,": 1} {
		if got := redisbroker.Sessions(s); got != want {
			t.Errorf("%q: %d", s, got)
		}
	}
}
