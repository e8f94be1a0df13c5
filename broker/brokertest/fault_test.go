package brokertest_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/broker/memory"
)

// faulty is a broker with a planted fault.
type faulty struct {
	broker.Broker
	publish func(m *broker.Message)  // spoils what is published
	page    func(p *broker.Page)     // spoils a page
	join    func(m *broker.Member)   // spoils a member
	members func(m *broker.Members)  // spoils the members
	at      func(p *broker.Position) // spoils the position of a publication
}

func (f *faulty) Publish(ctx context.Context, m *broker.Message) (broker.Position, error) {
	spoiled := *m
	if f.publish != nil {
		f.publish(&spoiled)
	}
	p, err := f.Broker.Publish(ctx, &spoiled)
	if f.at != nil {
		f.at(&p)
	}
	return p, err
}

func (f *faulty) History(ctx context.Context, topic string, h broker.History, q broker.Query) (broker.Page, error) {
	p, err := f.Broker.History(ctx, topic, h, q)
	if f.page != nil {
		f.page(&p)
	}
	return p, err
}

func (f *faulty) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	if f.join != nil {
		f.join(&m)
	}
	return f.Broker.Join(ctx, topic, m)
}

func (f *faulty) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	m, err := f.Broker.Members(ctx, topic, limit)
	if f.members != nil {
		f.members(&m)
	}
	return m, err
}

// opened makes openers of one node whose deliveries and calls are spoiled.
func opened(spoil func(d broker.Deliver) broker.Deliver, f faulty) func(ds ...broker.Deliver) []broker.Broker {
	return func(ds ...broker.Deliver) []broker.Broker {
		d := ds[0]
		if spoil != nil {
			d = spoil(d)
		}
		b, err := memory.New(memory.Options{})(d)
		if err != nil {
			panic(err)
		}
		f := f
		f.Broker = b
		return []broker.Broker{&f}
	}
}

func duplicate(d broker.Deliver) broker.Deliver {
	return func(topic, epoch string, p *broker.Publication) {
		d(topic, epoch, p)
		d(topic, epoch, p)
	}
}

// reorder delivers each second publication of a topic before the first.
func reorder(d broker.Deliver) broker.Deliver {
	var mu sync.Mutex // guards held
	held := make(map[string]broker.Publication)
	return func(topic, epoch string, p *broker.Publication) {
		mu.Lock()
		defer mu.Unlock()
		first, ok := held[topic]
		if !ok && string(p.Data) != "0" { // what the suite publishes last
			q := *p
			q.Data = append([]byte(nil), p.Data...)
			held[topic] = q
			return
		}
		d(topic, epoch, p)
		if ok {
			delete(held, topic)
			d(topic, epoch, &first)
		}
	}
}

// drop loses each tenth publication.
func drop(d broker.Deliver) broker.Deliver {
	var n atomic.Int64
	return func(topic, epoch string, p *broker.Publication) {
		if n.Add(1)%10 != 0 {
			d(topic, epoch, p)
		}
	}
}

// cut loses the end of large publications.
func cut(d broker.Deliver) broker.Deliver {
	return func(topic, epoch string, p *broker.Publication) {
		q := *p
		q.Data = p.Data[:min(len(p.Data), 60_000)]
		d(topic, epoch, &q)
	}
}

func TestSuiteSeesPlantedFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(d broker.Deliver) broker.Deliver
		f     faulty
	}{
		{name: "delivers twice", spoil: duplicate},
		{name: "drops each tenth", spoil: drop},
		{name: "delivers in another order", spoil: reorder},
		{name: "cuts data", spoil: cut},
		{name: "has no origin", f: faulty{publish: func(m *broker.Message) { m.Origin = "" }}},
		{name: "has no dedup", f: faulty{publish: func(m *broker.Message) { m.Dedup = "" }}},
		{name: "keeps too little", f: faulty{publish: func(m *broker.Message) { m.History.Size /= 2 }}},
		{name: "has no key", f: faulty{publish: func(m *broker.Message) { m.Key = "" }}},
		{name: "returns a wrong position", f: faulty{at: func(p *broker.Position) { p.Seq++ }}},
		{name: "loses the end of a page", f: faulty{page: func(p *broker.Page) {
			p.Publications = p.Publications[:len(p.Publications)*9/10]
		}}},
		{name: "does not tell the floor", f: faulty{page: func(p *broker.Page) { p.Floor = 0 }}},
		{name: "counts sessions wrongly", f: faulty{join: func(m *broker.Member) { m.Sessions = 1 }}},
		{name: "lists members backwards", f: faulty{members: func(m *broker.Members) {
			for i, j := 0, len(m.List)-1; i < j; i, j = i+1, j-1 {
				m.List[i], m.List[j] = m.List[j], m.List[i]
			}
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := brokertest.Failure(t.Context(), 50*time.Millisecond, opened(c.spoil, c.f))
			if failed == "" {
				t.Error("all cases pass")
			}
			t.Logf("fails: %s", failed)
		})
	}
}

func TestSuiteHasNothingAgainstASoundBroker(t *testing.T) {
	if failed := brokertest.Failure(t.Context(), time.Minute, opened(nil, faulty{})); failed != "" {
		t.Errorf("fails: %s", failed)
	}
}
