package presence_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/presence"
)

// agreeable is a broker that costs nothing: what is measured is the tracker.
type agreeable struct {
	broker.Broker
	members atomic.Int64
}

func (b *agreeable) Join(context.Context, string, broker.Member) (broker.Change, error) {
	b.members.Add(1)
	return broker.Joined, nil
}

func (b *agreeable) Leave(context.Context, string, string) (broker.Change, error) {
	b.members.Add(-1)
	return broker.Left, nil
}

func (b *agreeable) Members(context.Context, string, int) (broker.Members, error) {
	return broker.Members{Count: int(b.members.Load())}, nil
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestMemberCostsFewBytes(t *testing.T) {
	const most = 300
	for name, topics := range map[string]int{"on one topic": 1, "on 10,000 topics": 10_000} {
		t.Run(name, func(t *testing.T) {
			const members = 10_000
			users, where, sessions := make([]string, members), make([]string, members), make([]int, members)
			for i := range members {
				users[i], where[i] = fmt.Sprint("user", i), fmt.Sprint("topic", i%topics)
			}
			tr := presence.New(presence.Options{Broker: &agreeable{}})
			before := heap()
			for i := range members {
				if err := tr.Join(t.Context(), where[i], 0, &sessions[i], users[i], nil); err != nil {
					t.Fatal(err)
				}
			}
			each := (heap() - before) / members
			t.Logf("%d bytes a member", each)
			if topics == 1 && each > most {
				t.Errorf("a member costs %d bytes, more than %d", each, most)
			}
			runtime.KeepAlive(users)
			if err := tr.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// BenchmarkReconnect is a tenth of a crowd of 10,000 that leaves and comes back
// within the grace.
func BenchmarkReconnect(b *testing.B) { benchmarkChurn(b, presence.Options{}, false) }

// BenchmarkLeaveAndJoin is the same with the graces ended in between: the broker is
// told of each leave and each join.
func BenchmarkLeaveAndJoin(b *testing.B) { benchmarkChurn(b, presence.Options{}, true) }

func benchmarkChurn(b *testing.B, o presence.Options, flush bool) {
	const members, limit, moving = 10_000, 100, 1_000
	o.Broker = &agreeable{}
	var events atomic.Int64
	o.Announce = func(string, presence.Event) { events.Add(1) }
	tr := presence.New(o)
	sessions, users := make([]int, members), make([]string, members)
	join := func(i int) {
		if err := tr.Join(b.Context(), "room", limit, &sessions[i], users[i], nil); err != nil {
			b.Error(err)
		}
	}
	for i := range members {
		users[i] = fmt.Sprint("user", i)
		join(i)
	}
	events.Store(0)
	b.ReportAllocs()
	for b.Loop() {
		for i := range moving {
			tr.Leave("room", &sessions[i])
		}
		if flush {
			if err := tr.Flush(b.Context()); err != nil {
				b.Error(err)
			}
		}
		for i := range moving {
			join(i)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*moving), "ns/move")
	b.ReportMetric(float64(events.Load())/b.Elapsed().Seconds(), "events/s")
	if err := tr.Close(context.Background()); err != nil {
		b.Error(err)
	}
}
