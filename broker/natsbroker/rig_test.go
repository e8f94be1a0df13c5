package natsbroker_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

// lease is how long a node is believed to live in these tests.
const lease = time.Second

// servers are those that tests share: one alone, and three that are a cluster.
var servers shared

type shared struct {
	one, three sync.Once
	alone      *natsembed.Server
	cluster    []*natsembed.Server
	err        error
}

func (s *shared) shutdown(ctx context.Context) {
	for _, n := range append(s.cluster, s.alone) {
		if n != nil {
			_ = n.Shutdown(ctx)
		}
	}
}

// single is a server without a cluster.
func single(tb testing.TB) *natsembed.Server {
	tb.Helper()
	servers.one.Do(func() { servers.alone, servers.err = natsembed.Start(natsembed.Options{}) })
	if servers.err != nil {
		tb.Fatal(servers.err)
	}
	return servers.alone
}

// trio is a cluster of three.
func trio(tb testing.TB) []*natsembed.Server {
	tb.Helper()
	servers.three.Do(func() { servers.cluster, servers.err = startCluster(3) })
	if servers.err != nil {
		tb.Fatal(servers.err)
	}
	return servers.cluster
}

// startCluster starts servers and waits until they are a cluster.
func startCluster(n int) ([]*natsembed.Server, error) {
	var all []*natsembed.Server
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	peers, err := freeAddresses(n)
	if err != nil {
		return nil, err
	}
	for _, addr := range peers {
		s, err := natsembed.Start(natsembed.Options{Listen: addr, Peers: peers, Secret: "a secret"})
		if err != nil {
			return all, err
		}
		all = append(all, s)
	}
	for _, s := range all {
		if err := s.Ready(ctx); err != nil {
			return all, err
		}
	}
	return all, nil
}

// freeAddresses are some that nobody listens on.
func freeAddresses(n int) ([]string, error) {
	var all []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	return all, nil
}

// options are those of a test of its own.
func options() natsbroker.Options {
	o := natsbroker.Options{Prefix: "t" + rand.Text()[:10], Lease: lease}
	if os.Getenv("LIVE_TEST_LOG") != "" {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return o
}

// open opens a broker on a server. Who opens it closes it.
func open(tb testing.TB, s *natsembed.Server, o natsbroker.Options, d broker.Deliver) *natsbroker.Broker {
	tb.Helper()
	b, err := s.Broker(o)(d)
	if err != nil {
		tb.Fatal(err)
	}
	return b.(*natsbroker.Broker)
}
