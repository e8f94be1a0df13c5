package natsbroker

import (
	"hash/maphash"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// deaf is a broker without a connection that follows some topics and a wildcard.
func deaf(d broker.Deliver) *Broker {
	o, _ := Options{Prefix: "a-prefix"}.withDefaults()
	b := &Broker{opts: o, subjects: newSubjects(o.Prefix), deliver: d, seed: maphash.MakeSeed(), stopped: true}
	b.follows.init()
	b.barrier.init(b)
	b.maintain.init(b)
	b.link.init(o.Logger)
	h := broker.History{Size: 10, Name: "kept"}
	for _, t := range []*topic{
		{name: "plain", arrives: b.subjects.plain + "plain"},
		{name: "kept", stream: b.stream(h), arrives: b.stream(h).spread + "kept"},
		{name: "**"},
	} {
		b.follows.add(t)
	}
	b.stream(h).epoch.Store(&epoch{Name: "e", Clock: []tick{{1, 1}}})
	b.calls.prefix, b.calls.waiting = "_INBOX.x.", make(map[uint64]chan *nats.Msg)
	b.calls.waiting[1] = make(chan *nats.Msg, 1)
	return b
}

// FuzzReceive checks that whatever others publish on our subjects is delivered or
// dropped, and nothing else happens.
func FuzzReceive(f *testing.F) {
	at := time.Unix(1, 0).UTC().Format(time.RFC3339Nano)
	m := broker.Message{Key: "k", Origin: "o", Data: []byte("1")}
	whole := appendFrame(nil, &m, 1, 0)
	some := deaf(func(string, string, *broker.Publication) {})
	kept := some.streamOf(tokenOf("kept")).spread
	for _, subject := range []string{
		"", ".", "plain", "a-prefix", "a-prefix.p", "a-prefix.p.", "a-prefix.p.plain", "a-prefix.p.b.c", "a-prefix.p.%", "a-prefix.p.%2",
		"a-prefix.r", "a-prefix.r.", "a-prefix.r.x", "a-prefix.r.x.", "a-prefix.r.x.y", "a-prefix.r.x.%E", kept + "kept", kept + "other", kept + marker,
		"a-prefix.hello", "_INBOX.x", "_INBOX.x.", "_INBOX.x.0", "_INBOX.x.1", elected, elected + "a-prefix_h_x",
	} {
		f.Add(subject, whole, "7", "6", at)
		f.Add(subject, whole[:1], "7", "6", at)
		f.Add(subject, []byte{}, "", "", "")
	}
	f.Add(kept+"kept", whole, "18446744073709551615", "18446744073709551615", at)
	f.Add("a-prefix.hello", []byte("SERVER 1"), "", "", "")
	f.Fuzz(func(t *testing.T, subject string, data []byte, seq, before, at string) {
		b := deaf(func(topic, _ string, p *broker.Publication) {
			if topic == "" || p.Lost != 0 || len(p.Data) > len(data) {
				t.Errorf("%q with %q is delivered as %+v on %q", subject, data, p, topic)
			}
		})
		m := &nats.Msg{Subject: subject, Data: data}
		if seq+before+at != "" {
			m.Header = nats.Header{"Nats-Sequence": {seq}, "Nats-Last-Sequence": {before}, "Nats-Time-Stamp": {at}}
		}
		for range 2 {
			b.take(m)
			if strings.HasPrefix(subject, b.calls.prefix[:len(b.calls.prefix)-1]) {
				b.calls.hand(m)
			}
		}
	})
}
