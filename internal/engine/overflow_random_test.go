package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// The size of the test below: what can wait at once without being dropped, of which
// there is one for each key, fits.
const (
	mixRuns   = 40
	mixSteps  = 600
	mixKeys   = 3
	mixQueue  = 20
	mixPage   = 5
	mixAtOnce = 4
)

// mix is one slow reader of topics of every policy but Disconnect, beside what was
// published to each.
type mix struct {
	*stage
	rng    *rand.Rand
	c      *Conn
	told   <-chan fell
	events bool
	past   map[string][]*Frame
	lags   []*mixLag
	raw    []byte // all that it was written
}

// mixLag is a subscription on its way back.
type mixLag struct {
	fell
	page chan struct{} // closed when the last page was written
}

var mixTopics = map[string]Overflow{"drop:a": DropOldest, "drop:b": DropOldest, "latest:a": KeepLatest, "latest:b": KeepLatest, "replay:a": Replay, "replay:b": Replay}

var mixNames = []string{"drop:a", "drop:b", "latest:a", "latest:b", "replay:a", "replay:b"}

// What a slow reader is written is a part of what was published, in order; it is told
// of all that is missing, where a topic is not replayed; and where it is, nothing is.
func TestSlowReaderMissesNothingThatItIsNotToldOf(t *testing.T) {
	for seed := range uint64(mixRuns) {
		s, c, told := replayStage(t, Options{QueueSize: mixQueue}, mixNames...)
		m := &mix{stage: s, rng: rand.New(rand.NewPCG(seed, 3)), c: c, told: told, events: seed%4 != 0, past: map[string][]*Frame{}}
		s.onLoop(c, func(*loop) {
			c.holes = m.events
			s.socket(c).wrote = func(_ *Conn, b []byte) { m.raw = append(m.raw, b...) }
		})
		for range mixSteps {
			m.step()
		}
		m.finish()
		m.compare()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (m *mix) step() {
	switch k := m.rng.IntN(10); {
	case k < 6:
		m.publish(mixNames[m.rng.IntN(len(mixNames))])
	case k < 7:
		m.settle()
		m.onLoop(m.c, func(*loop) {
			if q := m.c.out; q != nil && (q.count > mixQueue || q.holes > q.count+len(mixNames)) {
				m.Errorf("%d frames and %d holes wait", q.count, q.holes)
			}
		})
	case k < 8:
		m.give(m.rng.IntN(200))
	default:
		m.bring()
	}
}

func (m *mix) publish(topic string) {
	n := len(m.past[topic]) + 1
	f := textFrame(fmt.Sprintf("%s %d", topic, n))
	f.Pub = &Pub{Topic: topic, Seq: uint64(n), Key: fmt.Sprint(m.rng.IntN(mixKeys)), Overflow: mixTopics[topic]}
	m.past[topic] = append(m.past[topic], f)
	m.e.Publish(topic, f, nil)
}

// give makes room in the socket.
func (m *mix) give(room int) {
	m.onLoop(m.c, func(l *loop) {
		m.socket(m.c).room = room
		if m.c.out != nil {
			l.writable(m.c)
		}
	})
}

// bring brings what is behind further, a page at a time.
func (m *mix) bring() {
	select {
	case f := <-m.told:
		m.lags = append(m.lags, &mixLag{fell: f})
	default:
	}
	if len(m.lags) == 0 {
		return
	}
	i := m.rng.IntN(len(m.lags))
	lag := m.lags[i]
	if lag.page != nil {
		select {
		case <-lag.page:
		default:
			return
		}
	}
	var page []byte
	rest := m.past[lag.held.Topic()][lag.after:]
	for _, f := range rest[:min(mixPage, len(rest))] {
		page = append(page, f.Bytes...)
		lag.after++
	}
	if page != nil {
		lag.held.Send(&Frame{Bytes: page})
		lag.page = make(chan struct{})
		m.c.AfterWritten(func() { close(lag.page) })
	}
	if len(rest) <= mixPage && lag.held.CatchUp(Catch{After: lag.after, Replay: true, Most: mixAtOnce}) == Live {
		m.lags = append(m.lags[:i], m.lags[i+1:]...)
	}
}

// finish gives room until nothing is behind any more.
func (m *mix) finish() {
	behind := func() bool { return keptOf(m.e, "replay:a") != nil || keptOf(m.e, "replay:b") != nil }
	for m.settle(); behind() && !m.c.Ended(); m.settle() {
		m.give(anyRoom)
		if len(m.lags) == 0 {
			m.lags = append(m.lags, &mixLag{fell: await(m.rig, m.told, "Behind")})
		}
		m.bring()
	}
	m.give(anyRoom)
}

func (m *mix) compare() {
	if m.c.Ended() {
		m.Fatalf("it has ended: %v", m.c.Err())
	}
	next, got := map[string]int{}, map[string]map[int]bool{}
	for _, name := range mixNames {
		next[name], got[name] = 1, map[int]bool{}
	}
	for _, text := range strings.Split(strings.TrimSuffix(payloads(m.raw), ","), ",") {
		var topic string
		var from, to, lost int
		if n, _ := fmt.Sscanf(text, "%s %d-%d lost %d", &topic, &from, &to, &lost); n == 4 {
			if !m.events || mixTopics[topic] == Replay || from != next[topic] || lost != to-from+1 {
				m.Errorf("hole %q, and %d is next", text, next[topic])
			}
			next[topic] = to + 1
			continue
		}
		fmt.Sscanf(text, "%s %d", &topic, &from)
		if exact := m.events || mixTopics[topic] == Replay; from < next[topic] || exact && from != next[topic] {
			m.Errorf("got %q, and %d is next", text, next[topic])
		}
		got[topic][from], next[topic] = true, from+1
	}
	for name, past := range m.past {
		if next[name] != len(past)+1 {
			m.Errorf("%s ends before %d, want all %d", name, next[name], len(past))
		}
		newest := map[string]int{}
		for i, f := range past {
			newest[f.Pub.Key] = i + 1
		}
		for key, n := range newest {
			if mixTopics[name] == KeepLatest && !got[name][n] {
				m.Errorf("%s: %d, the newest of key %s, did not come", name, n, key)
			}
		}
	}
}
