package live_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

// lagging is a rule with an overflow policy.
func lagging(overflow live.Overflow, history int) live.Rule {
	r := open
	r.Overflow, r.History = overflow, live.History{Size: history}
	return r
}

// fat is data of 8 KiB that begins with a number.
func fat(n int) string { return fmt.Sprintf(`[%d,"%s"]`, n, strings.Repeat("x", 8<<10)) }

// arrival is a frame about a topic, taken apart.
type arrival struct {
	n        int // the number in the data of a publication; 0 for a gap
	seq      int
	key      string
	from, to int // of a gap
	count    int // of a gap on a topic without history
}

// arrive returns the next frame.
func (c *speaker) arrive(t *testing.T) (a arrival) {
	t.Helper()
	var f struct {
		Event string
		Data  json.RawMessage
		Seq   int
		Key   string
	}
	text := c.next(t)
	decode(t, text, &f)
	if f.Event == "gap" {
		var gap struct{ From, To, Count int }
		decode(t, string(f.Data), &gap)
		return arrival{from: gap.From, to: gap.To, count: gap.Count}
	}
	var data []any
	if f.Event != "" || json.Unmarshal(f.Data, &data) != nil {
		t.Fatalf("received %.300s", text)
	}
	return arrival{n: int(data[0].(float64)), seq: f.Seq, key: f.Key}
}

// flooded publishes n publications of 8 KiB while a client does not read, and checks
// that another one has them all at once.
func flooded(t *testing.T, r *rig, well *speaker, n int, key func(n int) string) {
	t.Helper()
	for i := 1; i <= n; i++ {
		o := live.PublishOptions{}
		if key != nil {
			o.Key = key(i)
		}
		if _, err := r.server.PublishWith(t.Context(), "a", []byte(fat(i)), o); err != nil {
			t.Fatal(err)
		}
		if got := well.arrive(t); got.n != i {
			t.Fatalf("the healthy reader received %+v, want %d", got, i)
		}
	}
}

const floodSize = 700 // 6 MiB: more than the kernel takes

func TestDropOldestSaysWhatItDropped(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("a", lagging(live.DropOldest, 10_000))
		slow, well := r.speaker(t), r.speaker(t)
		slow.join(t, "a")
		well.join(t, "a")
		flooded(t, r, well, floodSize, nil)
		at, lost := 0, 0
		for at < floodSize {
			switch a := slow.arrive(t); {
			case a.n == 0 && a.from == at+1 && a.to >= a.from:
				lost += a.to - at
				at = a.to
			case a.n == at+1 && a.seq == at+1:
				at++
			default:
				t.Fatalf("after %d came %+v", at, a)
			}
		}
		slow.wantNothing(t)
		if st := r.server.Stats(); lost == 0 || st.Dropped != uint64(lost) || st.ClosedSlow != 0 {
			t.Errorf("%d were lost; Stats: %+v", lost, st)
		}
	})
}

func TestDropOldestWithoutHistoryCountsWhatItDropped(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("a", lagging(live.DropOldest, 0))
		slow, well := r.speaker(t), r.speaker(t)
		slow.join(t, "a")
		well.join(t, "a")
		flooded(t, r, well, floodSize, nil)
		at, lost := 0, 0
		for at < floodSize {
			if a := slow.arrive(t); a.n == 0 && a.count > 0 {
				lost += a.count
				at += a.count
			} else if at++; a.n != at {
				t.Fatalf("after %d came %+v", at-1, a)
			}
		}
		if st := r.server.Stats(); lost == 0 || st.Dropped != uint64(lost) {
			t.Errorf("%d were lost; Stats: %+v", lost, st)
		}
	})
}

func TestKeepLatestKeepsTheNewestOfEachKey(t *testing.T) {
	for name, history := range map[string]int{"with history": 10_000, "without": 0} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				const keys = 7
				r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
				r.server.Topic("a", lagging(live.KeepLatest, history))
				slow, well := r.speaker(t), r.speaker(t)
				slow.join(t, "a")
				well.join(t, "a")
				flooded(t, r, well, floodSize, func(n int) string { return fmt.Sprint(n % keys) })
				newest, last, lost := map[string]int{}, 0, 0
				for last < floodSize {
					a := slow.arrive(t)
					switch {
					case a.n == 0 && a.from == last+1:
						lost += a.to - last
						last = a.to
					case a.n > last && (history == 0 || a.n == last+1) && a.key == fmt.Sprint(a.n%keys):
						newest[a.key], last = a.n, a.n
					default:
						t.Fatalf("after %d came %+v", last, a)
					}
				}
				for n := floodSize - keys + 1; n <= floodSize; n++ {
					if newest[fmt.Sprint(n%keys)] != n {
						t.Errorf("the newest of key %d is %d, want %d", n%keys, newest[fmt.Sprint(n%keys)], n)
					}
				}
				st := r.server.Stats()
				if st.Dropped == 0 || history > 0 && st.Dropped != uint64(lost) {
					t.Errorf("%d were lost; Stats: %+v", lost, st)
				}
			})
		})
	}
}

