package natsbroker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

// mostUnconfirmed is how many publications without history may be on their way.
const mostUnconfirmed = 4096

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) count(s string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return bytes.Count(j.text.Bytes(), []byte(s))
}

// plain publishes on a topic without history.
func plain(ctx context.Context, b *natsbroker.Broker, topic, data string) error {
	_, err := b.Publish(ctx, &broker.Message{Topic: topic, Data: []byte(data)})
	return err
}

// fill publishes until it is refused, and returns what was accepted.
func fill(t *testing.T, b *natsbroker.Broker) (accepted int) {
	t.Helper()
	for ; accepted <= mostUnconfirmed; accepted++ {
		if err := plain(t.Context(), b, "plain", fmt.Sprint(accepted)); err != nil {
			if !errors.Is(err, broker.ErrUnavailable) {
				t.Fatalf("the error is %v, want ErrUnavailable", err)
			}
			return accepted
		}
	}
	t.Fatalf("%d were accepted", accepted)
	return accepted
}

func TestALinkThatConfirmsNothingTakesABoundedNumber(t *testing.T) {
	s := reachable(t, natsembed.Options{})
	p := newProxy(t, s.ClientURL())
	var r record
	o := options()
	o.URL = s.ClientURL()
	to := outside(t, o, r.deliver)
	follow(t, to, "plain", broker.History{})
	o.URL = p.url()
	b := outside(t, o, func(string, string, *broker.Publication) {})
	if err := plain(t.Context(), b, "other", "0"); err != nil {
		t.Fatal(err)
	}
	p.hold()
	n := fill(t, b)
	if err := plain(t.Context(), b, "plain", "refused"); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("the error is %v, want ErrUnavailable", err)
	}
	p.release()
	eventually(t, "publishing succeeds", func() bool { return plain(t.Context(), b, "plain", "last") == nil })
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint(i))
	}
	r.wait(t, "plain", append(want, "last")...)
	if got := b.Stats().Unconfirmed; got != 0 {
		t.Errorf("%d are counted as unconfirmed, and all came", got)
	}
}

func TestWhatWasNotConfirmedWhenTheConnectionBrokeIsCountedAndLogged(t *testing.T) {
	s := reachable(t, natsembed.Options{})
	p := newProxy(t, s.ClientURL())
	var log journal
	o := options()
	o.URL, o.Logger = p.url(), slog.New(slog.NewTextHandler(&log, nil))
	b := outside(t, o, func(string, string, *broker.Publication) {})
	if err := plain(t.Context(), b, "plain", "confirmed"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first is confirmed", func() bool { return b.Unconfirmed() == 0 })
	p.hold()
	n := fill(t, b)
	p.cut()
	p.release()
	eventually(t, "it is counted", func() bool { return b.Stats().Unconfirmed > 0 })
	p.mend()
	eventually(t, "publishing succeeds", func() bool { return plain(t.Context(), b, "plain", "later") == nil })
	eventually(t, "it is confirmed", func() bool { return b.Unconfirmed() == 0 })
	if got := b.Stats().Unconfirmed; got != uint64(n) {
		t.Errorf("%d are counted, want %d", got, n)
	}
	if got := log.count(fmt.Sprintf("these may be lost\" publications=%d\n", n)); got != 1 {
		t.Errorf("it is logged %d times:\n%s", got, log.text.String())
	}
}

func TestTheOrderOfAPublisherIsKeptWithoutHistory(t *testing.T) {
	var r record
	o := options()
	to := open(t, single(t), o, r.deliver)
	t.Cleanup(func() { closeIt(t, to) })
	from := open(t, single(t), o, func(string, string, *broker.Publication) {})
	t.Cleanup(func() { closeIt(t, from) })
	follow(t, to, "plain", broker.History{})
	var want []string
	for i := range 3 * mostUnconfirmed {
		want = append(want, fmt.Sprint(i))
		if err := plain(t.Context(), from, "plain", want[i]); err != nil {
			t.Fatal(err)
		}
	}
	r.wait(t, "plain", want...)
}
