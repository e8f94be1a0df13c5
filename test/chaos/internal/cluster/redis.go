package cluster

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Redis is a redis-server, which keeps its address over restarts.
type Redis struct {
	*Process
	Addr string // host and port
}

// newRedis makes one that keeps what it has accepted, or, if it may lose, nothing.
func newRedis(o *Options) (*Redis, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("cluster: %w; on Debian: apt-get install redis-server", err)
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "redis")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	_, port, _ := net.SplitHostPort(addr)
	args := []string{"--bind", "127.0.0.1", "--port", port, "--dir", data, "--save", ""}
	if !o.MayLose {
		args = append(args, "--appendonly", "yes", "--appendfsync", "always")
	}
	p, err := newProcess("redis", path, args, o, "")
	if err != nil {
		return nil, err
	}
	return &Redis{Process: p, Addr: addr}, nil
}

// Start starts it and waits until it answers.
func (r *Redis) Start(ctx context.Context) error {
	if _, err := r.Process.Start(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if pong(r.Addr) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("cluster: redis does not answer: %w", ctx.Err())
		}
	}
}

// pong asks whether it has its data and answers.
func pong(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	answer := make([]byte, 7)
	n, _ := c.Read(answer)
	return string(answer[:n]) == "+PONG\r\n"
}

// freeAddress is one on the loopback that nobody listens at.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("cluster: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// newProcess makes one with its log.
func newProcess(name, path string, args []string, o *Options, ready string) (*Process, error) {
	log, err := os.OpenFile(filepath.Join(o.Dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	return &Process{Name: name, path: path, args: args, log: log, ready: ready, crash: o.Crashed}, nil
}
