package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/examples/internal/wstest"
)

// stepwise is a job that takes a step, or ends, when its test says so.
type stepwise struct {
	steps chan int   // report this of 10
	ends  chan error // return this
}

func (s stepwise) work(ctx context.Context, report func(done, total int)) error {
	for {
		select {
		case done := <-s.steps:
			report(done, 10)
		case err := <-s.ends:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func startStepwise(t *testing.T) (string, stepwise) {
	s := stepwise{make(chan int), make(chan error)}
	handler, shutdown := newHandler(s.work)
	return wstest.Serve(t, handler, shutdown), s
}

// begin starts a job and returns its topic.
func begin(t *testing.T, url string) string {
	t.Helper()
	status, body := wstest.Request(t, "POST", url+"/jobs", "")
	var started struct{ Topic string }
	if err := json.Unmarshal([]byte(body), &started); err != nil || status != http.StatusAccepted {
		t.Fatalf("starting a job is answered with %d %q", status, body)
	}
	return started.Topic
}

// watch opens a session that watches a job.
func watch(t *testing.T, url, topic string) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws")
	c.Send("watch", `{"topic":"`+topic+`"}`)
	return c
}

// sees expects a job to be this far.
func sees(c *wstest.Conn, topic, state string, done, total int) {
	c.Expect(topic, fmt.Sprintf(`{"state":%q,"done":%d,"total":%d}`, state, done, total))
}

func TestWatcherSeesAJobProceedToItsEnd(t *testing.T) {
	url, job := startStepwise(t)
	topic := begin(t, url)
	c := watch(t, url, topic)
	sees(c, topic, "running", 0, 0)
	job.steps <- 5
	sees(c, topic, "running", 5, 10)
	job.steps <- 10
	sees(c, topic, "running", 10, 10)
	job.ends <- nil
	sees(c, topic, "done", 10, 10)
}

func TestWhoComesLateSeesHowFarItIs(t *testing.T) {
	url, job := startStepwise(t)
	topic := begin(t, url)
	early := watch(t, url, topic)
	sees(early, topic, "running", 0, 0)
	job.steps <- 5
	sees(early, topic, "running", 5, 10)
	late := watch(t, url, topic)
	sees(late, topic, "running", 5, 10)
	job.ends <- nil
	sees(late, topic, "done", 5, 10)
	sees(watch(t, url, topic), topic, "done", 5, 10) // even after its end
}

func TestFailureIsShownWithoutItsReason(t *testing.T) {
	url, job := startStepwise(t)
	topic := begin(t, url)
	c := watch(t, url, topic)
	sees(c, topic, "running", 0, 0)
	job.ends <- errors.New("no route to db.internal")
	sees(c, topic, "failed", 0, 0)
}

func TestOnlySoManyJobsRun(t *testing.T) {
	url, job := startStepwise(t)
	topic := begin(t, url)
	c := watch(t, url, topic)
	sees(c, topic, "running", 0, 0)
	for range mostRunning - 1 {
		begin(t, url)
	}
	status, body := wstest.Request(t, "POST", url+"/jobs", "")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "4 jobs") {
		t.Errorf("a job too many is answered with %d %q", status, body)
	}
	for range mostRunning { // whichever they are; the one that is watched is among them
		job.ends <- nil
	}
	sees(c, topic, "done", 0, 0)
}

func TestOldJobsAreForgotten(t *testing.T) {
	s := stepwise{ends: make(chan error)}
	r := newRunner(s.work)
	r.server = live.New(live.Options{})
	defer r.server.Shutdown(t.Context())
	first, err := r.start()
	if err != nil {
		t.Fatal(err)
	}
	s.ends <- nil
	r.group.Wait()
	for range mostEnded {
		if _, err := r.start(); err != nil {
			t.Fatal(err)
		}
		s.ends <- nil
		r.group.Wait()
	}
	_, known := r.jobs[first]
	if known || len(r.jobs) != mostEnded || len(r.ended) != mostEnded {
		t.Errorf("the first is known: %v; %d jobs are kept, %d of them ended", known, len(r.jobs), len(r.ended))
	}
}

func TestUnknownJobIsRefused(t *testing.T) {
	url, _ := startStepwise(t)
	for _, topic := range []string{"job:guessed", ""} {
		watch(t, url, topic).Expect("error", `{"code":"not_found","message":"watch a job's topic"}`)
	}
}

func TestShutdownStopsJobsAndSaysSo(t *testing.T) {
	s := stepwise{make(chan int), make(chan error)}
	handler, shutdown := newHandler(s.work)
	url := wstest.Serve(t, handler, func(context.Context) error { return nil })
	topic := begin(t, url)
	c := watch(t, url, topic)
	sees(c, topic, "running", 0, 0)
	ended := make(chan error, 1)
	go func() { ended <- shutdown(t.Context()) }()
	sees(c, topic, "stopped", 0, 0)
	c.ExpectClose(1001)
	if err := <-ended; err != nil {
		t.Errorf("the shutdown: %v", err)
	}
	if status, _ := wstest.Request(t, "POST", url+"/jobs", ""); status != http.StatusServiceUnavailable {
		t.Errorf("a job after the end is answered with %d, not 503", status)
	}
}

func TestJobsLeavesCleanly(t *testing.T) { wstest.LeavesCleanly(t, "/ws", serve) }
