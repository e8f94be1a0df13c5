package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a program that is started again and again under one name. Its methods may
// be called by many goroutines at once.
type Process struct {
	Name string // also of its log

	// Set once.
	path  string
	args  []string
	log   *os.File     // all it says
	crash func(string) // is told of an end that nobody meant
	ready string       // the line of its output that says so begins with this

	mu    sync.Mutex // guards what follows
	cmd   *exec.Cmd
	over  chan struct{} // closed when cmd has ended
	meant bool          // its end is
}

// errNotReady is of a program that does not say that it is ready.
var errNotReady = errors.New("it did not become ready")

// Start starts the program, and returns the rest of the line with which it says that it
// is ready.
func (p *Process) Start(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		return "", fmt.Errorf("cluster: %s runs already", p.Name)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("cluster: starting %s: %w", p.Name, err)
	}
	fmt.Fprintf(p.log, "--- started at %s\n", time.Now().UTC().Format(time.RFC3339Nano))
	cmd := exec.Command(p.path, p.args...)
	cmd.Stdout, cmd.Stderr = write, p.log
	dieWithUs(cmd)
	err = cmd.Start()
	write.Close()
	if err != nil {
		read.Close()
		return "", fmt.Errorf("cluster: starting %s: %w", p.Name, err)
	}
	over, said := make(chan struct{}), make(chan string, 1)
	p.cmd, p.over, p.meant = cmd, over, false
	go p.follow(cmd, read, said, over) // owner: the process; ends when the program does, which Kill sees to
	select {
	case line := <-said:
		return line, nil
	case <-over:
		return "", fmt.Errorf("cluster: starting %s: %w: it ended; see %s", p.Name, errNotReady, p.log.Name())
	case <-ctx.Done():
		return "", fmt.Errorf("cluster: starting %s: %w: %w; see %s", p.Name, errNotReady, ctx.Err(), p.log.Name())
	}
}

// follow reads what the program says until it ends.
func (p *Process) follow(cmd *exec.Cmd, read *os.File, said chan<- string, over chan struct{}) {
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), p.ready); ok {
			select {
			case said <- strings.TrimSpace(rest):
			default:
			}
		}
		fmt.Fprintln(p.log, lines.Text())
	}
	io.Copy(io.Discard, read) // a line too long for the scanner
	read.Close()
	err := cmd.Wait()
	close(over)
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.log, "--- ended at %s: %v\n", time.Now().UTC().Format(time.RFC3339Nano), err)
	if !p.meant {
		p.crash(fmt.Sprintf("%s ended by itself: %v; see %s", p.Name, err, p.log.Name()))
	}
	p.cmd = nil
}

// signal sends one, and says that the program is meant to end by it, or not.
func (p *Process) signal(s os.Signal, end bool) (over <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		gone := make(chan struct{})
		close(gone)
		return gone
	}
	p.meant = p.meant || end
	p.cmd.Process.Signal(s) // one that has ended just now needs none
	return p.over
}

// Kill ends the program without a word, and returns when it has ended.
func (p *Process) Kill() {
	<-p.signal(os.Kill, true)
	p.settled()
}

// Terminate asks the program to end, and returns when it has. One that does not within
// patience is made to say what it is doing, in its log, and the error says so.
func (p *Process) Terminate(patience time.Duration) error {
	over := p.signal(syscall.SIGTERM, true)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-over:
		p.settled()
		return nil
	case <-timer.C:
	}
	p.signal(syscall.SIGQUIT, true)
	timer.Reset(5 * time.Second)
	select {
	case <-over:
	case <-timer.C:
	}
	p.Kill()
	return fmt.Errorf("%s did not end within %s of SIGTERM; what it was doing is in %s", p.Name, patience, p.log.Name())
}

// settled waits until the end has been noted.
func (p *Process) settled() {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.Running() {
		<-tick.C
	}
}

// Running reports whether the program was started and has not ended.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd != nil
}