func TestReplayDeliversEverythingOnceTheSocketDrains(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("a", lagging(live.Replay, 10_000))
		slow, well := r.speaker(t), r.speaker(t)
		slow.join(t, "a")
		well.join(t, "a")
		flooded(t, r, well, floodSize, nil)
		for n := 1; n <= floodSize; n++ {
			if a := slow.arrive(t); a.n != n || a.seq != n {
				t.Fatalf("received %+v, want %d", a, n)
			}
		}
		r.publish(t, "a", fat(floodSize+1))
		if a := slow.arrive(t); a.n != floodSize+1 {
			t.Errorf("then came %+v", a)
		}
		slow.wantNothing(t)
		if st := r.server.Stats(); st.Replayed == 0 || st.ClosedSlow != 0 || st.Dropped != 0 {
			t.Errorf("Stats: %+v", st)
		}
	})
}

func TestReplaySaysWhatHistoryHasNotAnyMore(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("a", lagging(live.Replay, 20))
		slow, well := r.speaker(t), r.speaker(t)
		slow.join(t, "a")
		well.join(t, "a")
		flooded(t, r, well, floodSize, nil)
		at, lost := 0, 0
		for at < floodSize {
			switch a := slow.arrive(t); {
			case a.n == 0 && a.from == at+1:
				lost += a.to - at
				at = a.to
			case a.n == at+1:
				at++
			default:
				t.Fatalf("after %d came %+v", at, a)
			}
		}
		if lost == 0 {
			t.Error("nothing was lost")
		}
		slow.wantNothing(t)
	})
}

func TestAClientThatSendsNoOpIsNotToldOfGaps(t *testing.T) {
	for name, rule := range map[string]live.Rule{
		"DropOldest": lagging(live.DropOldest, 20), "KeepLatest": lagging(live.KeepLatest, 20), "Replay": lagging(live.Replay, 20),
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
				r.server.Topic("a", rule)
				slow, s := r.speakerPair(t)
				well, _ := r.speakerPair(t)
				r.subscribe(t, s, "a")
				well.join(t, "a")
				flooded(t, r, well, floodSize, nil)
				for last := 0; last < floodSize; {
					a := slow.arrive(t)
					if a.n <= last || a.seq != a.n {
						t.Fatalf("after %d came %+v", last, a)
					}
					last = a.n
				}
			})
		})
	}
}

func TestDisconnectClosesWith4008AndTheClientRecovers(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 64, Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("a", lagging(live.Disconnect, 10_000))
		slow, well := r.speaker(t), r.speaker(t)
		epoch := slow.join(t, "a").Epoch
		well.join(t, "a")
		flooded(t, r, well, floodSize, nil)
		at := 0
		for {
			frame, err := slow.receive()
			if err != nil {
				if got, ok := err.(*closed); !ok || got.code != live.CloseTooSlow {
					t.Fatalf("it ended with %v", err)
				}
				break
			}
			slow.kept = []string{frame}
			if a := slow.arrive(t); a.n != at+1 {
				t.Fatalf("after %d came %+v", at, a)
			}
			at++
		}
		again := r.speaker(t)
		if s := again.rejoin(t, "a", epoch, uint64(at)); !s.recovered() {
			t.Errorf("the result is %+v", s)
		}
		for n := at + 1; n <= floodSize; n++ {
			if a := again.arrive(t); a.n != n {
				t.Fatalf("received %+v, want %d", a, n)
			}
		}
	})
}

func TestLaggardsCostBoundedMemory(t *testing.T) {
	for name, rule := range map[string]live.Rule{
		"DropOldest": lagging(live.DropOldest, 0), "KeepLatest": lagging(live.KeepLatest, 0), "Replay": lagging(live.Replay, 10),
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				const clients = 8
				r := serveTight(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 256 << 10}, Timeouts: live.Timeouts{Write: -1}})
				r.server.Topic("a", rule)
				well := r.speaker(t)
				well.join(t, "a")
				for range clients {
					r.speaker(t).join(t, "a")
				}
				before := heap()
				flooded(t, r, well, floodSize, func(n int) string { return fmt.Sprint(n % 3) })
				if grown := heap() - before; grown > clients*(1<<20)+(8<<20) {
					t.Errorf("the heap has grown by %d bytes", grown)
				}
			})
		})
	}
}
