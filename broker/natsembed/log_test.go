package natsembed_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

// lines are what was logged.
type lines struct {
	mu  sync.Mutex // guards all
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func TestAClusterThatStartsWarnsOfNothing(t *testing.T) {
	var out lines
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	peers := free(t, 3)
	var all []*natsembed.Server
	for _, addr := range peers {
		all = append(all, start(t, natsembed.Options{Listen: addr, Peers: peers, Secret: "s", Dir: t.TempDir(), Logger: log}))
	}
	for _, s := range all {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b, err := all[0].Broker(natsbroker.Options{})(func(string, string, *broker.Publication) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	for line := range strings.Lines(said) {
		if strings.Contains(line, "level=WARN") {
			t.Errorf("warned: %s", line)
		}
	}
	if strings.Contains(said, "4222") || !strings.Contains(said, all[0].Name()) {
		t.Errorf("where it is connected is told as %s", said)
	}
}
