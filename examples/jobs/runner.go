package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"

	"github.com/livetopics/live"
)

// Limits of the runner: how many jobs run at a time, and of how many that have ended it still knows how.
const (
	mostRunning = 4
	mostEnded   = 100
)

// job is work to be done: it reports how far it is, and gives up when ctx ends.
type job func(ctx context.Context, report func(done, total int)) error

// progress is how far a job is, and the data of every publication about it.
type progress struct {
	State string `json:"state"` // running, done, failed or stopped
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// runner runs jobs in the background and publishes how they proceed.
type runner struct {
	server *live.Server
	work   job
	ctx    context.Context // of all jobs
	cancel context.CancelFunc
	group  sync.WaitGroup // the jobs that run

	// mu guards what follows. It is held while progress is published or sent, so that a newcomer's first look
	// is never older than what it has been sent before.
	mu      sync.Mutex
	jobs    map[string]progress // topic → how far
	running int
	ended   []string // topics, the oldest first
}

func newRunner(work job) *runner {
	r := &runner{work: work, jobs: map[string]progress{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// start starts a job and returns its topic, which is a secret of those who were told: its name is random.
func (r *runner) start() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ctx.Err() != nil:
		return "", errors.New("this program is ending: try again in a moment")
	case r.running == mostRunning:
		return "", errors.New("4 jobs are running: wait for one to end")
	}
	topic := "job:" + rand.Text()
	r.running++
	r.jobs[topic] = progress{State: "running"}
	r.group.Go(func() { r.run(topic) })
	return topic, nil
}

// run is a job from its start to its end.
func (r *runner) run(topic string) {
	var p progress
	err := r.work(r.ctx, func(done, total int) {
		p = progress{State: "running", Done: done, Total: total}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.publish(topic, p)
	})
	switch {
	case err == nil:
		p.State = "done"
	case r.ctx.Err() != nil:
		p.State = "stopped"
	default:
		p.State = "failed" // the reason is for the log, not for everybody who watches
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publish(topic, p)
	r.running--
	if r.ended = append(r.ended, topic); len(r.ended) > mostEnded {
		delete(r.jobs, r.ended[0])
		r.ended = r.ended[1:]
	}
}

// publish notes how far a job is and shows it to those who watch. The caller holds mu.
func (r *runner) publish(topic string, p progress) {
	r.jobs[topic] = p
	if data, err := json.Marshal(p); err == nil {
		_ = r.server.Publish(topic, data)
	}
}

// watch subscribes a session to a job and sends how far it is; false: there is no such job.
func (r *runner) watch(s *live.Session, topic string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, known := r.jobs[topic]
	if !known {
		return false
	}
	if err := r.server.Subscribe(s, topic); err != nil {
		return true // the session has ended
	}
	if data, err := json.Marshal(p); err == nil {
		_ = s.Send(live.Message{Topic: topic, Data: data})
	}
	return true
}

// stop ends all jobs and waits for them. None starts afterwards.
func (r *runner) stop() {
	r.mu.Lock()
	r.cancel() // under the lock: a start that has seen the context alive has counted its job
	r.mu.Unlock()
	r.group.Wait()
}
