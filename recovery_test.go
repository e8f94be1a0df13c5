package live_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// epochOf returns the epoch of a topic with history.
func (r *rig) epochOf(t *testing.T, topic string) string {
	t.Helper()
	c := r.speaker(t)
	epoch := c.join(t, topic).Epoch
	c.do(t, fmt.Sprintf(`{"op":"unsubscribe","topic":%q}`, topic))
	return epoch
}

func TestSinceGivesWhatWasMissedInOrderAndOnce(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(5000))
		first := r.speaker(t)
		epoch := first.join(t, "h").Epoch
		r.publishNumbers(t, "h", 1, 3000)
		for _, since := range []int{0, 1, 2999, 3000} {
			c := r.speaker(t)
			s := c.rejoin(t, "h", epoch, uint64(since))
			if !s.recovered() || s.Lost != nil || s.Seq != uint64(since) || s.Head != 3000 || s.Epoch != epoch {
				t.Fatalf("since %d: the result is %+v", since, s)
			}
			c.wantNumbered(t, "h", since+1, 3000)
			c.wantNothing(t)
		}
	})
}

func TestWhatIsGoneIsToldAndTheRestDelivered(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(5))
		first := r.speaker(t)
		epoch := first.join(t, "h").Epoch
		r.publishNumbers(t, "h", 1, 10) // 6 to 10 are left
		for _, c := range []struct {
			epoch      string
			since      uint64
			recovered  bool
			lost       string // from and to; "" for nothing
			seq, first int
		}{
			{epoch, 7, true, "", 7, 8},
			{epoch, 5, true, "", 5, 6}, // the floor: nothing after it is gone
			{epoch, 4, false, "5 5", 5, 6},
			{epoch, 0, false, "1 5", 5, 6},
			{epoch, 11, false, "0 0", 5, 6}, // never was
			{epoch, 1<<53 - 1, false, "0 0", 5, 6},
			{"another", 7, false, "0 0", 5, 6},
			{"another", 10, false, "0 0", 5, 6},
		} {
			s := r.speaker(t)
			got := s.rejoin(t, "h", c.epoch, c.since)
			lost := ""
			if got.Lost != nil {
				lost = fmt.Sprint(got.Lost.From, got.Lost.To)
			}
			if got.Recovered == nil || *got.Recovered != c.recovered || lost != c.lost || int(got.Seq) != c.seq || got.Head != 10 {
				t.Errorf("since %s, %d: the result is %+v, lost %q", c.epoch, c.since, got, lost)
			}
			s.wantNumbered(t, "h", c.first, 10)
			s.wantNothing(t)
		}
	})
}

func TestSinceOnATopicWithoutHistoryIsLost(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("plain", open)
		c := r.speaker(t)
		if got := c.do(t, `{"op":"subscribe","topic":"plain","since":{"epoch":"e","seq":5}}`); got != `{"recovered":false,"lost":{}}` {
			t.Errorf("the result is %s", got)
		}
		r.publish(t, "plain", "1")
		c.wantFrames(t, envelope("plain", "1"))
	})
}

func TestLastDeliversTheNewest(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(5))
		r.server.Topic("empty", remembering(5))
		r.publishNumbers(t, "h", 1, 10)
		for _, c := range []struct{ last, first int }{{1, 10}, {3, 8}, {5, 6}, {6, 6}, {1_000_000, 6}} {
			s := r.speaker(t)
			got := s.enter(t, fmt.Sprintf(`{"op":"subscribe","topic":"h","last":%d}`, c.last))
			if int(got.Seq) != c.first-1 || got.Head != 10 || got.Recovered != nil || got.Lost != nil {
				t.Errorf("last %d: the result is %+v", c.last, got)
			}
			s.wantNumbered(t, "h", c.first, 10)
			s.wantNothing(t)
		}
		s := r.speaker(t)
		if got := s.enter(t, `{"op":"subscribe","topic":"empty","last":5}`); got.Seq != 0 || got.Head != 0 || got.Epoch == "" {
			t.Errorf("the result is %+v", got)
		}
		r.publishNumbers(t, "empty", 1, 1)
		s.wantNumbered(t, "empty", 1, 1)
	})
}

func TestManyTopicsRecoverInOneFrame(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		const topics, each = 200, 5
		r := serve(t, kind, live.Options{})
		r.server.Topic("h:{n}", remembering(each))
		first := r.speaker(t)
		var op strings.Builder
		for i := range topics {
			topic := fmt.Sprint("h:", i)
			epoch := first.join(t, topic).Epoch
			r.publishNumbers(t, topic, 1, each)
			fmt.Fprintf(&op, `,%q:{"epoch":%q,"seq":%d}`, topic, epoch, i%each)
		}
		c := r.speaker(t)
		var result struct{ Topics map[string]subscribed }
		decode(t, c.do(t, `{"op":"subscribe","topics":{`+op.String()[1:]+`}}`), &result)
		next := map[string]int{}
		for i := range topics {
			topic := fmt.Sprint("h:", i)
			if s := result.Topics[topic]; !s.recovered() || int(s.Seq) != i%each || s.Head != each {
				t.Fatalf("%s: the result is %+v", topic, s)
			}
			next[topic] = i%each + 1
		}
		for len(next) > 0 {
			var p struct {
				Topic string
				Seq   int
			}
			decode(t, c.next(t), &p)
			if p.Seq != next[p.Topic] {
				t.Fatalf("%s has %d, want %d", p.Topic, p.Seq, next[p.Topic])
			}
			if next[p.Topic]++; p.Seq == each {
				delete(next, p.Topic)
			}
		}
		c.wantNothing(t)
	})
}

