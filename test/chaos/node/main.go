package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/broker"
)

// leaveWithin is how long a node may take to end after its window.
const leaveWithin = 8 * time.Second

// node is a server, and what is asked about it.
type node struct {
	server  *live.Server
	broker  broker.Broker
	leaving atomic.Bool
}

func main() {
	var flags brokerFlags
	flags.register()
	name := flag.String("name", "node", "the node's name")
	window := flag.Duration("window", 2*time.Second, "over how long clients are sent away at the end")
	debug := flag.Bool("debug", false, "log more")
	flag.Parse()
	level := slog.LevelInfo
	if *debug {
		level = slog.LevelDebug
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})).With("node", *name))
	if err := run(&flags, *name, *window); err != nil {
		slog.Error("the node ends", "error", err)
		os.Exit(1)
	}
}

func run(flags *brokerFlags, name string, window time.Duration) error {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	open, stopBroker, err := flags.open(name)
	if err != nil {
		return err
	}
	n := &node{}
	n.server = live.New(live.Options{
		Node:     name,
		OnAuth:   func(_ context.Context, r *http.Request) (any, error) { return r.URL.Query().Get("user"), nil },
		Identify: func(value any) (string, any) { return value.(string), nil },
		Broker: func(deliver broker.Deliver) (b broker.Broker, err error) {
			n.broker, err = open(deliver)
			return n.broker, err
		},
		Timeouts: live.Timeouts{
			Idle: 10 * time.Second, Write: 5 * time.Second, Close: time.Second,
			TopicIdle: 2 * time.Second, Presence: 2 * time.Second,
		},
	})
	registerRules(n.server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	web := &http.Server{Handler: n.routes()}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }() // owner: this function; ends when web is closed below
	fmt.Println("ready", listener.Addr())
	select {
	case <-stopped.Done():
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	}
	n.leaving.Store(true)
	slog.Info("leaving")
	ctx, cancel := context.WithTimeout(context.Background(), window+leaveWithin)
	defer cancel()
	err = errors.Join(n.server.Drain(ctx, window), n.server.Shutdown(ctx), web.Shutdown(ctx), stopBroker(ctx))
	slog.Info("left", "error", err)
	return err
}

// routes are what the node answers.
func (n *node) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/ws", n.server.Handler())
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := n.broker.Err(); err != nil || n.leaving.Load() {
			http.Error(w, fmt.Sprintf("not ready: %v", err), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/stats", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(n.server.Stats())
	})
	return mux
}
