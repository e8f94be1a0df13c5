package external_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/livetopics/live/bench/internal/external"
	"github.com/livetopics/live/bench/internal/process"
)

func TestNATSStartsAnswersAndIsGoneWhenItIsStopped(t *testing.T) {
	bin := t.TempDir()
	if err := process.Build(bin, external.NATSPackage); err != nil {
		t.Fatal(err)
	}
	b, err := external.NATS(filepath.Join(bin, "nats-server"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Requests(); err != nil {
		t.Error(err)
	}
	c, err := net.Dial("tcp", b.Addr)
	if err != nil {
		t.Error(err)
	} else {
		c.Close()
	}
	if err := b.Stop(); err != nil {
		t.Error(err)
	}
	if err := b.Stop(); err != nil {
		t.Errorf("stopped again: %v", err)
	}
	if c, err := net.Dial("tcp", b.Addr); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

func TestWithoutRedisOneIsToldHowToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := external.Redis(); !errors.Is(err, external.ErrNoRedis) {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatIsNoServerIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nats-server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho no\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := external.NATS(path); err == nil {
		t.Error("nothing was said of a server that ends at once")
	}
}
