package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/livetopics/live/bench/internal/control"
)

// patience is how long a server may take to start, to collect or to end.
const patience = 20 * time.Second

// Server is a server under test, a process of its own. Its methods are for one goroutine.
type Server struct {
	Addr    string // host:port of its listener
	Dialect string // how its clients talk: see package dialect
	PID     int

	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string   // its standard output; closed at its end
	ended  chan struct{} // closed once the process has ended and errs is whole
	errs   bytes.Buffer  // its standard error; read only after ended
	reason error         // how it ended; read only after ended
}

// Start runs the server at path with these arguments, tied to processor cpu unless that is AnyCPU, and waits until it has
// announced itself, at most twenty seconds.
func Start(path string, cpu int, args ...string) (*Server, error) {
	s := &Server{cmd: exec.Command(path, args...), lines: make(chan string, 8), ended: make(chan struct{})}
	s.cmd.Stderr = &s.errs
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	if err := OnCPU(cpu, s.cmd.Start); err != nil {
		return nil, fmt.Errorf("process: starting %s: %w", path, err)
	}
	s.in, s.PID = in, s.cmd.Process.Pid
	// Owned by s; ends when the process does.
	go s.follow(out)
	line, err := s.answer(control.Listening)
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if n, err := fmt.Sscan(line, &s.Addr, &s.Dialect); n != 2 {
		return nil, errors.Join(fmt.Errorf("process: %s announced itself as %q: %w", path, line, err), s.Stop())
	}
	return s, nil
}

// follow passes on what the server says until it ends.
func (s *Server) follow(out io.Reader) {
	defer close(s.ended)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		select {
		case s.lines <- lines.Text():
		default: // nobody asked for that much: to wait here would keep Stop waiting
		}
	}
	close(s.lines)
	s.reason = s.cmd.Wait()
}

// answer waits for a line that begins with word and returns what follows it.
func (s *Server) answer(word string) (string, error) {
	select {
	case line, ok := <-s.lines:
		if rest, found := strings.CutPrefix(line, word); ok && found {
			return strings.TrimSpace(rest), nil
		}
		return "", fmt.Errorf("process: %s said %q instead of %q", s.cmd.Path, line, word)
	case <-time.After(patience):
		return "", fmt.Errorf("process: %s did not say %q within %v", s.cmd.Path, word, patience)
	}
}

// Collect makes the server collect its garbage and give free memory back, and waits until it has.
func (s *Server) Collect() error {
	if _, err := fmt.Fprintln(s.in, control.Collect); err != nil {
		return fmt.Errorf("process: asking %s to collect: %w", s.cmd.Path, err)
	}
	_, err := s.answer(control.Collected)
	return err
}

// Stop ends the server and waits for that, however full its queues are. It fails where the server had
// ended by itself before, with what it said on standard error.
func (s *Server) Stop() error {
	select {
	case <-s.ended:
		return fmt.Errorf("process: %s died before it was stopped: %v\n%s", s.cmd.Path, s.reason, s.tail())
	default:
	}
	s.in.Close()
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return fmt.Errorf("process: %s did not end within %v and was killed\n%s", s.cmd.Path, patience, s.tail())
	}
	if s.reason != nil {
		return fmt.Errorf("process: %s ended badly: %w\n%s", s.cmd.Path, s.reason, s.tail())
	}
	return nil
}

// Kill ends the server at once, with SIGKILL, and waits for that. It fails where the server had ended by itself
// before, with what it said on standard error.
func (s *Server) Kill() error {
	select {
	case <-s.ended:
		return fmt.Errorf("process: %s died before it was killed: %v\n%s", s.cmd.Path, s.reason, s.tail())
	default:
	}
	err := s.cmd.Process.Kill()
	<-s.ended
	return err
}

// tail is the end of what the server said on standard error.
func (s *Server) tail() []byte {
	const most = 4 << 10
	text := s.errs.Bytes()
	return text[max(0, len(text)-most):]
}