func TestAShortGapDoesNotWaitForALongOne(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const long = 20_000
		r := serveTight(t, kind, live.Options{})
		r.server.Topic("{n}", remembering(long))
		epochOfLong, epochOfShort := r.epochOf(t, "long"), r.epochOf(t, "short")
		r.publishNumbers(t, "long", 1, long)
		r.publishNumbers(t, "short", 1, 3)
		c := r.speaker(t)
		c.do(t, fmt.Sprintf(`{"op":"subscribe","topics":{"long":{"epoch":%q,"seq":0},"short":{"epoch":%q,"seq":0}}}`, epochOfLong, epochOfShort))
		at, shorts := 0, 0
		for shorts < 3 {
			switch frame := c.next(t); frame {
			case numbered("short", shorts+1):
				shorts++
			case numbered("long", at+1):
				at++
			default:
				t.Fatalf("received %s after %d and %d", frame, at, shorts)
			}
		}
		if at > long/4 {
			t.Errorf("the short topic was complete after %d publications of the long one", at)
		}
		c.wantNumbered(t, "long", at+1, long)
	})
}

func TestRecoveryWhilePublishersRun(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		const n, clients = 60_000, 4
		r := serve(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}})
		r.server.Topic("h", remembering(n))
		epoch := r.epochOf(t, "h")
		half := make(chan bool)
		var running sync.WaitGroup
		running.Go(func() {
			for i := 1; i <= n; i++ {
				if i == n/4 {
					close(half)
				}
				r.server.Publish("h", fmt.Append(nil, i))
			}
		})
		<-half
		for k := range clients {
			c := r.speaker(t)
			running.Go(func() {
				s := c.rejoin(t, "h", epoch, uint64(k*1000))
				if !s.recovered() {
					t.Errorf("the result is %+v", s)
				}
				c.wantNumbered(t, "h", k*1000+1, n)
				c.wantNothing(t)
			})
		}
		running.Wait()
	})
}

func TestAStalledRecoveryHarmsNobody(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n, size = 1000, 32 << 10
		r := serveTight(t, kind, live.Options{Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("h", remembering(n))
		r.server.Topic("other", open)
		epoch := r.epochOf(t, "h")
		data := `"` + strings.Repeat("x", size) + `"`
		for range n {
			r.publish(t, "h", data)
		}
		well := r.speaker(t)
		well.join(t, "other")
		before := heap()
		stalled := r.speaker(t)
		s := stalled.rejoin(t, "h", epoch, 0)
		if !s.recovered() {
			t.Fatalf("the result is %+v", s)
		}
		for i := range 500 {
			r.publish(t, "other", fmt.Sprint(i))
			well.wantFrames(t, envelope("other", fmt.Sprint(i)))
		}
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("the heap has grown by %d bytes while a client did not read what it recovers", grown)
		}
		for i := range n {
			stalled.wantFrames(t, fmt.Sprintf(`{"topic":"h","data":%s,"seq":%d}`, data, i+1))
		}
		stalled.wantNothing(t)
	})
}

func TestAPartThatGoesWhileAClientRecoversIsAGap(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const size = 50
		r := serveTight(t, kind, live.Options{Timeouts: live.Timeouts{Write: -1}})
		r.server.Topic("h", remembering(size))
		epoch := r.epochOf(t, "h")
		data := `"` + strings.Repeat("x", 128<<10) + `"`
		for range size {
			r.publish(t, "h", data)
		}
		c := r.speaker(t)
		c.rejoin(t, "h", epoch, 0)
		for range size * 4 { // the client does not read meanwhile
			r.publish(t, "h", data)
		}
		at, gaps := 0, 0
		for at < size*5 {
			var p struct {
				Event string
				Seq   int
				Data  any
			}
			decode(t, c.next(t), &p)
			if p.Event == "gap" {
				gap := p.Data.(map[string]any)
				if int(gap["from"].(float64)) != at+1 {
					t.Fatalf("after %d came the gap %v", at, gap)
				}
				at = int(gap["to"].(float64))
				gaps++
				continue
			}
			if p.Seq != at+1 {
				t.Fatalf("after %d came %d, and no gap", at, p.Seq)
			}
			at++
		}
		if gaps == 0 {
			t.Error("there was no gap")
		}
		c.wantNothing(t)
	})
}

func TestALongRecoveryDoesNotOverflowTheQueue(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 5000
		r := serveTight(t, kind, live.Options{QueueSize: 8, Limits: live.Limits{QueueBytes: 64 << 10}})
		r.server.Topic("h", remembering(n))
		epoch := r.epochOf(t, "h")
		r.publishNumbers(t, "h", 1, n)
		c := r.speaker(t)
		c.rejoin(t, "h", epoch, 0)
		c.wantNumbered(t, "h", 1, n)
		if st := r.server.Stats(); st.ClosedSlow != 0 {
			t.Errorf("Stats: %+v", st)
		}
	})
}

func TestShutdownEndsRecoveriesUnderWay(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{Timeouts: live.Timeouts{Close: 100 * time.Millisecond, Write: -1}})
		rule := remembering(500)
		rule.Presence = true
		r.server.Topic("h", rule)
		epoch := r.epochOf(t, "h")
		data := `"` + strings.Repeat("x", 32<<10) + `"`
		for range 500 {
			r.publish(t, "h", data)
		}
		for range 8 { // which do not read
			c := r.speaker(t)
			c.rejoin(t, "h", epoch, 0)
			c.silent = true
		}
		if err := within(t, "Shutdown", shutdown(r)); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := r.server.Publish("h", []byte("1")); err == nil {
			t.Error("Publish works after Shutdown")
		}
	})
}
