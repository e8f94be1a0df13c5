//go:build unix

package redistest

import (
	"bytes"
	"errors"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to do what it is told.
const patience = 20 * time.Second

// Server is a redis-server under test.
type Server struct {
	// Addr is its host and port, the same after a restart.
	Addr string

	t    testing.TB
	dir  string
	args []string

	mu     sync.Mutex // guards the fields below
	run    *exec.Cmd
	log    *bytes.Buffer
	exited chan struct{}
}

// Start starts a server with these arguments beside its own, such as "--appendonly",
// "yes". It returns when the server answers, and fails the test if it does not. The
// server ends with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), args: args, Addr: freeAddr(t)}
	t.Cleanup(s.Kill)
	s.start()
	return s
}

// freeAddr finds a port that nobody uses at this moment.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: no free port: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}

// URL is what a client is given.
func (s *Server) URL() string { return "redis://" + s.Addr }

// Dir is the folder in which the server keeps its files.
func (s *Server) Dir() string { return s.dir }

func (s *Server) port() string {
	_, port, _ := net.SplitHostPort(s.Addr)
	return port
}

func (s *Server) start() {
	s.t.Helper()
	args := append([]string{
		"--bind", "127.0.0.1", "--port", s.port(), "--dir", s.dir,
		"--save", "", "--appendonly", "no", "--enable-debug-command", "local",
	}, s.args...)
	log := new(bytes.Buffer)
	run := exec.Command("redis-server", args...)
	run.Stdout, run.Stderr, run.SysProcAttr = log, log, withParent()
	if err := run.Start(); err != nil {
		s.t.Fatalf("redistest: redis-server does not start: %v (is it installed?)", err)
	}
	exited := make(chan struct{})
	go func() { // owner: the server; ends with the process
		defer close(exited)
		run.Wait()
	}()
	s.mu.Lock()
	s.run, s.log, s.exited = run, log, exited
	s.mu.Unlock()
	s.wait(exited)
}

// wait waits until the server answers.
func (s *Server) wait(exited <-chan struct{}) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		if answer, err := s.try("PING"); err == nil && answer == "PONG" {
			return
		}
		select {
		case <-tick.C:
		case <-exited:
			s.t.Fatalf("redistest: redis-server has ended:\n%s", s.log)
		case <-deadline:
			s.t.Fatalf("redistest: redis-server does not answer")
		}
	}
}

// signal sends a signal if the server runs.
func (s *Server) signal(sig syscall.Signal) (exited <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil && s.run.Process != nil {
		s.run.Process.Signal(sig)
	}
	return s.exited
}

// Pause stops the server's process, which keeps its connections.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

// Kill ends the server at once.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server in an orderly way, so that it writes what it was asked to keep.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

func (s *Server) end(sig syscall.Signal) {
	exited := s.signal(sig)
	if exited == nil {
		return
	}
	select {
	case <-exited:
	case <-time.After(patience):
		s.t.Errorf("redistest: redis-server does not end")
	}
}

// Start starts the server again, after Stop or Kill.
func (s *Server) Start() { s.t.Helper(); s.start() }

// Restart is Stop and Start.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.Start()
}

// Do makes a call of the server and returns its reply, of which arrays are lines. It
// fails the test if that is an error.
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	answer, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("redistest: %q: %v", args, err)
	}
	return answer
}

// Try is Do, and returns the error.
func (s *Server) Try(args ...string) (string, error) { return s.try(args...) }

// Until makes a call until the reply is as wanted, and fails the test if it never is.
func (s *Server) Until(wanted func(reply string) bool, args ...string) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		reply, err := s.try(args...)
		if err == nil && wanted(reply) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("redistest: %q still says %q, %v", args, reply, err)
		}
	}
}

var errReply = errors.New("not a reply")

func number(s string) (int, error) { return strconv.Atoi(s) }
