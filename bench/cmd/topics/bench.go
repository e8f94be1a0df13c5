package main

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// The servers, by the names of their folders.
const (
	ours   = "live-topics"
	theirs = "centrifuge-topics"
)

// module is where the servers are.
const module = "github.com/livetopics/live/bench/servers/topics/"

// packages are what is built before anything is measured.
var packages = []string{module + ours, module + theirs}

// bench is one run: how large everything is, and what came out so far.
type bench struct {
	dir       string // of the servers' binaries
	serverCPU int
	rounds    int
	part      int           // everything is so many times smaller
	length    time.Duration // of what goes on for a time
	age       time.Duration // of what the store keeps
	rows      rows.Rows
}

// measure is one kind of thing to measure. It adds to its rows every time it is run.
type measure struct {
	name string
	run  func(*bench) error
}

// measures are what can be measured, in order.
var measures = []measure{
	{"history", (*bench).history},
	{"recovery", (*bench).recovery},
	{"subscriptions", (*bench).subscriptions},
	{"store", (*bench).store},
	{"presence", (*bench).presence},
}

// scaled is n in a run of full size.
func (b *bench) scaled(n int) int { return max(n/b.part, 1) }

// with starts a server, has f use it, and ends it. A result from a server that died is none.
func (b *bench) with(server string, f func(*process.Server) error, args ...string) error {
	s, err := process.Start(filepath.Join(b.dir, server), b.serverCPU, args...)
	if err != nil {
		return err
	}
	err = f(s)
	return errors.Join(err, s.Stop())
}

// spent is the CPU time that a server uses while f runs.
func spent(s *process.Server, f func() error) (cpu, wall time.Duration, err error) {
	if err := s.Collect(); err != nil {
		return 0, 0, err
	}
	before, err := process.CPU(s.PID)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	if err := f(); err != nil {
		return 0, 0, err
	}
	wall = time.Since(start)
	after, err := process.CPU(s.PID)
	return after - before, wall, err
}

// standing is a server's memory as it settles by itself.
func standing(s *process.Server) (int64, error) { return process.Settled(s.PID, rest) }

// collected is a server's memory after it has collected its garbage.
func collected(s *process.Server) (int64, error) {
	if err := s.Collect(); err != nil {
		return 0, err
	}
	return process.Settled(s.PID, rest)
}

// add adds a value that server has.
func add(r *rows.Row, server string, value float64) {
	if server == ours {
		r.Live = append(r.Live, value)
	} else {
		r.Other = append(r.Other, value)
	}
}

// rest waits.
func rest(d time.Duration) error {
	<-time.After(d)
	return nil
}
