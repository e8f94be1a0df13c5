package live_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live"
)

var (
	modelAmount = flag.Int("live.publications", 120_000, "how many publications the model test makes")
	modelSeed   = flag.Uint64("live.seed", 0, "what the model test's choices follow from; 0: another each time")
)

const modelClients = 20

// model is the model test: publishers and clients that do what comes to their mind, and
// check all that they are told against what was published.
type model struct {
	rig      *rig
	late     bool // the broker delivers what history has already
	seed     uint64
	topics   []*modelTopic
	byName   map[string]*modelTopic
	pace     *modelPace
	sessions [modelClients]atomic.Pointer[modelSession] // the newest of each client

	acted   sync.WaitGroup // clients that still act
	settled chan struct{}  // closed when the last word was said on every topic

	received, gaps, cuts, slow, recovered, lost atomic.Int64

	mu       sync.Mutex // guards failures
	failures []string
}

// modelSession is a session of a client's; n counts them.
type modelSession struct {
	session *live.Session
	n       uint32
}

func TestModelOfPublishersAndClientsUnderEveryRule(t *testing.T) {
	for i, kind := range []socketKind{tcpSocket, wrappedSocket} {
		t.Run(kind.name, func(t *testing.T) {
			seed := *modelSeed
			if seed == 0 {
				seed = rand.Uint64()
			}
			o := live.Options{}
			if kind.wrapped { // with a broker that could be elsewhere
				o.Broker = openHesitant
			}
			share := *modelAmount / 2
			if i == 0 {
				share = *modelAmount - share
			}
			runModel(t, kind, o, seed, share)
		})
	}
}

func runModel(t *testing.T, kind socketKind, o live.Options, seed uint64, publications int) {
	t.Logf("-live.seed=%d", seed)
	m := &model{
		seed: seed, topics: modelTopics(), byName: make(map[string]*modelTopic),
		pace: newModelPace(publications, modelClients), settled: make(chan struct{}),
	}
	m.late = o.Broker != nil
	m.serve(t, kind, o)
	m.acted.Add(modelClients)
	var publishers, clients sync.WaitGroup
	for p := range modelPublishers {
		publishers.Go(func() { m.publish(uint16(p + 1)) })
	}
	for i := range modelClients {
		clients.Go(newModelClient(m, i).run)
	}
	publishers.Wait()
	m.acted.Wait()
	m.sayLastWord()
	close(m.settled)
	clients.Wait()
	for _, topic := range m.topics {
		if topic.numbered() && !m.failed() {
			if err := topic.log.check(topic); err != nil {
				m.failf("%s: %v", topic.name, err)
			}
		}
	}
	for _, failure := range m.failures {
		t.Error(failure)
	}
	t.Logf("%d publications, received %d times; %d connections cut, %d too slow; %d times recovered, %d times in part; %d gaps",
		publications, m.received.Load(), m.cuts.Load(), m.slow.Load(), m.recovered.Load(), m.lost.Load(), m.gaps.Load())
}

// serve starts the server, with queues and kernel buffers that are soon full.
func (m *model) serve(t *testing.T, kind socketKind, o live.Options) {
	o.QueueSize = 128
	o.Limits = live.Limits{MessagesPerSecond: -1, BytesPerSecond: -1}
	o.Timeouts = live.Timeouts{Write: -1, Idle: -1, Close: patience}
	o.Logger = slog.New(slog.DiscardHandler)
	o.OnAuth = func(_ context.Context, r *http.Request) (any, error) {
		return r.URL.Query().Get("client") + "/" + r.URL.Query().Get("n"), nil
	}
	o.Identify = func(value any) (string, any) {
		name, _, _ := strings.Cut(value.(string), "/")
		return name, nil
	}
	o.OnConnect = func(_ context.Context, s *live.Session) error {
		var client int
		var n uint32
		if _, err := fmt.Sscanf(s.Value().(string), "c%d/%d", &client, &n); err != nil {
			return err
		}
		m.sessions[client].Store(&modelSession{s, n})
		return nil
	}
	m.rig = newRig(kind, o)
	for _, topic := range m.topics {
		m.byName[topic.name] = topic
		m.rig.server.Topic(topic.name, topic.rule)
	}
	m.rig.server.Topic("wild:*", live.Rule{CanSubscribe: live.Anyone})
	m.rig.start(t, m.rig.server.Handler(), 8<<10)
	ended := make(chan struct{})
	var draining sync.WaitGroup
	draining.Go(func() { // the rig's lists of sessions would be full one day
		for {
			select {
			case <-m.rig.joined:
			case <-m.rig.left:
			case <-ended:
				return
			}
		}
	})
	t.Cleanup(func() { close(ended); draining.Wait() })
}

// failf notes a failure, and makes all end.
func (m *model) failf(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.failures) < 10 {
		m.failures = append(m.failures, fmt.Sprintf(format, args...))
	}
	m.pace.end()
}

func (m *model) failed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.failures) > 0
}

// random makes a source of choices for one of those who act.
func (m *model) random(who int) *rand.Rand { return rand.New(rand.NewPCG(m.seed, uint64(who))) }

// modelDeadline tells whoever waits for the end when to give up.
func modelDeadline() func() bool {
	at := time.Now().Add(patience / 3)
	return func() bool { return time.Now().After(at) }
}
